package dev.unroll.verify;

import dev.unroll.cell.DeltaCell;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The recurrent stack in double and plain loops, one sequence after another, straight from the
 * equations: what every fast path is held against. Shapes and names are those of {@link Recurrent};
 * gate orders i, f, g, o and r, z, n, and z, n and f, i, n of the minimal cells; {@link
 * StripEquations} has those of the cells with parameters of their own.
 */
public final class Oracle {
  /**
   * What a forward pass gives.
   *
   * @param y {@code [T, B, D*S]}
   * @param last for each of the cell's states {@code [L*D, B, width]}
   */
  public record Output(double[] y, double[][] last) {}

  /**
   * What a backward pass gives.
   *
   * @param parameters of each parameter, under its name
   * @param x {@code [T, B, I]}
   * @param initial for each of the cell's states {@code [L*D, B, width]}
   */
  public record Gradients(Map<String, double[]> parameters, double[] x, double[][] initial) {}

  /**
   * What backward needs of one step: pre-activations, the states before it and, with a projection,
   * what is projected.
   */
  private record Step(double[] x, double[] gi, double[] gh, double[][] before, double[] m) {}

  private final RecurrentConfig config;
  private final Map<String, double[]> parameters;

  /**
   * Reads the parameters anew in each pass, so that a test can move one of them.
   *
   * @param parameters {@code weight_ih_l0} and so on, row-major
   */
  public Oracle(RecurrentConfig config, Map<String, double[]> parameters) {
    this.config = config;
    this.parameters = parameters;
  }

  /** {@return a state of zeros, part by part} */
  public double[][] zeros(int batch) {
    int rows = config.numLayers() * config.numDirections() * batch;
    return config.cell().states().stream()
        .map(part -> new double[rows * config.width(part)])
        .toArray(double[][]::new);
  }

  private Step[][][] tape = {};

  /**
   * Runs the stack over a batch of sequences.
   *
   * @param x {@code [T, B, I]}
   * @param initial for each of the cell's states {@code [L*D, B, width]}
   * @param lengths steps of each sequence, 1 to T; as many as there are sequences
   * @throws IllegalArgumentException if there are no equations for the cell
   */
  public Output forward(double[] x, double[][] initial, int[] lengths) {
    int directions = config.numDirections();
    int batch = lengths.length;
    int stateSize = config.stateSize();
    int steps = x.length / batch / config.inputSize();
    tape = new Step[config.numLayers() * directions][batch][];
    double[][] last = zerosLike(initial);
    double[] in = x;
    for (int layer = 0; layer < config.numLayers(); layer++) {
      int features = in.length / steps / batch;
      double[] out = new double[steps * batch * config.outputSize()];
      for (int d = 0; d < directions; d++) {
        int row = layer * directions + d;
        for (int b = 0; b < batch; b++) {
          double[][] state = rows(initial, row * batch + b);
          tape[row][b] = new Step[lengths[b]];
          for (int s = 0; s < lengths[b]; s++) {
            int t = d == 0 ? s : lengths[b] - 1 - s;
            double[] xt = row(in, t * batch + b, features);
            if (config.cell() instanceof DeltaCell delta) {
              double[][] next = zerosLike(state);
              double[] y = delta(delta, layer, d).forward(xt, state[0], next[0]);
              tape[row][b][s] = new Step(xt, y, y, state, y);
              state = next;
              System.arraycopy(
                  y, 0, out, ((t * batch + b) * directions + d) * stateSize, stateSize);
              continue;
            }
            double[] gi = affine("weight_ih", "bias_ih", layer, d, xt);
            double[] gh = hidden() ? recurrent(layer, d, state[0]) : new double[0];
            double[][] next = zerosLike(state);
            next[0] = new double[cellWidth()];
            cellForward(layer, d, gi, gh, state, next);
            tape[row][b][s] = new Step(xt, gi, gh, state, next[0]);
            if (config.projSize() > 0) {
              next[0] = affine("weight_hr", null, layer, d, next[0]);
            }
            state = next;
            double[] h = next[0];
            System.arraycopy(h, 0, out, ((t * batch + b) * directions + d) * stateSize, stateSize);
          }
          putRows(last, row * batch + b, state);
        }
      }
      in = out;
    }
    return new Output(in, last);
  }

