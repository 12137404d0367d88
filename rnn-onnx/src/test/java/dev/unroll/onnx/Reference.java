package dev.unroll.onnx;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operators RNN, LSTM and GRU as the specification states them, in double and scalar loops,
 * without a line of the library.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">the specification</a>
 */
final class Reference {
  /** A node's attributes and inputs; {@code null} for what is missing. Layout 0. */
  record Case(
      String operator,
      String direction,
      List<String> activations,
      double clip,
      boolean linearBeforeReset,
      boolean inputForget,
      int steps,
      int batch,
      int inputSize,
      int hidden,
      float[] x,
      float[] w,
      float[] r,
      float @Nullable [] b,
      long @Nullable [] lengths,
      float @Nullable [] initialH,
      float @Nullable [] initialC,
      float @Nullable [] p) {

    int directions() {
      return direction.equals("bidirectional") ? 2 : 1;
    }

    int gates() {
      return operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
    }
  }

  private final Case n;
  private final int rows;

  /** {@code [T, D, B, H]}, {@code [D, B, H]}, {@code [D, B, H]}. */
  final double[] y;

  final double[] yH;
  final double[] yC;

  Reference(Case node) {
    n = node;
    rows = n.gates() * n.hidden;
    int states = n.directions() * n.batch * n.hidden;
    y = new double[n.steps * states];
    yH = new double[states];
    yC = new double[states];
    for (int d = 0; d < n.directions(); d++) {
      for (int b = 0; b < n.batch; b++) {
        sequence(d, b);
      }
    }
  }

  private void sequence(int d, int b) {
    boolean reverse = d == 1 || n.direction.equals("reverse");
    int length = n.lengths == null ? n.steps : (int) n.lengths[b];
    int state = (d * n.batch + b) * n.hidden;
    double[] h = new double[n.hidden];
    double[] c = new double[n.hidden];
    for (int u = 0; u < n.hidden; u++) {
      h[u] = n.initialH == null ? 0 : n.initialH[state + u];
      c[u] = n.initialC == null ? 0 : n.initialC[state + u];
    }
    for (int s = 0; s < length; s++) {
      int t = reverse ? length - 1 - s : s;
      double[] x = new double[n.inputSize];
      Arrays.setAll(x, i -> n.x[(t * n.batch + b) * n.inputSize + i]);
      switch (n.operator) {
        case "RNN" -> h = rnn(d, x, h);
        case "GRU" -> h = gru(d, x, h);
        default -> {
          double[] newC = new double[n.hidden];
          h = lstm(d, x, h, c, newC);
          c = newC;
        }
      }
      System.arraycopy(h, 0, y, ((t * n.directions() + d) * n.batch + b) * n.hidden, n.hidden);
    }
    System.arraycopy(h, 0, yH, state, n.hidden);
    System.arraycopy(c, 0, yC, state, n.hidden);
  }

  /** Xt*(W^T) + Wb of a unit of a gate. */
  private double input(int d, int gate, int unit, double[] x) {
    int row = gate * n.hidden + unit;
    double sum = n.b == null ? 0 : n.b[d * 2 * rows + row];
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * n.w[(d * rows + row) * n.inputSize + i];
    }
    return sum;
  }

  /** H*(R^T) + Rb of a unit of a gate. */
  private double hidden(int d, int gate, int unit, double[] h) {
    int row = gate * n.hidden + unit;
    double sum = n.b == null ? 0 : n.b[d * 2 * rows + rows + row];
    for (int i = 0; i < h.length; i++) {
      sum += h[i] * n.r[(d * rows + row) * n.hidden + i];
    }
    return sum;
  }

  private double peephole(int d, int which, int unit, double c) {
    return n.p == null ? 0 : n.p[(d * 3 + which) * n.hidden + unit] * c;
  }

  private double activation(int d, int which, double x) {
    return function(d, which, Math.clamp(x, -n.clip, n.clip));
  }

  private double function(int d, int which, double x) {
    int each = n.activations.size() / n.directions();
    return switch (n.activations.get(d * each + which)) {
      case "Tanh" -> Math.tanh(x);
      case "Sigmoid" -> 1 / (1 + Math.exp(-x));
      default -> Math.max(0, x);
    };
  }

  private double[] rnn(int d, double[] x, double[] h) {
    double[] next = new double[n.hidden];
    Arrays.setAll(next, u -> activation(d, 0, input(d, 0, u, x) + hidden(d, 0, u, h)));
    return next;
  }

  private double[] gru(int d, double[] x, double[] h) {
    double[] next = new double[n.hidden];
    double[] reset = new double[n.hidden];
    double[] gated = new double[n.hidden];
    for (int u = 0; u < n.hidden; u++) {
      reset[u] = activation(d, 0, input(d, 1, u, x) + hidden(d, 1, u, h));
      gated[u] = reset[u] * h[u];
    }
    for (int u = 0; u < n.hidden; u++) {
      double z = activation(d, 0, input(d, 0, u, x) + hidden(d, 0, u, h));
      double recurrent =
          n.linearBeforeReset ? reset[u] * hidden(d, 2, u, h) : hidden(d, 2, u, gated);
      next[u] = (1 - z) * activation(d, 1, input(d, 2, u, x) + recurrent) + z * h[u];
    }
    return next;
  }

  private double[] lstm(int d, double[] x, double[] h, double[] c, double[] newC) {
    double[] next = new double[n.hidden];
    for (int u = 0; u < n.hidden; u++) {
      double i = activation(d, 0, input(d, 0, u, x) + hidden(d, 0, u, h) + peephole(d, 0, u, c[u]));
      double f =
          n.inputForget
              ? 1 - i
              : activation(d, 0, input(d, 2, u, x) + hidden(d, 2, u, h) + peephole(d, 2, u, c[u]));
      newC[u] = f * c[u] + i * activation(d, 1, input(d, 3, u, x) + hidden(d, 3, u, h));
      double o =
          activation(d, 0, input(d, 1, u, x) + hidden(d, 1, u, h) + peephole(d, 1, u, newC[u]));
      next[u] = o * function(d, 2, newC[u]);
    }
    return next;
  }
}
