package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.DotProduct;
import java.util.List;

/**
 * A cell whose state is a matrix S of K x V for each of N heads, written to by the gated delta rule
 * (Yang, Kautz and Hatamizadeh 2024, "Gated Delta Networks"), so that keys can be recalled. With
 * reach 2 a transition may have an eigenvalue below 0, which parity needs (Grazzi et al. 2025); n
 * Householder steps within a time step compose as many reflections, which permutations need (Siems
 * et al. 2025, "DeltaProduct"):
 *
 * <pre>
 * q      = l2(W_q x_t) / sqrt(K)
 * k_j    = l2(W_k x_t)_j            j = 1 .. n
 * v_j    = (W_v x_t)_j
 * beta_j = reach * sigmoid(W_beta x_t)_j
 * g      = -exp(a_log) * softplus(W_alpha x_t + dt_bias)
 * S      = exp(g) S_(t-1)
 * S      = S + beta_j k_j (v_j - Sᵀ k_j)ᵀ    for each j
 * y_t    = Sᵀ q                     heads side by side
 * </pre>
 *
 * <p>l2(x) = x / sqrt(sum of x² + 1e-6), for each head. The state is {@code S [N, K, V]}; there are
 * no biases. Parameters: {@code weight_q [N*K, I]}, {@code weight_k [n*N*K, I]}, {@code weight_v
 * [n*N*V, I]}, {@code weight_beta [n*N, I]}, {@code weight_alpha [N, I]}, {@code a_log [N]}, {@code
 * dt_bias [N]}; hidden_size is N*V, and j comes before the head.
 *
 * <p>Here is what happens to the numbers of the heads before and after the matrices, which are
 * {@link dev.unroll.kernel.DeltaRule}'s.
 */
public final class DeltaCell implements Cell {
  private static final float EPSILON = 1e-6f;
  private static final List<StatePart> STATES =
      List.of(
          new StatePart("S", sizes -> sizes.heads() * sizes.keySize() * sizes.valueSize(), true));

  private final String name;
  private final int householder;
  private final int reach;

  DeltaCell(String name, int householder, int reach) {
    this.name = name;
    this.householder = householder;
    this.reach = reach;
  }

  @Override
  public String name() {
    return name;
  }

  /** {@return n, the Householder steps within a time step} */
  public int householder() {
    return householder;
  }

  /** {@return what the sigmoid of beta is multiplied by} */
  public int reach() {
    return reach;
  }

  @Override
  public int gates() {
    return 0;
  }

  @Override
  public List<StatePart> states() {
    return STATES;
  }

  @Override
  public int outputSize(LayerSizes sizes) {
    return sizes.hiddenSize();
  }

  @Override
  public boolean hasHeads() {
    return true;
  }

  @Override
  public boolean hasKeys() {
    return true;
  }

  @Override
  public boolean hasRecurrentProduct() {
    return false;
  }

  /**
   * {@return the parameters of one layer in one direction}
   *
   * @param sizes of the layer
   * @param inputs I
   */
  public double parameterCount(LayerSizes sizes, double inputs) {
    double keys = (1.0 + householder) * sizes.keySize();
    double columns = keys + householder * (sizes.valueSize() + 1.0) + 1;
    return sizes.heads() * (columns * inputs + 2);
  }

  /**
   * Where the numbers of one head at one step lie in memory: q and the k_j, padded with zeros to a
   * multiple of 16, single numbers, and the v_j, padded too.
   *
   * @param keySize K
   * @param valueSize V
   * @param householder n
   */
  public record Layout(int keySize, int valueSize, int householder) {
    /** {@return K, padded} */
    public int keyWidth() {
      return padded(keySize);
    }

    /** {@return V, padded} */
    public int valueWidth() {
      return padded(valueSize);
    }

    private static int padded(int size) {
      return Math.ceilDiv(size, Columns.ATOM) * Columns.ATOM;
    }

    /** {@return where q is} */
    public int q() {
      return 0;
    }

    /**
     * {@return where k_j is}
     *
     * @param j from 0; -1 for q
     */
    public int k(int j) {
      return (1 + j) * keyWidth();
    }

    /**
     * {@return where beta_j is}
     *
     * @param j from 0
     */
    public int beta(int j) {
      return k(householder) + j;
    }

    /** {@return where exp(g) is} */
    public int decay() {
      return beta(householder);
    }

    /** {@return where g is} */
    public int logDecay() {
      return decay() + 1;
    }

    /** {@return where W_alpha x + dt_bias is} */
    int input() {
      return decay() + 2;
    }

    /** {@return where the factor is that q (-1) or k_j was multiplied by} */
    int scale(int j) {
      return decay() + 4 + j;
    }

    /**
     * {@return where there is room for v_j, and afterwards v_j - Sᵀ k_j}
     *
     * @param j from 0, or n for the end of all
     */
    public int v(int j) {
      return k(householder) + padded(2 * householder + 4) + j * valueWidth();
    }

    /** {@return floats of all but the v_j} */
    public int withoutValues() {
      return v(0);
    }

    /** {@return floats of a head} */
    public int width() {
      return v(householder);
    }
  }

  /**
   * What each head has one number of, for some steps at once, since an activation of many numbers
   * costs little more than one of a few.
   */
  public final class Gates {
    private final int heads;
    private final int betas;
    private final int alphas;
    private final float[] beta;
    private final float[] input;
    private final float[] logDecay;
    private final float[] decay;

