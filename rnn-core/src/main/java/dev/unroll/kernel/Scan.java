package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The linear recurrence h_t = a_t h_(t-1) + b_t over {@value #BLOCK} steps or fewer, column by
 * column, forward and backward.
 *
 * <p>A block is solved from zero, its solution l beside the product p of its a so far; then h_t =
 * p_t h_before + l_t. So blocks can be solved before what comes into them is known. {@link
 * #forward} does both at once where it is known, with the same operations in the same order as
 * {@link #local} followed by {@link #carry}: the same bits.
 *
 * <p>Row r of an array starts at its offset plus r times its stride, which may be negative: a
 * recurrence that runs from the last step to the first. Columns are independent. A block carried
 * from another is always {@code h = p c + l}, its last row the carry of the next.
 *
 * <p>Nothing here allocates, starts threads or keeps state.
 */
public final class Scan {
  /** Steps of a block; fixed, since results depend on it. */
  public static final int BLOCK = 64;

  private static final int L = Lanes.LENGTH;

  /** Columns of one pass over the steps: as many sums as hide the latency of one. */
  private static final int TILE = 4 * L;

  private Scan() {}

  /**
   * Solves a block whose state before is known.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0
   * @param lda stride of its rows
   * @param b inhomogeneities
   * @param bFrom offset of its row 0
   * @param ldb stride of its rows
   * @param h the solution, written; may be b
   * @param hFrom offset of its row 0
   * @param ldh stride of its rows
   * @param state the state before the block, replaced by the one after
   * @param sFrom its offset
   */
  public static void forward(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] b,
      int bFrom,
      int ldb,
      float[] h,
      int hFrom,
      int ldh,
      float[] state,
      int sFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + L);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 2 * L);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 3 * L);
        FloatVector l0 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l1 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l2 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l3 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector p0 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p1 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p2 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p3 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int br = bFrom + j + r * ldb;
          FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, br);
          FloatVector b1 = FloatVector.fromArray(Lanes.SPECIES, b, br + L);
          FloatVector b2 = FloatVector.fromArray(Lanes.SPECIES, b, br + 2 * L);
          FloatVector b3 = FloatVector.fromArray(Lanes.SPECIES, b, br + 3 * L);
          int hr = hFrom + j + r * ldh;
          l0 = a0.fma(l0, b0);
          l1 = a1.fma(l1, b1);
          l2 = a2.fma(l2, b2);
          l3 = a3.fma(l3, b3);
          p0 = p0.mul(a0);
          p1 = p1.mul(a1);
          p2 = p2.mul(a2);
          p3 = p3.mul(a3);
          p0.fma(c0, l0).intoArray(h, hr);
          p1.fma(c1, l1).intoArray(h, hr + L);
          p2.fma(c2, l2).intoArray(h, hr + 2 * L);
          p3.fma(c3, l3).intoArray(h, hr + 3 * L);
        }
        p0.fma(c0, l0).intoArray(state, sFrom + j);
        p1.fma(c1, l1).intoArray(state, sFrom + j + L);
        p2.fma(c2, l2).intoArray(state, sFrom + j + 2 * L);
        p3.fma(c3, l3).intoArray(state, sFrom + j + 3 * L);
      }
    }
    for (; j < columns; j++) {
      float c = state[sFrom + j];
      float l = 0f;
      float p = 1f;
      for (int r = 0; r < rows; r++) {
        float ar = a[aFrom + j + r * lda];
        l = Math.fma(ar, l, b[bFrom + j + r * ldb]);
        p = p * ar;
        h[hFrom + j + r * ldh] = Math.fma(p, c, l);
      }
      state[sFrom + j] = Math.fma(p, c, l);
    }
  }

  /**
   * Solves a block from zero.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0
   * @param lda stride of its rows
   * @param b inhomogeneities
   * @param bFrom offset of its row 0
   * @param ldb stride of its rows
   * @param h the solution, written; may be b
   * @param hFrom offset of its row 0
   * @param ldh stride of its rows
   * @param product the product of all rows of a, written
   * @param pFrom its offset
   * @param solution the last row of h, written; zero without rows
   * @param nFrom its offset
   */
  public static void local(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] b,
      int bFrom,
      int ldb,
      float[] h,
      int hFrom,
      int ldh,
      float[] product,
      int pFrom,
      float[] solution,
      int nFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector l0 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l1 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l2 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l3 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector q0 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q1 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q2 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q3 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int br = bFrom + j + r * ldb;
          FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, br);
          FloatVector b1 = FloatVector.fromArray(Lanes.SPECIES, b, br + L);
          FloatVector b2 = FloatVector.fromArray(Lanes.SPECIES, b, br + 2 * L);
          FloatVector b3 = FloatVector.fromArray(Lanes.SPECIES, b, br + 3 * L);
          int hr = hFrom + j + r * ldh;
          l0 = a0.fma(l0, b0);
          l1 = a1.fma(l1, b1);
          l2 = a2.fma(l2, b2);
          l3 = a3.fma(l3, b3);
          q0 = q0.mul(a0);
          q1 = q1.mul(a1);
          q2 = q2.mul(a2);
          q3 = q3.mul(a3);
          l0.intoArray(h, hr);
          l1.intoArray(h, hr + L);
          l2.intoArray(h, hr + 2 * L);
          l3.intoArray(h, hr + 3 * L);
        }
        q0.intoArray(product, pFrom + j);
        q1.intoArray(product, pFrom + j + L);
        q2.intoArray(product, pFrom + j + 2 * L);
        q3.intoArray(product, pFrom + j + 3 * L);
        l0.intoArray(solution, nFrom + j);
        l1.intoArray(solution, nFrom + j + L);
        l2.intoArray(solution, nFrom + j + 2 * L);
        l3.intoArray(solution, nFrom + j + 3 * L);
      }
    }
    for (; j < columns; j++) {
      float l = 0f;
      float q = 1f;
      for (int r = 0; r < rows; r++) {
        float ar = a[aFrom + j + r * lda];
        l = Math.fma(ar, l, b[bFrom + j + r * ldb]);
        q = q * ar;
        h[hFrom + j + r * ldh] = l;
      }
      product[pFrom + j] = q;
      solution[nFrom + j] = l;
    }
  }

  /**
   * Adds to a block's solution from zero what comes from the state before.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0
   * @param lda stride of its rows
   * @param h the solution from zero, replaced by the solution
   * @param hFrom offset of its row 0
   * @param ldh stride of its rows
   * @param state the state before the block
   * @param sFrom its offset
   */
  public static void carry(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] h,
      int hFrom,
      int ldh,
      float[] state,
      int sFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + L);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 2 * L);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 3 * L);
        FloatVector p0 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p1 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p2 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p3 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int hr = hFrom + j + r * ldh;
          FloatVector h0 = FloatVector.fromArray(Lanes.SPECIES, h, hr);
          FloatVector h1 = FloatVector.fromArray(Lanes.SPECIES, h, hr + L);
          FloatVector h2 = FloatVector.fromArray(Lanes.SPECIES, h, hr + 2 * L);
          FloatVector h3 = FloatVector.fromArray(Lanes.SPECIES, h, hr + 3 * L);
          p0 = p0.mul(a0);
          p1 = p1.mul(a1);
          p2 = p2.mul(a2);
          p3 = p3.mul(a3);
          p0.fma(c0, h0).intoArray(h, hr);
          p1.fma(c1, h1).intoArray(h, hr + L);
          p2.fma(c2, h2).intoArray(h, hr + 2 * L);
          p3.fma(c3, h3).intoArray(h, hr + 3 * L);
        }
      }
    }
    for (; j < columns; j++) {
      float c = state[sFrom + j];
      float p = 1f;
      for (int r = 0; r < rows; r++) {
        p = p * a[aFrom + j + r * lda];
        int at = hFrom + j + r * ldh;
        h[at] = Math.fma(p, c, h[at]);
      }
    }
  }

  /**
   * The gradients to h in a block, later steps first: dh_t += e, then e = a_t dh_t is what goes on
   * to the step before.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0, the last step
   * @param lda stride of its rows
   * @param dh gradients to h from outside, replaced by the whole gradients to h
   * @param dFrom offset of its row 0, the last step
   * @param ldd stride of its rows
   * @param state e from the steps after the block, replaced by e for those before
   * @param sFrom its offset
   */
  public static void backward(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] dh,
      int dFrom,
      int ldd,
      float[] state,
      int sFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + L);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 2 * L);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 3 * L);
        FloatVector l0 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l1 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l2 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l3 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector p0 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p1 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p2 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector p3 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int dr = dFrom + j + r * ldd;
          FloatVector d0 = FloatVector.fromArray(Lanes.SPECIES, dh, dr);
          FloatVector d1 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + L);
          FloatVector d2 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + 2 * L);
          FloatVector d3 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + 3 * L);
          p0.fma(c0, l0).add(d0).intoArray(dh, dr);
          p1.fma(c1, l1).add(d1).intoArray(dh, dr + L);
          p2.fma(c2, l2).add(d2).intoArray(dh, dr + 2 * L);
          p3.fma(c3, l3).add(d3).intoArray(dh, dr + 3 * L);
          l0 = a0.mul(l0.add(d0));
          l1 = a1.mul(l1.add(d1));
          l2 = a2.mul(l2.add(d2));
          l3 = a3.mul(l3.add(d3));
          p0 = p0.mul(a0);
          p1 = p1.mul(a1);
          p2 = p2.mul(a2);
          p3 = p3.mul(a3);
        }
        p0.fma(c0, l0).intoArray(state, sFrom + j);
        p1.fma(c1, l1).intoArray(state, sFrom + j + L);
        p2.fma(c2, l2).intoArray(state, sFrom + j + 2 * L);
        p3.fma(c3, l3).intoArray(state, sFrom + j + 3 * L);
      }
    }
    for (; j < columns; j++) {
      float c = state[sFrom + j];
      float l = 0f;
      float p = 1f;
      for (int r = 0; r < rows; r++) {
        float ar = a[aFrom + j + r * lda];
        int at = dFrom + j + r * ldd;
        float d = dh[at];
        dh[at] = Math.fma(p, c, l) + d;
        l = ar * (l + d);
        p = p * ar;
      }
      state[sFrom + j] = Math.fma(p, c, l);
    }
  }

  /**
   * What {@link #backward} does to its state, without knowing it: e_before = p e_after + l.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0, the last step
   * @param lda stride of its rows
   * @param dh gradients to h from outside
   * @param dFrom offset of its row 0, the last step
   * @param ldd stride of its rows
   * @param product p, written
   * @param pFrom its offset
   * @param solution l, written
   * @param nFrom its offset
   */
  public static void backwardLocal(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] dh,
      int dFrom,
      int ldd,
      float[] product,
      int pFrom,
      float[] solution,
      int nFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector l0 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l1 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l2 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector l3 = FloatVector.broadcast(Lanes.SPECIES, 0f);
        FloatVector q0 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q1 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q2 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q3 = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int dr = dFrom + j + r * ldd;
          FloatVector d0 = FloatVector.fromArray(Lanes.SPECIES, dh, dr);
          FloatVector d1 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + L);
          FloatVector d2 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + 2 * L);
          FloatVector d3 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + 3 * L);
          l0 = a0.mul(l0.add(d0));
          l1 = a1.mul(l1.add(d1));
          l2 = a2.mul(l2.add(d2));
          l3 = a3.mul(l3.add(d3));
          q0 = q0.mul(a0);
          q1 = q1.mul(a1);
          q2 = q2.mul(a2);
          q3 = q3.mul(a3);
        }
        q0.intoArray(product, pFrom + j);
        q1.intoArray(product, pFrom + j + L);
        q2.intoArray(product, pFrom + j + 2 * L);
        q3.intoArray(product, pFrom + j + 3 * L);
        l0.intoArray(solution, nFrom + j);
        l1.intoArray(solution, nFrom + j + L);
        l2.intoArray(solution, nFrom + j + 2 * L);
        l3.intoArray(solution, nFrom + j + 3 * L);
      }
    }
    for (; j < columns; j++) {
      float l = 0f;
      float q = 1f;
      for (int r = 0; r < rows; r++) {
        float ar = a[aFrom + j + r * lda];
        l = ar * (l + dh[dFrom + j + r * ldd]);
        q = q * ar;
      }
      product[pFrom + j] = q;
      solution[nFrom + j] = l;
    }
  }

  /**
   * Solves step by step: the first block of a sequence, or all of it.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0
   * @param lda stride of its rows
   * @param b inhomogeneities
   * @param bFrom offset of its row 0
   * @param ldb stride of its rows
   * @param h the solution, written; may be b
   * @param hFrom offset of its row 0
   * @param ldh stride of its rows
   * @param state the state before, replaced by the one after
   * @param sFrom its offset
   */
  public static void serial(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] b,
      int bFrom,
      int ldb,
      float[] h,
      int hFrom,
      int ldh,
      float[] state,
      int sFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + L);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 2 * L);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 3 * L);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int br = bFrom + j + r * ldb;
          FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, br);
          FloatVector b1 = FloatVector.fromArray(Lanes.SPECIES, b, br + L);
          FloatVector b2 = FloatVector.fromArray(Lanes.SPECIES, b, br + 2 * L);
          FloatVector b3 = FloatVector.fromArray(Lanes.SPECIES, b, br + 3 * L);
          int hr = hFrom + j + r * ldh;
          c0 = a0.fma(c0, b0);
          c1 = a1.fma(c1, b1);
          c2 = a2.fma(c2, b2);
          c3 = a3.fma(c3, b3);
          c0.intoArray(h, hr);
          c1.intoArray(h, hr + L);
          c2.intoArray(h, hr + 2 * L);
          c3.intoArray(h, hr + 3 * L);
        }
        c0.intoArray(state, sFrom + j);
        c1.intoArray(state, sFrom + j + L);
        c2.intoArray(state, sFrom + j + 2 * L);
        c3.intoArray(state, sFrom + j + 3 * L);
      }
    }
    for (; j < columns; j++) {
      float c = state[sFrom + j];
      for (int r = 0; r < rows; r++) {
        c = Math.fma(a[aFrom + j + r * lda], c, b[bFrom + j + r * ldb]);
        h[hFrom + j + r * ldh] = c;
      }
      state[sFrom + j] = c;
    }
  }

  /**
   * As {@link #backward}, step by step: the first block that the gradient comes to, or all.
   *
   * @param columns columns
   * @param rows steps
   * @param a coefficients
   * @param aFrom offset of its row 0, the last step
   * @param lda stride of its rows
   * @param dh gradients to h from outside, replaced by the whole gradients to h
   * @param dFrom offset of its row 0, the last step
   * @param ldd stride of its rows
   * @param state e from the steps after, replaced by e for those before
   * @param sFrom its offset
   */
  public static void backwardSerial(
      int columns,
      int rows,
      float[] a,
      int aFrom,
      int lda,
      float[] dh,
      int dFrom,
      int ldd,
      float[] state,
      int sFrom) {
    int j = 0;
    if (Lanes.VECTOR) {
      for (; j + TILE <= columns; j += TILE) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + L);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 2 * L);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, state, sFrom + j + 3 * L);
        for (int r = 0; r < rows; r++) {
          int ar = aFrom + j + r * lda;
          FloatVector a0 = FloatVector.fromArray(Lanes.SPECIES, a, ar);
          FloatVector a1 = FloatVector.fromArray(Lanes.SPECIES, a, ar + L);
          FloatVector a2 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 2 * L);
          FloatVector a3 = FloatVector.fromArray(Lanes.SPECIES, a, ar + 3 * L);
          int dr = dFrom + j + r * ldd;
          FloatVector d0 = FloatVector.fromArray(Lanes.SPECIES, dh, dr);
          FloatVector d1 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + L);
          FloatVector d2 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + 2 * L);
          FloatVector d3 = FloatVector.fromArray(Lanes.SPECIES, dh, dr + 3 * L);
          d0 = d0.add(c0);
          d1 = d1.add(c1);
          d2 = d2.add(c2);
          d3 = d3.add(c3);
          d0.intoArray(dh, dr);
          d1.intoArray(dh, dr + L);
          d2.intoArray(dh, dr + 2 * L);
          d3.intoArray(dh, dr + 3 * L);
          c0 = a0.mul(d0);
          c1 = a1.mul(d1);
          c2 = a2.mul(d2);
          c3 = a3.mul(d3);
        }
        c0.intoArray(state, sFrom + j);
        c1.intoArray(state, sFrom + j + L);
        c2.intoArray(state, sFrom + j + 2 * L);
        c3.intoArray(state, sFrom + j + 3 * L);
      }
    }
    for (; j < columns; j++) {
      float c = state[sFrom + j];
      for (int r = 0; r < rows; r++) {
        int at = dFrom + j + r * ldd;
        float d = dh[at] + c;
        dh[at] = d;
        c = a[aFrom + j + r * lda] * d;
      }
      state[sFrom + j] = c;
    }
  }
}
