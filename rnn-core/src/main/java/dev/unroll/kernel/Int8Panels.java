package dev.unroll.kernel;

/**
 * Weights as whole numbers q from -127 to 127 and a scale for each row of w: w is about q * scale,
 * wrong by at most half a scale. The scale is the least float of which 127 are at least the row's
 * largest magnitude, and q is w / scale rounded to nearest even. A row of zeros has scale 0; one
 * that holds NaN or an infinity has scale NaN, so that its output is NaN.
 *
 * <p>A product adds scale * (sum over k of x q) to C with one fma. The sum starts from zero and
 * takes its terms in index order. It has room up to 2^104; a row whose weights are all below 2^-95
 * has a scale of fewer bits. Four atoms share an int, the first its lowest byte, and 16 ints hold a
 * row.
 */
public final class Int8Panels extends RoundedPanels {
  private static final int INTS = WIDTH / 4;
  private static final int LARGEST = 127;

  /** Tiles read q as the top byte of an int, which is q times 2^24. */
  private static final float BYTE_AT_THE_TOP = 0x1p-24f;

  /** The scale of each column, times {@link #BYTE_AT_THE_TOP}. */
  private final float[] scale;

  /** Room for an operand of some rows of a weight, all zero. */
  public Int8Panels(int k, Columns columns) {
    super(k, columns, INTS);
    scale = Buffers.floats((long) groups * WIDTH);
  }

  /** {@return the scale of k weights} */
  static float scale(float[] w, int from, int k) {
    float largest = 0;
    for (int i = from; i < from + k; i++) {
      largest = Math.max(largest, Math.abs(w[i])); // NaN if one is
    }
    if (!(largest <= Float.MAX_VALUE)) {
      return Float.NaN;
    }
    float scale = largest / LARGEST;
    return (double) LARGEST * scale < largest ? Math.nextUp(scale) : scale;
  }

  /** {@return q; 0 where the scale is 0 or NaN} */
  static int round(float w, float scale) {
    return scale > 0 ? (int) Math.rint((double) w / scale) : 0;
  }

  @Override
  public void packTransposed(float[] w, int offset, Columns columns, int share, int shares) {
    int last = Math.min(columns.atoms(), groups * (share + 1) / shares * ATOMS);
    for (int a = groups * share / shares * ATOMS; a < last; a++) {
      int shift = a % ATOMS * 8;
      int others = ~(0xff << shift);
      for (int lane = 0; lane < columns.count()[a]; lane++) {
        int to = row(a / ATOMS, 0) + lane;
        int from = offset + (columns.firstRow()[a] + lane) * k;
        float rowScale = scale(w, from, k);
        scale[Buffers.BASE + a * Columns.ATOM + lane] = rowScale * BYTE_AT_THE_TOP;
        for (int i = 0; i < k; i++) {
          int at = to + i * INTS;
          data[at] = (data[at] & others) | (round(w[from + i], rowScale) & 0xff) << shift;
        }
      }
    }
  }

  @Override
  void tiles(float[] c, int c0, int[] atomOffset, float[] a, int a0, int group, int lane) {
    int first = group * ATOMS;
    Int8Tiles.product1x8(
        c,
        c0 + atomOffset[first],
        c0 + atomOffset[first + 1],
        c0 + atomOffset[first + 2],
        c0 + atomOffset[first + 3],
        c0 + atomOffset[first + 4],
        c0 + atomOffset[first + 5],
        c0 + atomOffset[first + 6],
        c0 + atomOffset[first + 7],
        scale,
        Buffers.BASE + group * WIDTH + lane,
        Buffers.BASE + (group + 1) * WIDTH + lane,
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
    int s0 = Buffers.BASE + group * WIDTH + lane;
    if (!Lanes.VECTOR) {
      PlainTiles.int8(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0, rows);
      return;
    }
    switch (rows) {
      case 6 -> Int8Tiles.product6x4(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0);
      case 5 -> Int8Tiles.product5x4(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0);
      case 4 -> Int8Tiles.product4x4(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0);
      case 3 -> Int8Tiles.product3x4(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0);
      case 2 -> Int8Tiles.product2x4(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0);
      default -> Int8Tiles.product1x4(c, c0, c1, c2, c3, ldc, scale, s0, k, a, a0, lda, data, b0);
    }
  }
}
