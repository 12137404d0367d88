package dev.unroll.kernel;

/**
 * Weights rounded to fewer bits, for inference: a product waits for its weights where rows are few,
 * and these are half or a quarter of the bytes. They become floats again in registers, and all sums
 * are floats.
 *
 * <p>{@code [group][k][ints]}: lane i of an int holds the weights of columns i, 16 + i, 32 + i and
 * 48 + i of a group, or of two of these. So one load gives whole vectors of several atoms at every
 * width, and a tile takes the same lanes of all four atoms. Columns that only fill up a group are
 * zero, and are computed.
 */
public abstract sealed class RoundedPanels extends PackedWeights permits Bf16Panels, Int8Panels {
  /**
   * Rows of a tile. x86 processors without AVX-512 have 16 vector registers, in which two rows of
   * sums and a row of weights fit.
   */
  private static final int MAX_ROWS = Gemm.PAIRS ? 2 : Gemm.MAX_ROWS;

  final int[] data;

  /** Ints that hold the 64 weights of one k. */
  private final int ints;

  RoundedPanels(int k, Columns columns, int ints) {
    super(k, columns.groups(), columns.used());
    this.ints = ints;
    data = Buffers.ints((long) groups * k * ints);
  }

  /** {@return where the weights of one k begin} */
  final int row(int group, int i) {
    return Buffers.BASE + (group * k + i) * ints;
  }

  @Override
  public int together() {
    return 2;
  }

  /** As {@link Gemm#multiply}. */
  final void multiply(
      float[] c,
      int c0,
      int[] atomOffset,
      int ldc,
      float[] a,
      int a0,
      int lda,
      int fromGroup,
      int toGroup,
      int rows) {
    int tiles = Math.ceilDiv(rows, MAX_ROWS);
    int g = fromGroup;
    for (; Lanes.VECTOR && rows == 1 && g < toGroup - 1; g += 2) {
      for (int lane = 0; lane < Columns.ATOM; lane += Gemm.L) {
        tiles(c, c0 + lane, atomOffset, a, a0, g, lane);
      }
    }
    for (; g < toGroup; g++) {
      for (int t = 0; t < tiles; t++) {
        int row = rows * t / tiles;
        int n = rows * (t + 1) / tiles - row;
        int first = g * ATOMS;
        for (int lane = 0; lane < Columns.ATOM; lane += Gemm.L) {
          int to = c0 + row * ldc + lane;
          tile(
              c,
              to + atomOffset[first],
              to + atomOffset[first + 1],
              to + atomOffset[first + 2],
              to + atomOffset[first + 3],
              ldc,
              a,
              a0 + row * lda,
              lda,
              g,
              lane,
              n);
        }
      }
    }
  }

  /**
   * C += A·B for one row and the lanes of one vector of each atom of two groups.
   *
   * @param c atom i starts at {@code c0 + atomOffset[i]}
   * @param group the first
   * @param lane the first lane
   */
  abstract void tiles(float[] c, int c0, int[] atomOffset, float[] a, int a0, int group, int lane);

  /**
   * C += A·B for up to {@link #MAX_ROWS} rows and the lanes of one vector of each atom of a group.
   *
   * @param c vector v starts at {@code cV}, rows are {@code ldc} apart
   * @param lane the first lane
   */
  abstract void tile(
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
      int rows);
}
