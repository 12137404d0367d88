package dev.unroll.kernel;

/**
 * {@link Tiles} in plain Java, for width 0: any number of rows by 64 columns, each sum in the same
 * order with the same fma.
 */
final class PlainTiles {
  private PlainTiles() {}

  static void product(
      int rows,
      float[] a,
      int a0,
      int lda,
      int k,
      float[] b,
      int b0,
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      int ldc) {
    for (int r = 0; r < rows; r++) {
      int to = r * ldc;
      int bk = b0;
      for (int i = 0; i < k; i++) {
        float x = a[a0 + r * lda + i];
        axpy(x, b, bk, c, c0 + to);
        axpy(x, b, bk + Columns.ATOM, c, c1 + to);
        axpy(x, b, bk + 2 * Columns.ATOM, c, c2 + to);
        axpy(x, b, bk + 3 * Columns.ATOM, c, c3 + to);
        bk += Panels.WIDTH;
      }
    }
  }

  static void outer(
      int n,
      float[] a,
      int a0,
      int lda,
      int rows,
      float[] b,
      int b0,
      int b1,
      int b2,
      int b3,
      float[] c,
      int c0) {
    for (int i = 0; i < n; i++) {
      int to = c0 + i * Panels.WIDTH;
      for (int lane = 0; lane < Columns.ATOM; lane++) {
        c[to + lane] += sum(a, a0 + i, lda, rows, b, b0 + lane);
        c[to + Columns.ATOM + lane] += sum(a, a0 + i, lda, rows, b, b1 + lane);
        c[to + 2 * Columns.ATOM + lane] += sum(a, a0 + i, lda, rows, b, b2 + lane);
        c[to + 3 * Columns.ATOM + lane] += sum(a, a0 + i, lda, rows, b, b3 + lane);
      }
    }
  }

  private static float sum(float[] a, int a0, int lda, int rows, float[] b, int b0) {
    float sum = 0f;
    for (int r = 0; r < rows; r++) {
      sum = Math.fma(a[a0 + r * lda], b[b0 + r * Panels.WIDTH], sum);
    }
    return sum;
  }

  private static void axpy(float x, float[] b, int b0, float[] c, int c0) {
    for (int lane = 0; lane < Columns.ATOM; lane++) {
      c[c0 + lane] = Math.fma(x, b[b0 + lane], c[c0 + lane]);
    }
  }
}
