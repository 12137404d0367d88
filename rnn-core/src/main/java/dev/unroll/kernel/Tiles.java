package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops: tiles of 1 to 6 rows by 4 vectors whose sums stay in registers.
 *
 * <p>Each method is flat and free of branches on the shape, so that C2 compiles it once and well
 * whatever ran before; a helper call inside would stop being inlined and box every vector. The
 * accumulators (up to 24) are loaded from C and stored straight back. Every sum runs over k in
 * index order with fma, one lane an output, so the width of a vector never shows in the bits.
 *
 * <p>One loop a method: with a second one around it, for sums in several runs, C2 gave product6
 * half its speed in every process that had met one run before several.
 *
 * <p>The operands of the loop come last in the lists of parameters. The first six arrive in
 * registers, and what C2 must then spill it moves to vector registers and back in every turn of the
 * loop, on the pipes of the fma; what arrives on the stack it reads from there.
 *
 * <p>{@code productN}: C[r][v] += sum over k of A[r][k] B[k][v] for N rows r. A is row-major with
 * stride {@code lda}. B is a packed panel {@code [k][64]} of which the tile takes 4 neighbouring
 * vectors. Vector v of C starts at {@code cV} and its rows are {@code ldc} apart.
 *
 * <p>{@code outerN}: C[i][v] += sum over r of A[r][i] B[r][v] for N columns i of A (the gradient to
 * weights). Rows of A are {@code lda} apart, rows of B and C 64; vector v of B starts at {@code
 * bV}. The sum starts from zero and is added to C at the end: one block of a blocked sum.
 *
 * <p>Not here: any choice of tile, any tail. {@link Gemm} does both.
 */
final class Tiles {
  private static final int L = Lanes.LENGTH;

  private Tiles() {}

