package dev.unroll.bench.layer;

/**
 * A recurrent layer in double precision and plain loops, against which the benchmarks check outputs
 * before they time anything. PyTorch's equations and gate orders (i, f, g, o and r, z, n); those of
 * the minimal cells are Feng et al.'s (z, n and f, i, n).
 */
final class Reference {
  private final Workload workload;
  private final double[] weightIh;
  private final double[] weightHh;
  private final double[] biasIh;
  private final double[] biasHh;

  Reference(Workload workload, Operands operands) {
    this.workload = workload;
    weightIh = widen(operands.weightIh());
    weightHh = widen(operands.weightHh());
    biasIh = widen(operands.biasIh());
    biasHh = widen(operands.biasHh());
  }

  /** All parameters in the order weight_ih, weight_hh, bias_ih, bias_hh; the live arrays. */
  double[][] parameters() {
    return new double[][] {weightIh, weightHh, biasIh, biasHh};
  }

  /**
   * y of one sequence's first steps.
   *
   * @param x [T, B, I]
   * @param row which of the B sequences
   * @param steps how many steps
   * @return [steps, H]
   */
  double[] forward(float[] x, int row, int steps) {
    Shape s = workload.shape();
    int hidden = s.hiddenSize();
    double[] y = new double[steps * hidden];
    double[] h = new double[hidden];
    double[] c = new double[hidden];
    for (int t = 0; t < steps; t++) {
      double[] gx = project(weightIh, biasIh, x, (t * s.batch() + row) * s.inputSize());
      double[] gh = project(weightHh, biasHh, h);
      step(gx, gh, h, c);
      System.arraycopy(h, 0, y, t * hidden, hidden);
    }
    return y;
  }

  private void step(double[] gx, double[] gh, double[] h, double[] c) {
    int n = h.length;
    for (int j = 0; j < n; j++) {
      switch (workload.cell()) {
        case "rnn_tanh" -> h[j] = Math.tanh(gx[j] + gh[j]);
        case "rnn_relu" -> h[j] = Math.max(0, gx[j] + gh[j]);
        case "lstm" -> {
          double i = sigmoid(gx[j] + gh[j]);
          double f = sigmoid(gx[n + j] + gh[n + j]);
          double g = Math.tanh(gx[2 * n + j] + gh[2 * n + j]);
          double o = sigmoid(gx[3 * n + j] + gh[3 * n + j]);
          c[j] = f * c[j] + i * g;
          h[j] = o * Math.tanh(c[j]);
        }
        case "gru" -> {
          double r = sigmoid(gx[j] + gh[j]);
          double z = sigmoid(gx[n + j] + gh[n + j]);
          double candidate = Math.tanh(gx[2 * n + j] + r * gh[2 * n + j]);
          h[j] = (1 - z) * candidate + z * h[j];
        }
        case "min_gru" -> {
          double z = sigmoid(gx[j]);
          h[j] = (1 - z) * h[j] + z * gx[n + j];
        }
        case "min_gru_signed" -> {
          double z = sigmoid(gx[j]);
          h[j] = (1 - 2 * z) * h[j] + z * gx[n + j];
        }
        case "min_lstm" -> {
          double f = sigmoid(gx[j]);
          double i = sigmoid(gx[n + j]);
          h[j] = (f * h[j] + i * gx[2 * n + j]) / (f + i);
        }
        default ->
            throw new IllegalArgumentException(
                "no reference equations for cell '" + workload.cell() + "': add them to Reference");
      }
    }
  }

  private static double[] project(double[] weight, double[] bias, float[] x, int offset) {
    int columns = weight.length / bias.length;
    double[] out = bias.clone();
    for (int row = 0; row < out.length; row++) {
      double sum = 0;
      for (int k = 0; k < columns; k++) {
        sum += weight[row * columns + k] * x[offset + k];
      }
      out[row] += sum;
    }
    return out;
  }

  private static double[] project(double[] weight, double[] bias, double[] h) {
    double[] out = bias.clone();
    for (int row = 0; row < out.length; row++) {
      double sum = 0;
      for (int k = 0; k < h.length; k++) {
        sum += weight[row * h.length + k] * h[k];
      }
      out[row] += sum;
    }
    return out;
  }

  private static double sigmoid(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
