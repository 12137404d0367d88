package dev.unroll.verify;

import java.util.function.Function;

/**
 * The equations of the cells without a product with the state that have parameters of their own, in
 * double, for one unit of one step: of a layer of {@link Oracle}.
 */
final class StripEquations {
  private final int size;
  private final int j;
  private final double[] x;
  private final double[][] before;
  private final Function<String, double[]> own;

  /**
   * A unit.
   *
   * @param size H
   * @param j the unit
   * @param x pre-activations W x + b, gate by gate
   * @param before the states before the step
   * @param own the cell's own parameters, by name
   */
  StripEquations(int size, int j, double[] x, double[][] before, Function<String, double[]> own) {
    this.size = size;
    this.j = j;
    this.x = x;
    this.before = before;
    this.own = own;
  }

  private double gate(int gate) {
    return x[gate * size + j];
  }

  private double own(String name, int k) {
    return own.apply(name)[k * size + j];
  }

  private static double sigmoid(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  private static double softplus(double v) {
    return Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
  }

  /** {@return whether there are equations for a cell} */
  static boolean has(String cell) {
    return switch (cell) {
      case "indrnn", "para_gru", "para_lstm", "lru", "rg_lru" -> true;
      default -> false;
    };
  }

  /** Sets the states after the step. */
  void forward(String cell, double[][] after) {
    double h = before[0][j];
    switch (cell) {
      case "indrnn" -> after[0][j] = Math.max(0, gate(0) + own("weight_hh", 0) * h);
      case "para_gru" -> {
        double z = sigmoid(gate(0) + own("weight_hh", 0) * h);
        double r = sigmoid(gate(1) + own("weight_hh", 1) * h);
        double n = Math.tanh(gate(2) + own("weight_hh", 2) * h * r);
        after[0][j] = (1 - z) * h + z * n;
      }
      case "para_lstm" -> {
        double c = before[1][j];
        double f = sigmoid(gate(0) + own("weight_hh", 0) * h + own("weight_ch", 0) * c);
        double n = Math.tanh(gate(2) + own("weight_hh", 2) * h);
        after[1][j] = f * c + (1 - f) * n;
        double o = sigmoid(gate(1) + own("weight_hh", 1) * h + own("weight_ch", 1) * after[1][j]);
        after[0][j] = o * Math.tanh(after[1][j]);
      }
      case "lru" -> {
        double im = before[0][size + j];
        double radius = Math.exp(-Math.exp(own("nu_log", 0)));
        double phase = Math.exp(own("theta_log", 0));
        double gamma = Math.exp(own("gamma_log", 0));
        double cos = radius * Math.cos(phase);
        double sin = radius * Math.sin(phase);
        after[0][j] = cos * h - sin * im + gamma * gate(0);
        after[0][size + j] = sin * h + cos * im + gamma * gate(1);
      }
      case "rg_lru" -> {
        double logA = -8 * softplus(own("lambda", 0)) * sigmoid(gate(0));
        double m = Math.sqrt(-Math.expm1(2 * logA));
        after[0][j] = Math.exp(logA) * h + m * sigmoid(gate(1)) * gate(2);
      }
      default -> throw new IllegalArgumentException(cell);
    }
  }

  /**
   * Sets the gradients to the pre-activations and to the states before, and adds to those to the
   * cell's own parameters.
   *
   * @param after gradients to the states after the step
   */
  void backward(
      String cell,
      double[][] after,
      double[] dx,
      double[][] dBefore,
      Function<String, double[]> dOwn) {
    double h = before[0][j];
    double dh = after[0][j];
    switch (cell) {
      case "indrnn" -> {
        double d = gate(0) + own("weight_hh", 0) * h > 0 ? dh : 0;
        dx[j] = d;
        dOwn.apply("weight_hh")[j] += d * h;
        dBefore[0][j] = d * own("weight_hh", 0);
      }
      case "para_gru" -> {
        double z = sigmoid(gate(0) + own("weight_hh", 0) * h);
        double r = sigmoid(gate(1) + own("weight_hh", 1) * h);
        double n = Math.tanh(gate(2) + own("weight_hh", 2) * h * r);
        double dn = dh * z * (1 - n * n);
        double dz = dh * (n - h) * z * (1 - z);
        double dr = dn * own("weight_hh", 2) * h * r * (1 - r);
        double[] d = {dz, dr, dn};
        double[] seen = {h, h, h * r};
        for (int k = 0; k < 3; k++) {
          dx[k * size + j] = d[k];
          dOwn.apply("weight_hh")[k * size + j] += d[k] * seen[k];
        }
        dBefore[0][j] =
            dh * (1 - z)
                + dz * own("weight_hh", 0)
                + dr * own("weight_hh", 1)
                + dn * own("weight_hh", 2) * r;
      }
      case "para_lstm" -> {
        double c = before[1][j];
        double f = sigmoid(gate(0) + own("weight_hh", 0) * h + own("weight_ch", 0) * c);
        double n = Math.tanh(gate(2) + own("weight_hh", 2) * h);
        double next = f * c + (1 - f) * n;
        double o = sigmoid(gate(1) + own("weight_hh", 1) * h + own("weight_ch", 1) * next);
        double t = Math.tanh(next);
        double dOut = dh * t * o * (1 - o);
        double dc = after[1][j] + dh * o * (1 - t * t) + dOut * own("weight_ch", 1);
        double df = dc * (c - n) * f * (1 - f);
        double dn = dc * (1 - f) * (1 - n * n);
        double[] d = {df, dOut, dn};
        for (int k = 0; k < 3; k++) {
          dx[k * size + j] = d[k];
          dOwn.apply("weight_hh")[k * size + j] += d[k] * h;
          dBefore[0][j] += d[k] * own("weight_hh", k);
        }
        dOwn.apply("weight_ch")[j] += df * c;
        dOwn.apply("weight_ch")[size + j] += dOut * next;
        dBefore[1][j] = dc * f + df * own("weight_ch", 0);
      }
      case "lru" -> {
        double im = before[0][size + j];
        double dIm = after[0][size + j];
        double radius = Math.exp(-Math.exp(own("nu_log", 0)));
        double phase = Math.exp(own("theta_log", 0));
        double gamma = Math.exp(own("gamma_log", 0));
        double cos = radius * Math.cos(phase);
        double sin = radius * Math.sin(phase);
        // What lambda h is, and i times it: their products with the gradient.
        double along = dh * (cos * h - sin * im) + dIm * (sin * h + cos * im);
        double across = dIm * (cos * h - sin * im) - dh * (sin * h + cos * im);
        dOwn.apply("nu_log")[j] -= Math.exp(own("nu_log", 0)) * along;
        dOwn.apply("theta_log")[j] += phase * across;
        dOwn.apply("gamma_log")[j] += gamma * (dh * gate(0) + dIm * gate(1));
        dx[j] = gamma * dh;
        dx[size + j] = gamma * dIm;
        dBefore[0][j] = cos * dh + sin * dIm;
        dBefore[0][size + j] = cos * dIm - sin * dh;
      }
      case "rg_lru" -> {
        double rate = 8 * softplus(own("lambda", 0));
        double r = sigmoid(gate(0));
        double i = sigmoid(gate(1));
        double a = Math.exp(-rate * r);
        double m = Math.sqrt(-Math.expm1(-2 * rate * r));
        double dLogA = dh * (a * h - a * a / m * i * gate(2));
        dx[j] = -rate * dLogA * r * (1 - r);
        dx[size + j] = dh * m * gate(2) * i * (1 - i);
        dx[2 * size + j] = dh * m * i;
        dOwn.apply("lambda")[j] -= 8 * sigmoid(own("lambda", 0)) * r * dLogA;
        dBefore[0][j] = a * dh;
      }
      default -> throw new IllegalArgumentException(cell);
    }
  }
}
