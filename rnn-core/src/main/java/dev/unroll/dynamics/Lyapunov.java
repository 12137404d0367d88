package dev.unroll.dynamics;

import dev.unroll.cell.Initializer;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Sizes;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.random.RandomGenerator;

/**
 * Lyapunov exponents of a recurrent network driven by its input: the rates, in nats a step, at
 * which nearby states drift apart (above 0) or together (below). The largest is measured as the
 * growth of one vector, whose norm is made 1 again at each step; several as the growth of vectors
 * that are made orthonormal again (Benettin et al. 1980; for recurrent networks Engelken et al.
 * 2023, Vogt et al. 2022).
 *
 * <p>The vectors are gradients and go back through time, by the same code that trains the network.
 * So they are multiplied by the transposed Jacobians. Their product has the singular values of the
 * product that carries tangent vectors forward, so the exponents are the same in the limit, for any
 * cell. It is also the rate at which backpropagated gradients grow or vanish. The state is that of
 * all layers: h and, where there is one, c.
 */
public final class Lyapunov {
  private Lyapunov() {}

  /**
   * The exponent along each sequence of a batch.
   *
   * <p>States start at zero. The mean is over the steps from {@code burnIn} to {@code T - burnIn}:
   * before these the initial state still has an effect, and after these the random vector has not
   * yet turned towards the direction that grows fastest.
   *
   * @param network any cell and any layers, in one direction; its parameters and their gradients
   *     are left as they are
   * @param x {@code [T, B, I]}
   * @param steps T, more than twice burnIn
   * @param batch B
   * @param burnIn steps to leave out at each end, at least 0
   * @param seed of the random vector that is carried
   * @param team the threads
   * @return B exponents, in nats a step; minus infinity where the gradient becomes exactly zero, as
   *     it does where all ReLUs are off
   * @throws IllegalArgumentException if the network is bidirectional, no step is left, or x is too
   *     short
   */
  public static double[] largest(
      Recurrent network, float[] x, int steps, int batch, int burnIn, long seed, Team team) {
    double[] sum = new double[batch];
    grow(network, x, steps, batch, burnIn, seed, team, Lyapunov::normalize, sum);
    return sum;
  }