  /**
   * The gradients of sum(y gradY) + the sums of each last state times its gradient, at the last
   * forward pass.
   *
   * @param gradY {@code [T, B, D*S]}
   * @param gradLast for each of the cell's states {@code [L*D, B, width]}
   * @param lengths those of the forward pass
   */
  public Gradients backward(double[] gradY, double[][] gradLast, int[] lengths) {
    int directions = config.numDirections();
    int batch = lengths.length;
    int stateSize = config.stateSize();
    int steps = gradY.length / batch / config.outputSize();
    Map<String, double[]> gradients = new LinkedHashMap<>();
    parameters.forEach((name, values) -> gradients.put(name, new double[values.length]));
    double[][] gradInitial = zerosLike(gradLast);
    double[] gradOut = gradY;
    for (int layer = config.numLayers() - 1; layer >= 0; layer--) {
      int features = layer == 0 ? config.inputSize() : config.outputSize();
      double[] gradIn = new double[steps * batch * features];
      for (int d = 0; d < directions; d++) {
        int row = layer * directions + d;
        for (int b = 0; b < batch; b++) {
          double[][] ds = rows(gradLast, row * batch + b);
          for (int i = 0; i < ds.length; i++) {
            if (!config.cell().states().get(i).differentiable()) {
              Arrays.fill(ds[i], 0);
            }
          }
          for (int s = lengths[b] - 1; s >= 0; s--) {
            int t = d == 0 ? s : lengths[b] - 1 - s;
            Step step = tape[row][b][s];
            if (config.cell() instanceof DeltaCell delta) {
              double[][] before = zerosLike(ds);
              int suffixed = d;
              int inLayer = layer;
              double[] dx = new double[features];
              delta(delta, layer, d)
                  .backward(
                      step.x,
                      step.before[0],
                      row(gradOut, (t * batch + b) * directions + d, stateSize),
                      ds[0],
                      tensor -> named(gradients, name(tensor, inLayer, suffixed)),
                      dx,
                      before[0]);
              ds = before;
              add(gradIn, (t * batch + b) * features, dx);
              continue;
            }
            add(ds[0], gradOut, ((t * batch + b) * directions + d) * stateSize);
            if (config.projSize() > 0) {
              double[] dm = new double[config.hiddenSize()];
              affineBackward("weight_hr", null, layer, d, step.m, ds[0], dm, gradients);
              ds[0] = dm;
            }
            double[] dgi = new double[step.gi.length];
            double[] dgh = new double[step.gh.length];
            double[][] before = zerosLike(step.before);
            cellBackward(layer, d, step, ds, dgi, dgh, before, gradients);
            ds = before;
            double[] dx = new double[features];
            affineBackward("weight_ih", "bias_ih", layer, d, step.x, dgi, dx, gradients);
            if (hidden()) {
              recurrentBackward(layer, d, step.before[0], dgh, ds[0], gradients);
            }
            add(gradIn, (t * batch + b) * features, dx);
          }
          putRows(gradInitial, row * batch + b, ds);
        }
      }
      gradOut = gradIn;
    }
    return new Gradients(gradients, gradOut, gradInitial);
  }

  private DeltaOracle delta(DeltaCell cell, int layer, int direction) {
    return new DeltaOracle(
        cell, config.sizes(), tensor -> named(parameters, name(tensor, layer, direction)));
  }

  // The cells: pre-activations gi = W_ih x + b_ih, gh = W_hh h + b_hh and the old state to the new
  // one, and back. The minimal cells have no W_hh.

