package dev.unroll.kernel;

/**
 * {@link Tiles}, {@link Bf16Tiles} and {@link Int8Tiles} in plain Java, for width 0: any number of
 * rows by 64 columns, each sum in the same order with the same fma. Parameters in the order of
 * those tiles.
 */
final class PlainTiles {
  private PlainTiles() {}

  static void product(
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      int ldc,
      int k,
      float[] a,
      int a0,
      int lda,
      float[] b,
      int b0,
      int rows) {
    for (int r = 0; r < rows; r++) {
      int to = r * ldc;
      int bk = b0;
      for (int i = 0; i < k; i++) {
        float x = a[a0 + r * lda + i];
        axpy(c, c0 + to, x, b, bk);
        axpy(c, c1 + to, x, b, bk + Columns.ATOM);
        axpy(c, c2 + to, x, b, bk + 2 * Columns.ATOM);
        axpy(c, c3 + to, x, b, bk + 3 * Columns.ATOM);
        bk += Panels.WIDTH;
      }
    }
  }

  static void bf16(
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      int ldc,
      int k,
      float[] a,
      int a0,
      int lda,
      int[] b,
      int b0,
      int rows) {
    for (int r = 0; r < rows; r++) {
      int to = r * ldc;
      for (int i = 0; i < k; i++) {
        float x = a[a0 + r * lda + i];
        int low = b0 + i * Panels.WIDTH / 2;
        int high = low + Columns.ATOM;
        for (int lane = 0; lane < Columns.ATOM; lane++) {
          add(c, c0 + to + lane, x, Float.intBitsToFloat(b[low + lane] << 16));
          add(c, c1 + to + lane, x, Float.intBitsToFloat(b[low + lane] & 0xffff0000));
          add(c, c2 + to + lane, x, Float.intBitsToFloat(b[high + lane] << 16));
          add(c, c3 + to + lane, x, Float.intBitsToFloat(b[high + lane] & 0xffff0000));
        }
      }
    }
  }

  static void int8(
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      int ldc,
      float[] scale,
      int scale0,
      int k,
      float[] a,
      int a0,
      int lda,
      int[] b,
      int b0,
      int rows) {
    for (int r = 0; r < rows; r++) {
      int at = a0 + r * lda;
      int to = r * ldc;
      for (int lane = 0; lane < Columns.ATOM; lane++) {
        int from = b0 + lane;
        int s = scale0 + lane;
        add(c, c0 + to + lane, scale[s], sum(k, a, at, b, from, 24));
        add(c, c1 + to + lane, scale[s + Columns.ATOM], sum(k, a, at, b, from, 16));
        add(c, c2 + to + lane, scale[s + 2 * Columns.ATOM], sum(k, a, at, b, from, 8));
        add(c, c3 + to + lane, scale[s + 3 * Columns.ATOM], sum(k, a, at, b, from, 0));
      }
    }
  }

  /** The sum over one byte of each int; {@code left} shifts that byte to the top. */
  private static float sum(int k, float[] a, int a0, int[] b, int b0, int left) {
    float sum = 0f;
    for (int i = 0; i < k; i++) {
      int top = b[b0 + i * Panels.WIDTH / 4] << left & 0xff000000;
      sum = Math.fma(a[a0 + i], (float) top, sum);
    }
    return sum;
  }

  private static void add(float[] c, int at, float x, float y) {
    c[at] = Math.fma(x, y, c[at]);
  }

  static void outer(
      float[] c,
      int c0,
      int b1,
      int b2,
      int b3,
      int rows,
      float[] a,
      int a0,
      int lda,
      float[] b,
      int b0,
      int n) {
    for (int i = 0; i < n; i++) {
      int to = c0 + i * Panels.WIDTH;
      for (int lane = 0; lane < Columns.ATOM; lane++) {
        c[to + lane] += sum(a, a0 + i, lda, b, b0 + lane, rows);
        c[to + Columns.ATOM + lane] += sum(a, a0 + i, lda, b, b1 + lane, rows);
        c[to + 2 * Columns.ATOM + lane] += sum(a, a0 + i, lda, b, b2 + lane, rows);
        c[to + 3 * Columns.ATOM + lane] += sum(a, a0 + i, lda, b, b3 + lane, rows);
      }
    }
  }

  private static float sum(float[] a, int a0, int lda, float[] b, int b0, int rows) {
    float sum = 0f;
    for (int r = 0; r < rows; r++) {
      sum = Math.fma(a[a0 + r * lda], b[b0 + r * Panels.WIDTH], sum);
    }
    return sum;
  }

  private static void axpy(float[] c, int c0, float x, float[] b, int b0) {
    for (int lane = 0; lane < Columns.ATOM; lane++) {
      c[c0 + lane] = Math.fma(x, b[b0 + lane], c[c0 + lane]);
    }
  }
}