  /**
   * The largest exponents along one sequence, the spectrum where there are as many as the state has
   * elements.
   *
   * <p>As {@link #largest}; the vectors are made orthonormal at each step by the modified
   * Gram-Schmidt process, in the order of their exponents.
   *
   * @param network any cell and any layers, in one direction; its parameters and their gradients
   *     are left as they are
   * @param x {@code [T, I]}
   * @param steps T, more than twice burnIn
   * @param count how many, from 1 to the elements of the state
   * @param burnIn steps to leave out at each end, at least 0
   * @param seed of the random vectors that are carried
   * @param team the threads
   * @return so many exponents, in nats a step, largest first but for the error of measurement;
   *     minus infinity where no direction is left
   * @throws IllegalArgumentException if the network is bidirectional, no step is left, x is too
   *     short, or the count is too small or too large
   */
  public static double[] spectrum(
      Recurrent network, float[] x, int steps, int count, int burnIn, long seed, Team team) {
    RecurrentConfig config = network.config();
    int size = config.numLayers() * config.stateWidth();
    if (count < 1 || count > size) {
      throw new IllegalArgumentException(
          "count is %d: the state has %d elements, so give 1 to %d.".formatted(count, size, size));
    }
    int inputs = config.inputSize();
    Sizes.check("x", x.length, (long) steps * inputs, "T * I");
    float[] repeated = new float[Math.multiplyExact(steps * inputs, count)];
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < count; b++) {
        System.arraycopy(x, t * inputs, repeated, (t * count + b) * inputs, inputs);
      }
    }
    double[] sum = new double[count];
    grow(network, repeated, steps, count, burnIn, seed, team, Lyapunov::orthonormalize, sum);
    return sum;
  }

  /** Scales a batch of vectors and adds the logarithms of what each had grown by. */
  @FunctionalInterface
  private interface Rescale {
    void accept(State vectors, int layers, double[] logarithms);
  }

  private static void grow(
      Recurrent network,
      float[] x,
      int steps,
      int batch,
      int burnIn,
      long seed,
      Team team,
      Rescale rescale,
      double[] sum) {
    RecurrentConfig config = network.config();
    if (config.bidirectional()) {
      throw new IllegalArgumentException(
          "The network is bidirectional, so its states have no single order in time: use one"
              + " direction.");
    }
    if (burnIn < 0 || steps <= 2L * burnIn) {
      throw new IllegalArgumentException(
          "%d steps with a burn-in of %d leave none to average over: use more than twice the burn-in."
              .formatted(steps, burnIn));
    }
    int inputs = batch * config.inputSize();
    Sizes.check("x", x.length, (long) steps * inputs, "T * B * I");
    Workspace ws = network.workspace(1, batch, true, team);
    float[] xt = new float[inputs];
    float[] y = new float[batch * config.outputSize()];
    State[] before = new State[steps];
    before[0] = State.zeros(config, batch);
    for (int t = 0; t + 1 < steps; t++) {
      System.arraycopy(x, t * inputs, xt, 0, inputs);
      before[t + 1] = State.zeros(config, batch);
      network.forward(ws, xt, before[t], null, y, before[t + 1]);
    }
    State vector = State.zeros(config, batch);
    RandomGenerator random = Initializer.random(seed);
    vector.parts().forEach(part -> fill(part, random));
    float[] none = new float[y.length];
    float[] gradients = network.parameters().gradients().clone();
    State next = State.zeros(config, batch);
    int layers = config.numLayers();
    rescale.accept(vector, layers, new double[batch]);
    for (int t = steps - 1; t >= burnIn; t--) {
      System.arraycopy(x, t * inputs, xt, 0, inputs);
      network.forward(ws, xt, before[t], null, y, null);
      network.backward(ws, xt, none, vector, null, next);
      rescale.accept(next, layers, t < steps - burnIn ? sum : new double[batch]);
      State old = vector;
      vector = next;
      next = old;
    }
    System.arraycopy(gradients, 0, network.parameters().gradients(), 0, gradients.length);
    for (int b = 0; b < batch; b++) {
      sum[b] /= steps - 2.0 * burnIn;
    }
  }

  private static void fill(float[] values, RandomGenerator random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
  }

  /** Scales each sequence's vector to length 1 and adds the logarithm of the length it had. */
  private static void normalize(State vector, int layers, double[] logarithms) {
    double[] squares = new double[logarithms.length];
    vector.parts().forEach(part -> addSquares(part, layers, squares));
    for (int b = 0; b < squares.length; b++) {
      logarithms[b] += .5 * StrictMath.log(squares[b]);
    }
    vector.parts().forEach(part -> scale(part, layers, squares));
  }

  /** The modified Gram-Schmidt process over the sequences of a batch, the first one first. */
  private static void orthonormalize(State vectors, int layers, double[] logarithms) {
    int count = logarithms.length;
    for (int i = 0; i < count; i++) {
      double norm = StrictMath.sqrt(dot(vectors, layers, count, i, i));
      logarithms[i] += StrictMath.log(norm);
      for (float[] part : vectors.parts()) {
        scale(part, layers, count, i, norm);
      }
      for (int j = i + 1; j < count; j++) {
        double along = dot(vectors, layers, count, i, j);
        for (float[] part : vectors.parts()) {
          subtract(part, layers, count, i, j, along);
        }
      }
    }
  }

  private static double dot(State vectors, int layers, int count, int i, int j) {
    double sum = 0;
    for (float[] part : vectors.parts()) {
      sum += dot(part, layers, count, i, j);
    }
    return sum;
  }

  private static double dot(float[] rows, int layers, int count, int i, int j) {
    int size = rows.length / layers / count;
    double sum = 0;
    for (int layer = 0; layer < layers; layer++) {
      int one = (layer * count + i) * size;
      int other = (layer * count + j) * size;
      for (int k = 0; k < size; k++) {
        sum += (double) rows[one + k] * rows[other + k];
      }
    }
    return sum;
  }

  private static void subtract(float[] rows, int layers, int count, int i, int j, double along) {
    int size = rows.length / layers / count;
    for (int layer = 0; layer < layers; layer++) {
      int one = (layer * count + i) * size;
      int other = (layer * count + j) * size;
      for (int k = 0; k < size; k++) {
        rows[other + k] -= (float) (along * rows[one + k]);
      }
    }
  }

  private static void scale(float[] rows, int layers, int count, int i, double norm) {
    int size = rows.length / layers / count;
    for (int layer = 0; layer < layers; layer++) {
      int one = (layer * count + i) * size;
      for (int k = one; k < one + size; k++) {
        rows[k] = norm > 0 ? (float) (rows[k] / norm) : 0f;
      }
    }
  }

  /** Rows are {@code [layer][sequence]}. */
  private static void addSquares(float[] rows, int layers, double[] squares) {
    int size = rows.length / layers / squares.length;
    for (int i = 0; i < rows.length; i++) {
      squares[i / size % squares.length] += (double) rows[i] * rows[i];
    }
  }

  private static void scale(float[] rows, int layers, double[] squares) {
    int size = rows.length / layers / squares.length;
    for (int i = 0; i < rows.length; i++) {
      double square = squares[i / size % squares.length];
      rows[i] = square > 0 ? (float) (rows[i] / StrictMath.sqrt(square)) : 0f;
    }
  }
}
