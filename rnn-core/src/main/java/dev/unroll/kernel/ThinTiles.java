package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * Tiles of 2 to 6 rows by one vector, for the columns that are left when the last tile of four
 * vectors in {@link Tiles} would be mostly empty: the same sums in the same order. A single row
 * gains nothing, as an fma takes as long as the four of a whole tile.
 *
 * <p>{@code productN}: C[r] += sum over k of A[r][k] B[k] for N rows r. A and C are row-major, B is
 * a packed panel {@code [k][64]} of which the tile takes one vector.
 */
final class ThinTiles {
  private ThinTiles() {}

  static void product6(
      float[] c, int c0, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s0 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s1 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s2 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s3 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s4 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * ldc);
    FloatVector s5 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int a4 = a3 + lda;
    int a5 = a4 + lda;
    for (int i = 0; i < k; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.SPECIES, b, b0 + i * Panels.WIDTH);
      s0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]).fma(v, s0);
      s1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]).fma(v, s1);
      s2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]).fma(v, s2);
      s3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]).fma(v, s3);
      s4 = FloatVector.broadcast(Lanes.SPECIES, a[a4 + i]).fma(v, s4);
      s5 = FloatVector.broadcast(Lanes.SPECIES, a[a5 + i]).fma(v, s5);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c0 + ldc);
    s2.intoArray(c, c0 + 2 * ldc);
    s3.intoArray(c, c0 + 3 * ldc);
    s4.intoArray(c, c0 + 4 * ldc);
    s5.intoArray(c, c0 + 5 * ldc);
  }

  static void product5(
      float[] c, int c0, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s0 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s1 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s2 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s3 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s4 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int a4 = a3 + lda;
    for (int i = 0; i < k; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.SPECIES, b, b0 + i * Panels.WIDTH);
      s0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]).fma(v, s0);
      s1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]).fma(v, s1);
      s2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]).fma(v, s2);
      s3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]).fma(v, s3);
      s4 = FloatVector.broadcast(Lanes.SPECIES, a[a4 + i]).fma(v, s4);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c0 + ldc);
    s2.intoArray(c, c0 + 2 * ldc);
    s3.intoArray(c, c0 + 3 * ldc);
    s4.intoArray(c, c0 + 4 * ldc);
  }

  static void product4(
      float[] c, int c0, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s0 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s1 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s2 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s3 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    for (int i = 0; i < k; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.SPECIES, b, b0 + i * Panels.WIDTH);
      s0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]).fma(v, s0);
      s1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]).fma(v, s1);
      s2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]).fma(v, s2);
      s3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]).fma(v, s3);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c0 + ldc);
    s2.intoArray(c, c0 + 2 * ldc);
    s3.intoArray(c, c0 + 3 * ldc);
  }

  static void product3(
      float[] c, int c0, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s0 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s1 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s2 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    for (int i = 0; i < k; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.SPECIES, b, b0 + i * Panels.WIDTH);
      s0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]).fma(v, s0);
      s1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]).fma(v, s1);
      s2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]).fma(v, s2);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c0 + ldc);
    s2.intoArray(c, c0 + 2 * ldc);
  }

  static void product2(
      float[] c, int c0, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s0 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s1 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    int a1 = a0 + lda;
    for (int i = 0; i < k; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.SPECIES, b, b0 + i * Panels.WIDTH);
      s0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]).fma(v, s0);
      s1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]).fma(v, s1);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c0 + ldc);
  }
}
