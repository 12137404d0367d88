package dev.unroll.dynamics;

/** The few operations on row-major n x n matrices in double that a Kalman smoother needs. */
final class Matrices {
  private Matrices() {}

  /** {@return a b} */
  static double[] multiply(double[] a, double[] b, int n) {
    double[] product = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        double scale = a[i * n + k];
        for (int j = 0; j < n; j++) {
          product[i * n + j] += scale * b[k * n + j];
        }
      }
    }
    return product;
  }

  static double[] transpose(double[] a, int n) {
    double[] transposed = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        transposed[j * n + i] = a[i * n + j];
      }
    }
    return transposed;
  }

  static void addIdentity(double[] a, int n, double scale) {
    for (int i = 0; i < n; i++) {
      a[i * n + i] += scale;
    }
  }

  /** Makes a matrix that rounding left slightly asymmetric symmetric again. */
  static void symmetrize(double[] a, int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double mean = .5 * (a[i * n + j] + a[j * n + i]);
        a[i * n + j] = mean;
        a[j * n + i] = mean;
      }
    }
  }

  /** {@return the lower triangle L of a = L L', a symmetric and positive definite} */
  static double[] cholesky(double[] a, int n) {
    double[] l = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i * n + j];
        for (int k = 0; k < j; k++) {
          sum -= l[i * n + k] * l[j * n + k];
        }
        l[i * n + j] = i == j ? Math.sqrt(sum) : sum / l[j * n + j];
      }
    }
    return l;
  }

  /**
   * Solves L L' X = B.
   *
   * @param l from {@link #cholesky}
   * @param b {@code [n, columns]}
   * @return X
   */
  static double[] solve(double[] l, double[] b, int n, int columns) {
    double[] x = b.clone();
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        subtract(x, i, k, l[i * n + k], columns);
      }
      divide(x, i, l[i * n + i], columns);
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        subtract(x, i, k, l[k * n + i], columns);
      }
      divide(x, i, l[i * n + i], columns);
    }
    return x;
  }

  private static void subtract(double[] x, int row, int other, double scale, int columns) {
    for (int j = 0; j < columns; j++) {
      x[row * columns + j] -= scale * x[other * columns + j];
    }
  }

  private static void divide(double[] x, int row, double by, int columns) {
    for (int j = 0; j < columns; j++) {
      x[row * columns + j] /= by;
    }
  }
}
