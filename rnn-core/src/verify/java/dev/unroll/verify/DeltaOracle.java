package dev.unroll.verify;

import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LayerSizes;
import java.util.Arrays;
import java.util.function.Function;

/** One step of a {@link DeltaCell} in double and plain loops, and its gradients. */
final class DeltaOracle {
  private final DeltaCell cell;
  private final int heads;
  private final int keys;
  private final int values;
  private final int n;

  /** The parameters of one layer and direction, by their names without a suffix. */
  private final Function<String, double[]> parameters;

  DeltaOracle(DeltaCell cell, LayerSizes sizes, Function<String, double[]> parameters) {
    this.cell = cell;
    heads = sizes.heads();
    keys = sizes.keySize();
    values = sizes.valueSize();
    n = cell.householder();
    this.parameters = parameters;
  }

  /** What comes of x in one head; d holds gradients to the same. */
  private final class Head {
    final double[] q = new double[keys];
    final double[][] k = new double[n][keys];
    final double[][] v = new double[n][values];
    final double[] beta = new double[n];
    double g;
  }

  private Head head(double[] x, int h) {
    Head head = new Head();
    l2(product("weight_q", x, h * keys, keys), head.q);
    for (int i = 0; i < keys; i++) {
      head.q[i] /= Math.sqrt(keys);
    }
    for (int j = 0; j < n; j++) {
      int jh = j * heads + h;
      l2(product("weight_k", x, jh * keys, keys), head.k[j]);
      head.v[j] = product("weight_v", x, jh * values, values);
      head.beta[j] = cell.reach() * sigmoid(product("weight_beta", x, jh, 1)[0]);
    }
    head.g = -Math.exp(parameters.apply("a_log")[h]) * softplus(alpha(x, h));
    return head;
  }

  private double alpha(double[] x, int h) {
    return product("weight_alpha", x, h, 1)[0] + parameters.apply("dt_bias")[h];
  }

  /**
   * One step.
   *
   * @param x {@code [I]}
   * @param before S {@code [N, K, V]}
   * @param after S after the step, written
   * @return y {@code [N * V]}
   */
  double[] forward(double[] x, double[] before, double[] after) {
    double[] y = new double[heads * values];
    for (int h = 0; h < heads; h++) {
      Head head = head(x, h);
      double[] s = states(head, before, h)[n];
      for (int v = 0; v < values; v++) {
        for (int i = 0; i < keys; i++) {
          y[h * values + v] += s[i * values + v] * head.q[i];
        }
      }
      System.arraycopy(s, 0, after, h * keys * values, s.length);
    }
    return y;
  }

  /** A head's state, decayed, before each Householder step and after the last. */
  private double[][] states(Head head, double[] before, int h) {
    double[][] states = new double[n + 1][];
    int size = keys * values;
    states[0] = Arrays.copyOfRange(before, h * size, (h + 1) * size);
    for (int i = 0; i < size; i++) {
      states[0][i] *= Math.exp(head.g);
    }
    for (int j = 0; j < n; j++) {
      double[] r = rest(head, states[j], j);
      states[j + 1] = states[j].clone();
      for (int i = 0; i < keys; i++) {
        for (int v = 0; v < values; v++) {
          states[j + 1][i * values + v] += head.k[j][i] * head.beta[j] * r[v];
        }
      }
    }
    return states;
  }

  /** v - Sᵀ k. */
  private double[] rest(Head head, double[] s, int j) {
    double[] r = head.v[j].clone();
    for (int v = 0; v < values; v++) {
      for (int i = 0; i < keys; i++) {
        r[v] -= s[i * values + v] * head.k[j][i];
      }
    }
    return r;
  }

  /**
   * A step back.
   *
   * @param gradients where those to the parameters are added, by their names without a suffix
   * @param dAfter the gradient to S after the step
   * @param dx added to
   * @param dBefore the gradient to S before the step, written
   */
  void backward(
      double[] x,
      double[] before,
      double[] dy,
      double[] dAfter,
      Function<String, double[]> gradients,
      double[] dx,
      double[] dBefore) {
    int size = keys * values;
    for (int h = 0; h < heads; h++) {
      Head head = head(x, h);
      Head d = new Head();
      double[][] states = states(head, before, h);
      double[] ds = Arrays.copyOfRange(dAfter, h * size, (h + 1) * size);
      for (int i = 0; i < keys; i++) {
        for (int v = 0; v < values; v++) {
          d.q[i] += states[n][i * values + v] * dy[h * values + v];
          ds[i * values + v] += head.q[i] * dy[h * values + v];
        }
      }
      for (int j = n - 1; j >= 0; j--) {
        ds = stepBack(head, d, states[j], ds, j);
      }
      for (int i = 0; i < size; i++) {
        d.g += ds[i] * states[0][i];
        dBefore[h * size + i] = ds[i] * Math.exp(head.g);
      }
      toParameters(x, h, head, d, gradients, dx);
    }
  }