    /**
     * Room for the steps of a block.
     *
     * @param heads N
     * @param steps the most
     */
    public Gates(int heads, int steps) {
      this.heads = heads;
      betas = Layout.padded(householder * heads);
      alphas = Layout.padded(heads);
      beta = Buffers.floats((long) steps * betas);
      input = Buffers.floats((long) steps * alphas);
      logDecay = Buffers.floats((long) steps * alphas);
      decay = Buffers.floats((long) steps * alphas);
    }

    /** {@return where W_beta x goes, {@code [step][n * N padded]} from {@link Buffers#BASE} on} */
    public float[] beta() {
      return beta;
    }

    /** {@return floats of a step there} */
    public int betaWidth() {
      return betas;
    }

    /** {@return where W_alpha x goes, {@code [step][N padded]} from {@link Buffers#BASE} on} */
    public float[] alpha() {
      return input;
    }

    /** {@return floats of a step there} */
    public int alphaWidth() {
      return alphas;
    }

    /**
     * Turns the products with x into beta, g and the decay.
     *
     * @param steps as many as are there
     * @param rate exp(a_log) of each head
     * @param dtBias of each head
     */
    public void activate(int steps, float[] rate, float[] dtBias) {
      int end = Buffers.BASE + steps * betas;
      Activations.sigmoid(beta, Buffers.BASE, steps * betas);
      for (int i = Buffers.BASE; i < end && reach != 1; i++) {
        beta[i] *= reach;
      }
      int all = steps * alphas;
      for (int step = 0; step < steps; step++) {
        for (int h = 0; h < heads; h++) {
          input[Buffers.BASE + step * alphas + h] += dtBias[h];
        }
      }
      Activations.softplus(logDecay, Buffers.BASE, input, Buffers.BASE, all);
      for (int step = 0; step < steps; step++) {
        for (int h = 0; h < heads; h++) {
          logDecay[Buffers.BASE + step * alphas + h] *= -rate[h];
        }
      }
      System.arraycopy(logDecay, Buffers.BASE, decay, Buffers.BASE, all);
      Activations.exp(decay, Buffers.BASE, all);
    }

    /**
     * Copies those of one head at one step to its other numbers.
     *
     * @param step of the block
     * @param head from 0
     * @param row where they go
     * @param at where the head's numbers start
     * @param layout where they lie
     */
    public void copy(int step, int head, float[] row, int at, Layout layout) {
      for (int j = 0; j < householder; j++) {
        row[at + layout.beta(j)] = beta[Buffers.BASE + step * betas + j * heads + head];
      }
      int from = Buffers.BASE + step * alphas + head;
      row[at + layout.decay()] = decay[from];
      row[at + layout.logDecay()] = logDecay[from];
      row[at + layout.input()] = input[from];
    }
  }

  /**
   * Turns a product with x into q or k_j, and keeps what it was multiplied by.
   *
   * @param row where q or k_j goes
   * @param at where the head's numbers start
   * @param layout where they lie
   * @param j of k_j, -1 for q
   * @param x the product, which may lie where the result goes
   * @param x0 where it starts
   * @param partial room for {@link DotProduct}
   */
  public void normalize(
      float[] row, int at, Layout layout, int j, float[] x, int x0, float[] partial) {
    float length = j < 0 ? 1f / (float) Math.sqrt(layout.keySize()) : 1f;
    row[at + layout.scale(j)] =
        DotProduct.normalize(
            row, at + layout.k(j), x, x0, layout.keyWidth(), length, EPSILON, partial);
  }

  /**
   * The reverse of {@link #normalize} and of {@link Gates#activate}: with x' = s x and c = K for q,
   * 1 for k,
   *
   * <pre>
   * dx     = s (dx' - c (dx' · x') x')
   * dbeta_pre = dbeta * beta (1 - beta / reach)
   * dalpha    = dg * -exp(a_log) sigmoid(W_alpha x + dt_bias)
   * da_log    = dg * g
   * </pre>
   *
   * @param d the gradients to q, k, beta and, where the decay is, to g; replaced by those to the
   *     products with x. Where g is, the head's part of the gradient to a_log is written
   * @param d0 where they start
   * @param row what {@link #normalize} and {@link Gates#copy} have left
   * @param at where it starts
   * @param layout where both lie
   * @param rate exp(a_log) of the head
   * @param partial room for {@link DotProduct}
   */
  public void backward(
      float[] d, int d0, float[] row, int at, Layout layout, float rate, float[] partial) {
    normalizeBackward(d, d0, row, at, layout, -1, layout.keySize(), partial);
    for (int j = 0; j < householder; j++) {
      normalizeBackward(d, d0, row, at, layout, j, 1f, partial);
      float beta = row[at + layout.beta(j)];
      d[d0 + layout.beta(j)] *= beta * (1f - beta / reach);
    }
    float dg = d[d0 + layout.decay()];
    float slope = -rate * Activations.sigmoid(row[at + layout.input()]);
    d[d0 + layout.decay()] = dg * slope;
    d[d0 + layout.logDecay()] = dg * row[at + layout.logDecay()];
  }

  private static void normalizeBackward(
      float[] d, int d0, float[] row, int at, Layout layout, int j, float factor, float[] partial) {
    int x = layout.k(j);
    int width = layout.keyWidth();
    float along = factor * DotProduct.sum(d, d0 + x, row, at + x, width, partial);
    float scale = row[at + layout.scale(j)];
    for (int i = 0; i < width; i++) {
      d[d0 + x + i] = scale * Math.fma(row[at + x + i], -along, d[d0 + x + i]);
    }
  }
}