  private void cellForward(
      int layer, int d, double[] gi, double[] gh, double[][] before, double[][] after) {
    int size = config.hiddenSize();
    double[] h = before[0];
    double[] hNext = after[0];
    for (int j = 0; j < size; j++) {
      switch (config.cell().name()) {
        case "rnn_tanh" -> hNext[j] = Math.tanh(gi[j] + gh[j]);
        case "rnn_relu" -> hNext[j] = Math.max(0, gi[j] + gh[j]);
        case "lstm" -> {
          double i = sigmoid(gi[j] + gh[j]);
          double f = sigmoid(gi[j + size] + gh[j + size]);
          double g = Math.tanh(gi[j + 2 * size] + gh[j + 2 * size]);
          double o = sigmoid(gi[j + 3 * size] + gh[j + 3 * size]);
          after[1][j] = f * before[1][j] + i * g;
          hNext[j] = o * Math.tanh(after[1][j]);
        }
        case "slstm" -> {
          double i = gi[j] + gh[j];
          double l = before[3][j] + logSigmoid(gi[j + size] + gh[j + size]);
          double z = Math.tanh(gi[j + 2 * size] + gh[j + 2 * size]);
          double o = sigmoid(gi[j + 3 * size] + gh[j + 3 * size]);
          double m = Math.max(i, l);
          after[1][j] = Math.exp(l - m) * before[1][j] + Math.exp(i - m) * z;
          after[2][j] = Math.exp(l - m) * before[2][j] + Math.exp(i - m);
          after[3][j] = m;
          hNext[j] = o * after[1][j] / after[2][j];
        }
        case "gru" -> {
          double r = sigmoid(gi[j] + gh[j]);
          double z = sigmoid(gi[j + size] + gh[j + size]);
          double n = Math.tanh(gi[j + 2 * size] + r * gh[j + 2 * size]);
          hNext[j] = (1 - z) * n + z * h[j];
        }
        case "min_gru", "min_gru_signed" -> {
          double z = sigmoid(gi[j]);
          hNext[j] = (1 - reach() * z) * h[j] + z * gi[j + size];
        }
        case "min_lstm" -> {
          double f = sigmoid(gi[j]);
          double i = sigmoid(gi[j + size]);
          hNext[j] = f / (f + i) * h[j] + i / (f + i) * gi[j + 2 * size];
        }
        default -> strip(layer, d, j, gi, before).forward(config.cell().name(), after);
      }
    }
  }

  private StripEquations strip(int layer, int d, int j, double[] gi, double[][] before) {
    if (!StripEquations.has(config.cell().name())) {
      throw new IllegalArgumentException(
          "There are no double-precision equations for cell '"
              + config.cell().name()
              + "': add them to Oracle.");
    }
    return new StripEquations(
        config.hiddenSize(), j, gi, before, own -> named(parameters, name(own, layer, d)));
  }

  /** What the equations make of h: more than h where it is projected. */
  private int cellWidth() {
    return config.projSize() > 0 ? config.hiddenSize() : config.stateSize();
  }

