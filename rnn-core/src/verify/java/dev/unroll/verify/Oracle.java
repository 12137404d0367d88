package dev.unroll.verify;

import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The recurrent stack in double and plain loops, one sequence after another, straight from the
 * equations: what every fast path is held against. Shapes and names are those of {@link Recurrent};
 * gate orders i, f, g, o and r, z, n, and z, n and f, i, n of the minimal cells.
 */
public final class Oracle {
  /**
   * What a forward pass gives.
   *
   * @param y {@code [T, B, D*S]}
   * @param hN {@code [L*D, B, S]}
   * @param cN {@code [L*D, B, H]}; empty where the cell has no cell state
   */
  public record Output(double[] y, double[] hN, double[] cN) {}

  /**
   * What a backward pass gives.
   *
   * @param parameters of each parameter, under its name
   * @param x {@code [T, B, I]}
   * @param h0 {@code [L*D, B, S]}
   * @param c0 {@code [L*D, B, H]}; empty where the cell has no cell state
   */
  public record Gradients(Map<String, double[]> parameters, double[] x, double[] h0, double[] c0) {}

  /** What backward needs of one step: pre-activations and the state before it. */
  private record Step(double[] x, double[] gi, double[] gh, double[] h, double[] c, double[] m) {}

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

  private Step[][][] tape = {};

  /**
   * Runs the stack over a batch of sequences.
   *
   * @param x {@code [T, B, I]}
   * @param h0 {@code [L*D, B, S]}
   * @param c0 {@code [L*D, B, H]}; empty where the cell has no cell state
   * @param lengths steps of each sequence, 1 to T; as many as there are sequences
   * @throws IllegalArgumentException if there are no equations for the cell
   */
  public Output forward(double[] x, double[] h0, double[] c0, int[] lengths) {
    int directions = config.numDirections();
    int batch = lengths.length;
    int stateSize = config.stateSize();
    int steps = x.length / batch / config.inputSize();
    tape = new Step[config.numLayers() * directions][batch][];
    double[] hN = new double[h0.length];
    double[] cN = new double[c0.length];
    double[] in = x;
    for (int layer = 0; layer < config.numLayers(); layer++) {
      int features = in.length / steps / batch;
      double[] out = new double[steps * batch * config.outputSize()];
      for (int d = 0; d < directions; d++) {
        int row = layer * directions + d;
        for (int b = 0; b < batch; b++) {
          double[] h = row(h0, row * batch + b, stateSize);
          double[] c = row(c0, row * batch + b, c0.length == 0 ? 0 : config.hiddenSize());
          tape[row][b] = new Step[lengths[b]];
          for (int s = 0; s < lengths[b]; s++) {
            int t = d == 0 ? s : lengths[b] - 1 - s;
            double[] xt = row(in, t * batch + b, features);
            double[] gi = affine("weight_ih", "bias_ih", layer, d, xt);
            double[] gh = hidden() ? affine("weight_hh", "bias_hh", layer, d, h) : new double[0];
            double[] cNext = new double[c.length];
            double[] m = cellForward(gi, gh, h, c, cNext);
            tape[row][b][s] = new Step(xt, gi, gh, h, c, m);
            h = config.projSize() > 0 ? affine("weight_hr", null, layer, d, m) : m;
            c = cNext;
            System.arraycopy(h, 0, out, ((t * batch + b) * directions + d) * stateSize, stateSize);
          }
          System.arraycopy(h, 0, hN, (row * batch + b) * stateSize, stateSize);
          System.arraycopy(c, 0, cN, (row * batch + b) * c.length, c.length);
        }
      }
      in = out;
    }
    return new Output(in, hN, cN);
  }

  /**
   * The gradients of sum(y gradY) + sum(h_n gradHN) + sum(c_n gradCN) at the last forward pass.
   *
   * @param gradY {@code [T, B, D*S]}
   * @param gradHN {@code [L*D, B, S]}
   * @param gradCN {@code [L*D, B, H]}; empty where the cell has no cell state
   * @param lengths those of the forward pass
   */
  public Gradients backward(double[] gradY, double[] gradHN, double[] gradCN, int[] lengths) {
    int directions = config.numDirections();
    int batch = lengths.length;
    int stateSize = config.stateSize();
    int steps = gradY.length / batch / config.outputSize();
    Map<String, double[]> gradients = new LinkedHashMap<>();
    parameters.forEach((name, values) -> gradients.put(name, new double[values.length]));
    double[] gradH0 = new double[gradHN.length];
    double[] gradC0 = new double[gradCN.length];
    double[] gradOut = gradY;
    for (int layer = config.numLayers() - 1; layer >= 0; layer--) {
      int features = layer == 0 ? config.inputSize() : config.outputSize();
      double[] gradIn = new double[steps * batch * features];
      for (int d = 0; d < directions; d++) {
        int row = layer * directions + d;
        for (int b = 0; b < batch; b++) {
          double[] dh = row(gradHN, row * batch + b, stateSize);
          double[] dc = row(gradCN, row * batch + b, gradCN.length == 0 ? 0 : config.hiddenSize());
          for (int s = lengths[b] - 1; s >= 0; s--) {
            int t = d == 0 ? s : lengths[b] - 1 - s;
            Step step = tape[row][b][s];
            add(dh, gradOut, ((t * batch + b) * directions + d) * stateSize);
            double[] dm = dh;
            if (config.projSize() > 0) {
              dm = new double[config.hiddenSize()];
              affineBackward("weight_hr", null, layer, d, step.m, dh, dm, gradients);
            }
            double[] dgi = new double[step.gi.length];
            double[] dgh = new double[step.gh.length];
            dh = new double[stateSize];
            dc = cellBackward(step, dm, dc, dgi, dgh, dh);
            double[] dx = new double[features];
            affineBackward("weight_ih", "bias_ih", layer, d, step.x, dgi, dx, gradients);
            if (hidden()) {
              affineBackward("weight_hh", "bias_hh", layer, d, step.h, dgh, dh, gradients);
            }
            for (int i = 0; i < features; i++) {
              gradIn[(t * batch + b) * features + i] += dx[i];
            }
          }
          System.arraycopy(dh, 0, gradH0, (row * batch + b) * stateSize, stateSize);
          System.arraycopy(dc, 0, gradC0, (row * batch + b) * dc.length, dc.length);
        }
      }
      gradOut = gradIn;
    }
    return new Gradients(gradients, gradOut, gradH0, gradC0);
  }

