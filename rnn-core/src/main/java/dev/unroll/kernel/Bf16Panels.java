package dev.unroll.kernel;

/**
 * Weights in bfloat16, the upper half of a float, rounded to nearest even: 8 significant bits, a
 * relative error of at most 2^-8 in the normal range. Subnormal numbers and infinities stay what
 * they are as bfloat16 has them, finite numbers from 2^128 - 2^119 on become infinite, and NaN
 * stays NaN.
 *
 * <p>Products have the bits of those with {@link Panels} of the rounded weights: each sum takes the
 * same terms in the same order. Two atoms share an int, the first its low half, and 32 ints hold a
 * row.
 */
public final class Bf16Panels extends RoundedPanels {
  private static final int INTS = WIDTH / 2;

  /** Room for an operand of some rows of a weight, all zero. */
  public Bf16Panels(int k, Columns columns) {
    super(k, columns, INTS);
  }

  /** {@return the upper 16 bits of a float, rounded to nearest even} */
  static int round(float w) {
    int bits = Float.floatToRawIntBits(w);
    if (Float.isNaN(w)) {
      return (bits >>> 16) | 0x40; // quiet, so that the payload is never all zero
    }
    return (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
  }

  @Override
  public void packTransposed(float[] w, int offset, Columns columns, int share, int shares) {
    int last = Math.min(columns.atoms(), groups * (share + 1) / shares * ATOMS);
    for (int a = groups * share / shares * ATOMS; a < last; a++) {
      int shift = a % 2 * 16;
      int other = 0xffff0000 >>> shift;
      for (int lane = 0; lane < columns.count()[a]; lane++) {
        int to = row(a / ATOMS, 0) + a % ATOMS / 2 * Columns.ATOM + lane;
        int from = offset + (columns.firstRow()[a] + lane) * k;
        for (int i = 0; i < k; i++) {
          int at = to + i * INTS;
          data[at] = (data[at] & other) | round(w[from + i]) << shift;
        }
      }
    }
  }

  @Override
  void tiles(float[] c, int c0, int[] atomOffset, float[] a, int a0, int group, int lane) {
    int first = group * ATOMS;
    Bf16Tiles.product1x8(
        c,
        c0 + atomOffset[first],
        c0 + atomOffset[first + 1],
        c0 + atomOffset[first + 2],
        c0 + atomOffset[first + 3],
        c0 + atomOffset[first + 4],
        c0 + atomOffset[first + 5],
        c0 + atomOffset[first + 6],
        c0 + atomOffset[first + 7],
        k,
        a,
        a0,
        data,
        row(group, 0) + lane,
        row(group + 1, 0) + lane);
  }

  @Override
  void tile(
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      int ldc,
      float[] a,
      int a0,
      int lda,
      int group,
      int lane,
      int rows) {
    int b0 = row(group, 0) + lane;
    if (!Lanes.VECTOR) {
      PlainTiles.bf16(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0, rows);
      return;
    }
    switch (rows) {
      case 6 -> Bf16Tiles.product6x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0);
      case 5 -> Bf16Tiles.product5x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0);
      case 4 -> Bf16Tiles.product4x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0);
      case 3 -> Bf16Tiles.product3x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0);
      case 2 -> Bf16Tiles.product2x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0);
      default -> Bf16Tiles.product1x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, data, b0);
    }
  }
}