  /** Fills dgi, dgh and, where the states are used directly, the gradients to those before. */
  private void cellBackward(
      int layer,
      int d,
      Step step,
      double[][] after,
      double[] dgi,
      double[] dgh,
      double[][] before,
      Map<String, double[]> gradients) {
    int size = config.hiddenSize();
    double[] gi = step.gi;
    double[] gh = step.gh;
    double[] old = step.before[0];
    double[] dm = after[0];
    double[] dh = before[0];
    for (int j = 0; j < size; j++) {
      switch (config.cell().name()) {
        case "rnn_tanh" -> {
          double h = Math.tanh(gi[j] + gh[j]);
          dgi[j] = dgh[j] = dm[j] * (1 - h * h);
        }
        case "rnn_relu" -> dgi[j] = dgh[j] = gi[j] + gh[j] > 0 ? dm[j] : 0;
        case "lstm" -> {
          double i = sigmoid(gi[j] + gh[j]);
          double f = sigmoid(gi[j + size] + gh[j + size]);
          double g = Math.tanh(gi[j + 2 * size] + gh[j + 2 * size]);
          double o = sigmoid(gi[j + 3 * size] + gh[j + 3 * size]);
          double c = step.before[1][j];
          double tanhC = Math.tanh(f * c + i * g);
          double dcHere = after[1][j] + dm[j] * o * (1 - tanhC * tanhC);
          dgi[j] = dgh[j] = dcHere * g * i * (1 - i);
          dgi[j + size] = dgh[j + size] = dcHere * c * f * (1 - f);
          dgi[j + 2 * size] = dgh[j + 2 * size] = dcHere * i * (1 - g * g);
          dgi[j + 3 * size] = dgh[j + 3 * size] = dm[j] * tanhC * o * (1 - o);
          before[1][j] = dcHere * f;
        }
        case "slstm" -> {
          double c = step.before[1][j];
          double n = step.before[2][j];
          double i = gi[j] + gh[j];
          double f = gi[j + size] + gh[j + size];
          double l = step.before[3][j] + logSigmoid(f);
          double z = Math.tanh(gi[j + 2 * size] + gh[j + 2 * size]);
          double o = sigmoid(gi[j + 3 * size] + gh[j + 3 * size]);
          double m = Math.max(i, l);
          double keep = Math.exp(l - m);
          double take = Math.exp(i - m);
          double cNext = keep * c + take * z;
          double nNext = keep * n + take;
          double dc = after[1][j] + dm[j] * o / nNext;
          double dn = after[2][j] - dm[j] * o * cNext / (nNext * nNext);
          double dTake = (dc * z + dn) * take;
          double dKeep = (dc * c + dn * n) * keep;
          double dMax = after[3][j] - dTake - dKeep;
          double dl = dKeep + (i > l ? 0 : dMax);
          dgi[j] = dgh[j] = dTake + (i > l ? dMax : 0);
          dgi[j + size] = dgh[j + size] = dl * (1 - sigmoid(f));
          dgi[j + 2 * size] = dgh[j + 2 * size] = dc * take * (1 - z * z);
          dgi[j + 3 * size] = dgh[j + 3 * size] = dm[j] * cNext / nNext * o * (1 - o);
          before[1][j] = dc * keep;
          before[2][j] = dn * keep;
          before[3][j] = dl;
        }
        case "gru" -> {
          double r = sigmoid(gi[j] + gh[j]);
          double z = sigmoid(gi[j + size] + gh[j + size]);
          double n = Math.tanh(gi[j + 2 * size] + r * gh[j + 2 * size]);
          double dn = dm[j] * (1 - z) * (1 - n * n);
          dgi[j] = dgh[j] = dn * gh[j + 2 * size] * r * (1 - r);
          dgi[j + size] = dgh[j + size] = dm[j] * (old[j] - n) * z * (1 - z);
          dgi[j + 2 * size] = dn;
          dgh[j + 2 * size] = dn * r;
          dh[j] = dm[j] * z;
        }
        case "min_gru", "min_gru_signed" -> {
          double z = sigmoid(gi[j]);
          dgi[j] = dm[j] * (gi[j + size] - reach() * old[j]) * z * (1 - z);
          dgi[j + size] = dm[j] * z;
          dh[j] = dm[j] * (1 - reach() * z);
        }
        case "min_lstm" -> {
          double f = sigmoid(gi[j]);
          double i = sigmoid(gi[j + size]);
          double keep = f / (f + i);
          double take = i / (f + i);
          double n = gi[j + 2 * size];
          double df = dm[j] * (old[j] - n) * i / ((f + i) * (f + i));
          double di = dm[j] * (n - old[j]) * f / ((f + i) * (f + i));
          dgi[j] = df * f * (1 - f);
          dgi[j + size] = di * i * (1 - i);
          dgi[j + 2 * size] = dm[j] * take;
          dh[j] = dm[j] * keep;
        }
        default ->
            strip(layer, d, j, gi, step.before)
                .backward(
                    config.cell().name(),
                    after,
                    dgi,
                    before,
                    own -> named(gradients, name(own, layer, d)));
      }
    }
  }

  /** How much of z the transition of a minGRU takes off. */
  private int reach() {
    return config.cell().name().equals("min_gru_signed") ? 2 : 1;
  }