  // The cells: pre-activations gi = W_ih x + b_ih, gh = W_hh h + b_hh and the old state to the new
  // one, and back. The minimal cells have no W_hh.

  private double[] cellForward(double[] gi, double[] gh, double[] h, double[] c, double[] cNext) {
    int size = config.hiddenSize();
    double[] hNext = new double[size];
    for (int j = 0; j < size; j++) {
      switch (config.cell().name()) {
        case "rnn_tanh" -> hNext[j] = Math.tanh(gi[j] + gh[j]);
        case "rnn_relu" -> hNext[j] = Math.max(0, gi[j] + gh[j]);
        case "lstm" -> {
          double i = sigmoid(gi[j] + gh[j]);
          double f = sigmoid(gi[j + size] + gh[j + size]);
          double g = Math.tanh(gi[j + 2 * size] + gh[j + 2 * size]);
          double o = sigmoid(gi[j + 3 * size] + gh[j + 3 * size]);
          cNext[j] = f * c[j] + i * g;
          hNext[j] = o * Math.tanh(cNext[j]);
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
        default -> throw noEquations();
      }
    }
    return hNext;
  }

  /** Fills dgi, dgh and, where the state is used directly, dh; returns dc. */
  private double[] cellBackward(
      Step step, double[] dm, double[] dc, double[] dgi, double[] dgh, double[] dh) {
    int size = config.hiddenSize();
    double[] gi = step.gi;
    double[] gh = step.gh;
    double[] dcBefore = new double[dc.length];
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
          double tanhC = Math.tanh(f * step.c[j] + i * g);
          double dcHere = dc[j] + dm[j] * o * (1 - tanhC * tanhC);
          dgi[j] = dgh[j] = dcHere * g * i * (1 - i);
          dgi[j + size] = dgh[j + size] = dcHere * step.c[j] * f * (1 - f);
          dgi[j + 2 * size] = dgh[j + 2 * size] = dcHere * i * (1 - g * g);
          dgi[j + 3 * size] = dgh[j + 3 * size] = dm[j] * tanhC * o * (1 - o);
          dcBefore[j] = dcHere * f;
        }
        case "gru" -> {
          double r = sigmoid(gi[j] + gh[j]);
          double z = sigmoid(gi[j + size] + gh[j + size]);
          double n = Math.tanh(gi[j + 2 * size] + r * gh[j + 2 * size]);
          double dn = dm[j] * (1 - z) * (1 - n * n);
          dgi[j] = dgh[j] = dn * gh[j + 2 * size] * r * (1 - r);
          dgi[j + size] = dgh[j + size] = dm[j] * (step.h[j] - n) * z * (1 - z);
          dgi[j + 2 * size] = dn;
          dgh[j + 2 * size] = dn * r;
          dh[j] = dm[j] * z;
        }
        case "min_gru", "min_gru_signed" -> {
          double z = sigmoid(gi[j]);
          dgi[j] = dm[j] * (gi[j + size] - reach() * step.h[j]) * z * (1 - z);
          dgi[j + size] = dm[j] * z;
          dh[j] = dm[j] * (1 - reach() * z);
        }
        case "min_lstm" -> {
          double f = sigmoid(gi[j]);
          double i = sigmoid(gi[j + size]);
          double keep = f / (f + i);
          double take = i / (f + i);
          double n = gi[j + 2 * size];
          double df = dm[j] * (step.h[j] - n) * i / ((f + i) * (f + i));
          double di = dm[j] * (n - step.h[j]) * f / ((f + i) * (f + i));
          dgi[j] = df * f * (1 - f);
          dgi[j + size] = di * i * (1 - i);
          dgi[j + 2 * size] = dm[j] * take;
          dh[j] = dm[j] * keep;
        }
        default -> throw noEquations();
      }
    }
    return dcBefore;
  }

  /** How much of z the transition of a minGRU takes off. */
  private int reach() {
    return config.cell().name().equals("min_gru_signed") ? 2 : 1;
  }

  private IllegalArgumentException noEquations() {
    return new IllegalArgumentException(
        "There are no double-precision equations for cell '"
            + config.cell().name()
            + "': add them to Oracle.");
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

  private static double[] row(double[] a, int row, int size) {
    return Arrays.copyOfRange(a, row * size, (row + 1) * size);
  }

  private static void add(double[] a, double[] b, int offset) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[offset + i];
    }
  }
}
