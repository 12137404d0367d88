package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * Tiles of 3 to 6 rows by two vectors, for 256 bits: x86 processors without AVX-512 have 16 vector
 * registers, in which 12 sums, two vectors of B and one of A fit, but not the 24 sums of {@link
 * Tiles}. Otherwise as there.
 */
final class PairTiles {
  private static final int L = Lanes.LENGTH;

  private PairTiles() {}

  static void product6(
      float[] c, int c0, int c1, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s30 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s31 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 3 * ldc);
    FloatVector s40 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * ldc);
    FloatVector s41 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 4 * ldc);
    FloatVector s50 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * ldc);
    FloatVector s51 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 5 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int a4 = a3 + lda;
    int a5 = a4 + lda;
    int b1 = b0 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[a4 + i]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
      FloatVector x5 = FloatVector.broadcast(Lanes.SPECIES, a[a5 + i]);
      s50 = x5.fma(v0, s50);
      s51 = x5.fma(v1, s51);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s30.intoArray(c, c0 + 3 * ldc);
    s31.intoArray(c, c1 + 3 * ldc);
    s40.intoArray(c, c0 + 4 * ldc);
    s41.intoArray(c, c1 + 4 * ldc);
    s50.intoArray(c, c0 + 5 * ldc);
    s51.intoArray(c, c1 + 5 * ldc);
  }

  static void product5(
      float[] c, int c0, int c1, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s30 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s31 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 3 * ldc);
    FloatVector s40 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * ldc);
    FloatVector s41 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 4 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int a4 = a3 + lda;
    int b1 = b0 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[a4 + i]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s30.intoArray(c, c0 + 3 * ldc);
    s31.intoArray(c, c1 + 3 * ldc);
    s40.intoArray(c, c0 + 4 * ldc);
    s41.intoArray(c, c1 + 4 * ldc);
  }

  static void product4(
      float[] c, int c0, int c1, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s30 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s31 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 3 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int b1 = b0 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s30.intoArray(c, c0 + 3 * ldc);
    s31.intoArray(c, c1 + 3 * ldc);
  }

  static void product3(
      float[] c, int c0, int c1, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int b1 = b0 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
  }

  static void outer6(
      float[] c, int c0, int b1, int rows, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s30 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s31 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s40 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s41 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s50 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s51 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[i + 3]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[i + 4]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
      FloatVector x5 = FloatVector.broadcast(Lanes.SPECIES, a[i + 5]);
      s50 = x5.fma(v0, s50);
      s51 = x5.fma(v1, s51);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH)
        .add(s30)
        .intoArray(c, c0 + 3 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + L)
        .add(s31)
        .intoArray(c, c0 + 3 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH)
        .add(s40)
        .intoArray(c, c0 + 4 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + L)
        .add(s41)
        .intoArray(c, c0 + 4 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * Panels.WIDTH)
        .add(s50)
        .intoArray(c, c0 + 5 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * Panels.WIDTH + L)
        .add(s51)
        .intoArray(c, c0 + 5 * Panels.WIDTH + L);
  }

  static void outer5(
      float[] c, int c0, int b1, int rows, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s30 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s31 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s40 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s41 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[i + 3]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[i + 4]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH)
        .add(s30)
        .intoArray(c, c0 + 3 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + L)
        .add(s31)
        .intoArray(c, c0 + 3 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH)
        .add(s40)
        .intoArray(c, c0 + 4 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + L)
        .add(s41)
        .intoArray(c, c0 + 4 * Panels.WIDTH + L);
  }

  static void outer4(
      float[] c, int c0, int b1, int rows, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s30 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s31 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[i + 3]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH)
        .add(s30)
        .intoArray(c, c0 + 3 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + L)
        .add(s31)
        .intoArray(c, c0 + 3 * Panels.WIDTH + L);
  }

  static void outer3(
      float[] c, int c0, int b1, int rows, float[] a, int a0, int lda, float[] b, int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
  }
}