  /** Back through S + beta k rᵀ; returns the gradient to S before it. */
  private double[] stepBack(Head head, Head d, double[] s, double[] ds, int j) {
    double[] r = rest(head, s, j);
    double[] dr = new double[values];
    for (int v = 0; v < values; v++) {
      for (int i = 0; i < keys; i++) {
        double dsiv = ds[i * values + v];
        dr[v] += head.beta[j] * head.k[j][i] * dsiv;
        d.beta[j] += head.k[j][i] * r[v] * dsiv;
        d.k[j][i] += head.beta[j] * r[v] * dsiv;
      }
      d.v[j][v] = dr[v];
    }
    double[] before = ds.clone();
    for (int v = 0; v < values; v++) {
      for (int i = 0; i < keys; i++) {
        d.k[j][i] -= s[i * values + v] * dr[v];
        before[i * values + v] -= head.k[j][i] * dr[v];
      }
    }
    return before;
  }

  private void toParameters(
      double[] x, int h, Head head, Head d, Function<String, double[]> gradients, double[] dx) {
    for (int i = 0; i < keys; i++) {
      d.q[i] /= Math.sqrt(keys);
    }
    addProduct(
        "weight_q",
        x,
        h * keys,
        l2Back(product("weight_q", x, h * keys, keys), d.q),
        gradients,
        dx);
    for (int j = 0; j < n; j++) {
      int jh = j * heads + h;
      double[] raw = product("weight_k", x, jh * keys, keys);
      addProduct("weight_k", x, jh * keys, l2Back(raw, d.k[j]), gradients, dx);
      addProduct("weight_v", x, jh * values, d.v[j], gradients, dx);
      double sigma = head.beta[j] / cell.reach();
      double dBeta = d.beta[j] * head.beta[j] * (1 - sigma);
      addProduct("weight_beta", x, jh, new double[] {dBeta}, gradients, dx);
    }
    double rate = Math.exp(parameters.apply("a_log")[h]);
    double dAlpha = -rate * sigmoid(alpha(x, h)) * d.g;
    addProduct("weight_alpha", x, h, new double[] {dAlpha}, gradients, dx);
    gradients.apply("dt_bias")[h] += dAlpha;
    gradients.apply("a_log")[h] += d.g * head.g;
  }

  private static void l2(double[] x, double[] to) {
    double scale = scale(x);
    for (int i = 0; i < x.length; i++) {
      to[i] = scale * x[i];
    }
  }

  private static double[] l2Back(double[] x, double[] d) {
    double scale = scale(x);
    double along = 0;
    for (int i = 0; i < x.length; i++) {
      along += x[i] * d[i];
    }
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      dx[i] = scale * (d[i] - scale * scale * along * x[i]);
    }
    return dx;
  }

  private static double scale(double[] x) {
    double sum = 1e-6;
    for (double value : x) {
      sum += value * value;
    }
    return 1 / Math.sqrt(sum);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** Some rows of a weight times x. */
  private double[] product(String name, double[] x, int from, int count) {
    double[] w = parameters.apply(name);
    double[] y = new double[count];
    for (int r = 0; r < count; r++) {
      for (int i = 0; i < x.length; i++) {
        y[r] += w[(from + r) * x.length + i] * x[i];
      }
    }
    return y;
  }

  private void addProduct(
      String name,
      double[] x,
      int from,
      double[] dy,
      Function<String, double[]> gradients,
      double[] dx) {
    double[] w = parameters.apply(name);
    double[] dw = gradients.apply(name);
    for (int r = 0; r < dy.length; r++) {
      for (int i = 0; i < x.length; i++) {
        dw[(from + r) * x.length + i] += dy[r] * x[i];
        dx[i] += w[(from + r) * x.length + i] * dy[r];
      }
    }
  }
}