  static void product6(
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
      int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s02 = FloatVector.fromArray(Lanes.SPECIES, c, c2);
    FloatVector s03 = FloatVector.fromArray(Lanes.SPECIES, c, c3);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s12 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + ldc);
    FloatVector s13 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s22 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 2 * ldc);
    FloatVector s23 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 2 * ldc);
    FloatVector s30 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s31 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 3 * ldc);
    FloatVector s32 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 3 * ldc);
    FloatVector s33 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 3 * ldc);
    FloatVector s40 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * ldc);
    FloatVector s41 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 4 * ldc);
    FloatVector s42 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 4 * ldc);
    FloatVector s43 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 4 * ldc);
    FloatVector s50 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * ldc);
    FloatVector s51 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 5 * ldc);
    FloatVector s52 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 5 * ldc);
    FloatVector s53 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 5 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int a4 = a3 + lda;
    int a5 = a4 + lda;
    int b1 = b0 + L;
    int b2 = b1 + L;
    int b3 = b2 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      s32 = x3.fma(v2, s32);
      s33 = x3.fma(v3, s33);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[a4 + i]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
      s42 = x4.fma(v2, s42);
      s43 = x4.fma(v3, s43);
      FloatVector x5 = FloatVector.broadcast(Lanes.SPECIES, a[a5 + i]);
      s50 = x5.fma(v0, s50);
      s51 = x5.fma(v1, s51);
      s52 = x5.fma(v2, s52);
      s53 = x5.fma(v3, s53);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s02.intoArray(c, c2);
    s03.intoArray(c, c3);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s12.intoArray(c, c2 + ldc);
    s13.intoArray(c, c3 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s22.intoArray(c, c2 + 2 * ldc);
    s23.intoArray(c, c3 + 2 * ldc);
    s30.intoArray(c, c0 + 3 * ldc);
    s31.intoArray(c, c1 + 3 * ldc);
    s32.intoArray(c, c2 + 3 * ldc);
    s33.intoArray(c, c3 + 3 * ldc);
    s40.intoArray(c, c0 + 4 * ldc);
    s41.intoArray(c, c1 + 4 * ldc);
    s42.intoArray(c, c2 + 4 * ldc);
    s43.intoArray(c, c3 + 4 * ldc);
    s50.intoArray(c, c0 + 5 * ldc);
    s51.intoArray(c, c1 + 5 * ldc);
    s52.intoArray(c, c2 + 5 * ldc);
    s53.intoArray(c, c3 + 5 * ldc);
  }

  static void product5(
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
      int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s02 = FloatVector.fromArray(Lanes.SPECIES, c, c2);
    FloatVector s03 = FloatVector.fromArray(Lanes.SPECIES, c, c3);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s12 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + ldc);
    FloatVector s13 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s22 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 2 * ldc);
    FloatVector s23 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 2 * ldc);
    FloatVector s30 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s31 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 3 * ldc);
    FloatVector s32 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 3 * ldc);
    FloatVector s33 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 3 * ldc);
    FloatVector s40 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * ldc);
    FloatVector s41 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 4 * ldc);
    FloatVector s42 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 4 * ldc);
    FloatVector s43 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 4 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int a4 = a3 + lda;
    int b1 = b0 + L;
    int b2 = b1 + L;
    int b3 = b2 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      s32 = x3.fma(v2, s32);
      s33 = x3.fma(v3, s33);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[a4 + i]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
      s42 = x4.fma(v2, s42);
      s43 = x4.fma(v3, s43);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s02.intoArray(c, c2);
    s03.intoArray(c, c3);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s12.intoArray(c, c2 + ldc);
    s13.intoArray(c, c3 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s22.intoArray(c, c2 + 2 * ldc);
    s23.intoArray(c, c3 + 2 * ldc);
    s30.intoArray(c, c0 + 3 * ldc);
    s31.intoArray(c, c1 + 3 * ldc);
    s32.intoArray(c, c2 + 3 * ldc);
    s33.intoArray(c, c3 + 3 * ldc);
    s40.intoArray(c, c0 + 4 * ldc);
    s41.intoArray(c, c1 + 4 * ldc);
    s42.intoArray(c, c2 + 4 * ldc);
    s43.intoArray(c, c3 + 4 * ldc);
  }

  static void product4(
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
      int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s02 = FloatVector.fromArray(Lanes.SPECIES, c, c2);
    FloatVector s03 = FloatVector.fromArray(Lanes.SPECIES, c, c3);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s12 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + ldc);
    FloatVector s13 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s22 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 2 * ldc);
    FloatVector s23 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 2 * ldc);
    FloatVector s30 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * ldc);
    FloatVector s31 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 3 * ldc);
    FloatVector s32 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 3 * ldc);
    FloatVector s33 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 3 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    int b1 = b0 + L;
    int b2 = b1 + L;
    int b3 = b2 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[a3 + i]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      s32 = x3.fma(v2, s32);
      s33 = x3.fma(v3, s33);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s02.intoArray(c, c2);
    s03.intoArray(c, c3);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s12.intoArray(c, c2 + ldc);
    s13.intoArray(c, c3 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s22.intoArray(c, c2 + 2 * ldc);
    s23.intoArray(c, c3 + 2 * ldc);
    s30.intoArray(c, c0 + 3 * ldc);
    s31.intoArray(c, c1 + 3 * ldc);
    s32.intoArray(c, c2 + 3 * ldc);
    s33.intoArray(c, c3 + 3 * ldc);
  }

  static void product3(
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
      int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s02 = FloatVector.fromArray(Lanes.SPECIES, c, c2);
    FloatVector s03 = FloatVector.fromArray(Lanes.SPECIES, c, c3);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s12 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + ldc);
    FloatVector s13 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + ldc);
    FloatVector s20 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * ldc);
    FloatVector s21 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + 2 * ldc);
    FloatVector s22 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + 2 * ldc);
    FloatVector s23 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + 2 * ldc);
    int a1 = a0 + lda;
    int a2 = a1 + lda;
    int b1 = b0 + L;
    int b2 = b1 + L;
    int b3 = b2 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[a2 + i]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s02.intoArray(c, c2);
    s03.intoArray(c, c3);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s12.intoArray(c, c2 + ldc);
    s13.intoArray(c, c3 + ldc);
    s20.intoArray(c, c0 + 2 * ldc);
    s21.intoArray(c, c1 + 2 * ldc);
    s22.intoArray(c, c2 + 2 * ldc);
    s23.intoArray(c, c3 + 2 * ldc);
  }

  static void product2(
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
      int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s02 = FloatVector.fromArray(Lanes.SPECIES, c, c2);
    FloatVector s03 = FloatVector.fromArray(Lanes.SPECIES, c, c3);
    FloatVector s10 = FloatVector.fromArray(Lanes.SPECIES, c, c0 + ldc);
    FloatVector s11 = FloatVector.fromArray(Lanes.SPECIES, c, c1 + ldc);
    FloatVector s12 = FloatVector.fromArray(Lanes.SPECIES, c, c2 + ldc);
    FloatVector s13 = FloatVector.fromArray(Lanes.SPECIES, c, c3 + ldc);
    int a1 = a0 + lda;
    int b1 = b0 + L;
    int b2 = b1 + L;
    int b3 = b2 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[a1 + i]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s02.intoArray(c, c2);
    s03.intoArray(c, c3);
    s10.intoArray(c, c0 + ldc);
    s11.intoArray(c, c1 + ldc);
    s12.intoArray(c, c2 + ldc);
    s13.intoArray(c, c3 + ldc);
  }

  static void product1(
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
      int b0) {
    FloatVector s00 = FloatVector.fromArray(Lanes.SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(Lanes.SPECIES, c, c1);
    FloatVector s02 = FloatVector.fromArray(Lanes.SPECIES, c, c2);
    FloatVector s03 = FloatVector.fromArray(Lanes.SPECIES, c, c3);
    int b1 = b0 + L;
    int b2 = b1 + L;
    int b3 = b2 + L;
    for (int i = 0; i < k; i++) {
      int q = i * Panels.WIDTH;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c1);
    s02.intoArray(c, c2);
    s03.intoArray(c, c3);
  }

  static void outer6(
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
      int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s02 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s03 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s12 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s13 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s22 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s23 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s30 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s31 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s32 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s33 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s40 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s41 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s42 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s43 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s50 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s51 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s52 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s53 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[i + 3]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      s32 = x3.fma(v2, s32);
      s33 = x3.fma(v3, s33);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[i + 4]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
      s42 = x4.fma(v2, s42);
      s43 = x4.fma(v3, s43);
      FloatVector x5 = FloatVector.broadcast(Lanes.SPECIES, a[i + 5]);
      s50 = x5.fma(v0, s50);
      s51 = x5.fma(v1, s51);
      s52 = x5.fma(v2, s52);
      s53 = x5.fma(v3, s53);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * L).add(s02).intoArray(c, c0 + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * L).add(s03).intoArray(c, c0 + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 2 * L)
        .add(s12)
        .intoArray(c, c0 + Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 3 * L)
        .add(s13)
        .intoArray(c, c0 + Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 2 * L)
        .add(s22)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 3 * L)
        .add(s23)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH)
        .add(s30)
        .intoArray(c, c0 + 3 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + L)
        .add(s31)
        .intoArray(c, c0 + 3 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + 2 * L)
        .add(s32)
        .intoArray(c, c0 + 3 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + 3 * L)
        .add(s33)
        .intoArray(c, c0 + 3 * Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH)
        .add(s40)
        .intoArray(c, c0 + 4 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + L)
        .add(s41)
        .intoArray(c, c0 + 4 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + 2 * L)
        .add(s42)
        .intoArray(c, c0 + 4 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + 3 * L)
        .add(s43)
        .intoArray(c, c0 + 4 * Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * Panels.WIDTH)
        .add(s50)
        .intoArray(c, c0 + 5 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * Panels.WIDTH + L)
        .add(s51)
        .intoArray(c, c0 + 5 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * Panels.WIDTH + 2 * L)
        .add(s52)
        .intoArray(c, c0 + 5 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 5 * Panels.WIDTH + 3 * L)
        .add(s53)
        .intoArray(c, c0 + 5 * Panels.WIDTH + 3 * L);
  }

  static void outer5(
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
      int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s02 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s03 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s12 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s13 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s22 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s23 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s30 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s31 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s32 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s33 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s40 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s41 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s42 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s43 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[i + 3]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      s32 = x3.fma(v2, s32);
      s33 = x3.fma(v3, s33);
      FloatVector x4 = FloatVector.broadcast(Lanes.SPECIES, a[i + 4]);
      s40 = x4.fma(v0, s40);
      s41 = x4.fma(v1, s41);
      s42 = x4.fma(v2, s42);
      s43 = x4.fma(v3, s43);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * L).add(s02).intoArray(c, c0 + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * L).add(s03).intoArray(c, c0 + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 2 * L)
        .add(s12)
        .intoArray(c, c0 + Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 3 * L)
        .add(s13)
        .intoArray(c, c0 + Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 2 * L)
        .add(s22)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 3 * L)
        .add(s23)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH)
        .add(s30)
        .intoArray(c, c0 + 3 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + L)
        .add(s31)
        .intoArray(c, c0 + 3 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + 2 * L)
        .add(s32)
        .intoArray(c, c0 + 3 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + 3 * L)
        .add(s33)
        .intoArray(c, c0 + 3 * Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH)
        .add(s40)
        .intoArray(c, c0 + 4 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + L)
        .add(s41)
        .intoArray(c, c0 + 4 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + 2 * L)
        .add(s42)
        .intoArray(c, c0 + 4 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 4 * Panels.WIDTH + 3 * L)
        .add(s43)
        .intoArray(c, c0 + 4 * Panels.WIDTH + 3 * L);
  }

  static void outer4(
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
      int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s02 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s03 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s12 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s13 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s22 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s23 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s30 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s31 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s32 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s33 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
      FloatVector x3 = FloatVector.broadcast(Lanes.SPECIES, a[i + 3]);
      s30 = x3.fma(v0, s30);
      s31 = x3.fma(v1, s31);
      s32 = x3.fma(v2, s32);
      s33 = x3.fma(v3, s33);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * L).add(s02).intoArray(c, c0 + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * L).add(s03).intoArray(c, c0 + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 2 * L)
        .add(s12)
        .intoArray(c, c0 + Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 3 * L)
        .add(s13)
        .intoArray(c, c0 + Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 2 * L)
        .add(s22)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 3 * L)
        .add(s23)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH)
        .add(s30)
        .intoArray(c, c0 + 3 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + L)
        .add(s31)
        .intoArray(c, c0 + 3 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + 2 * L)
        .add(s32)
        .intoArray(c, c0 + 3 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * Panels.WIDTH + 3 * L)
        .add(s33)
        .intoArray(c, c0 + 3 * Panels.WIDTH + 3 * L);
  }

  static void outer3(
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
      int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s02 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s03 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s12 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s13 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s20 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s21 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s22 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s23 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
      FloatVector x2 = FloatVector.broadcast(Lanes.SPECIES, a[i + 2]);
      s20 = x2.fma(v0, s20);
      s21 = x2.fma(v1, s21);
      s22 = x2.fma(v2, s22);
      s23 = x2.fma(v3, s23);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * L).add(s02).intoArray(c, c0 + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * L).add(s03).intoArray(c, c0 + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 2 * L)
        .add(s12)
        .intoArray(c, c0 + Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 3 * L)
        .add(s13)
        .intoArray(c, c0 + Panels.WIDTH + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH)
        .add(s20)
        .intoArray(c, c0 + 2 * Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + L)
        .add(s21)
        .intoArray(c, c0 + 2 * Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 2 * L)
        .add(s22)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * Panels.WIDTH + 3 * L)
        .add(s23)
        .intoArray(c, c0 + 2 * Panels.WIDTH + 3 * L);
  }

  static void outer2(
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
      int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s02 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s03 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s10 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s11 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s12 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s13 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
      FloatVector x1 = FloatVector.broadcast(Lanes.SPECIES, a[i + 1]);
      s10 = x1.fma(v0, s10);
      s11 = x1.fma(v1, s11);
      s12 = x1.fma(v2, s12);
      s13 = x1.fma(v3, s13);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * L).add(s02).intoArray(c, c0 + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * L).add(s03).intoArray(c, c0 + 3 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH)
        .add(s10)
        .intoArray(c, c0 + Panels.WIDTH);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + L)
        .add(s11)
        .intoArray(c, c0 + Panels.WIDTH + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 2 * L)
        .add(s12)
        .intoArray(c, c0 + Panels.WIDTH + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + Panels.WIDTH + 3 * L)
        .add(s13)
        .intoArray(c, c0 + Panels.WIDTH + 3 * L);
  }

  static void outer1(
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
      int b0) {
    FloatVector s00 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s01 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s02 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s03 = FloatVector.zero(Lanes.SPECIES);
    for (int k = 0; k < rows; k++) {
      int q = k * Panels.WIDTH;
      int i = a0 + k * lda;
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, b, b0 + q);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, b, b1 + q);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, b, b2 + q);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, b, b3 + q);
      FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[i]);
      s00 = x0.fma(v0, s00);
      s01 = x0.fma(v1, s01);
      s02 = x0.fma(v2, s02);
      s03 = x0.fma(v3, s03);
    }
    FloatVector.fromArray(Lanes.SPECIES, c, c0).add(s00).intoArray(c, c0);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + L).add(s01).intoArray(c, c0 + L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 2 * L).add(s02).intoArray(c, c0 + 2 * L);
    FloatVector.fromArray(Lanes.SPECIES, c, c0 + 3 * L).add(s03).intoArray(c, c0 + 3 * L);
  }
}