  private static double logSigmoid(double x) {
    return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private boolean hidden() {
    return config.cell().hasRecurrentProduct();
  }

  // Linear algebra.

  private static String name(String tensor, int layer, int direction) {
    return tensor + "_l" + layer + (direction == 0 ? "" : "_reverse");
  }

  private static double[] named(Map<String, double[]> tensors, String name) {
    double[] values = tensors.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "There is no tensor '" + name + "'; there are " + tensors.keySet() + ".");
    }
    return values;
  }

  private double[] affine(String w, @Nullable String bias, int layer, int direction, double[] x) {
    double[] weight = named(parameters, name(w, layer, direction));
    double[] y =
        bias != null && config.bias()
            ? named(parameters, name(bias, layer, direction)).clone()
            : new double[weight.length / x.length];
    for (int r = 0; r < y.length; r++) {
      double sum = 0;
      for (int k = 0; k < x.length; k++) {
        sum += weight[r * x.length + k] * x[k];
      }
      y[r] += sum;
    }
    return y;
  }

  private void affineBackward(
      String w,
      @Nullable String bias,
      int layer,
      int direction,
      double[] x,
      double[] dy,
      double[] dx,
      Map<String, double[]> gradients) {
    double[] weight = named(parameters, name(w, layer, direction));
    double[] gradient = named(gradients, name(w, layer, direction));
    for (int r = 0; r < dy.length; r++) {
      for (int k = 0; k < x.length; k++) {
        gradient[r * x.length + k] += dy[r] * x[k];
        dx[k] += weight[r * x.length + k] * dy[r];
      }
    }
    if (bias != null && config.bias()) {
      add(named(gradients, name(bias, layer, direction)), dy, 0);
    }
  }

  /** W_hh h + b_hh; with heads {@code weight_hh} is {@code [N, G, H/N, H/N]} and has no bias. */
  private double[] recurrent(int layer, int direction, double[] h) {
    if (!config.cell().hasHeads()) {
      return affine("weight_hh", "bias_hh", layer, direction, h);
    }
    double[] weight = named(parameters, name("weight_hh", layer, direction));
    double[] y = new double[config.cell().gates() * h.length];
    for (int w = 0; w < weight.length; w++) {
      y[output(w)] += weight[w] * h[input(w)];
    }
    return y;
  }

  private void recurrentBackward(
      int layer,
      int direction,
      double[] h,
      double[] dy,
      double[] dh,
      Map<String, double[]> gradients) {
    if (!config.cell().hasHeads()) {
      affineBackward("weight_hh", "bias_hh", layer, direction, h, dy, dh, gradients);
      return;
    }
    double[] weight = named(parameters, name("weight_hh", layer, direction));
    double[] gradient = named(gradients, name("weight_hh", layer, direction));
    for (int w = 0; w < weight.length; w++) {
      gradient[w] += dy[output(w)] * h[input(w)];
      dh[input(w)] += weight[w] * dy[output(w)];
    }
  }

  /** The unit that an element of a head's weight_hh reads. */
  private int input(int element) {
    int size = config.sizes().valueSize();
    return element / (config.cell().gates() * size * size) * size + element % size;
  }

  /** The row, gate by gate, that it adds to. */
  private int output(int element) {
    int size = config.sizes().valueSize();
    int row = element / size;
    int gate = row / size % config.cell().gates();
    int head = row / size / config.cell().gates();
    return gate * config.hiddenSize() + head * size + row % size;
  }

  private static double[][] zerosLike(double[][] parts) {
    return Arrays.stream(parts).map(part -> new double[part.length]).toArray(double[][]::new);
  }

  /** One sequence's row of each part of a state, in one layer and direction. */
  private double[][] rows(double[][] parts, int row) {
    double[][] rows = new double[parts.length][];
    Arrays.setAll(rows, i -> row(parts[i], row, config.width(config.cell().states().get(i))));
    return rows;
  }

  private static void putRows(double[][] parts, int row, double[][] rows) {
    for (int i = 0; i < parts.length; i++) {
      System.arraycopy(rows[i], 0, parts[i], row * rows[i].length, rows[i].length);
    }
  }

  private static double[] row(double[] a, int row, int size) {
    return Arrays.copyOfRange(a, row * size, (row + 1) * size);
  }

  private static void add(double[] a, int offset, double[] b) {
    for (int i = 0; i < b.length; i++) {
      a[offset + i] += b[i];
    }
  }

  private static void add(double[] a, double[] b, int offset) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[offset + i];
    }
  }
}
