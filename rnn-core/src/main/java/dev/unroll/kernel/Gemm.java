package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The products A·B of a recurrent network, on flat {@code float[]}: for gates and for the gradients
 * to inputs and states. Those to weights are {@link OuterProducts}.
 *
 * <p>Each output is one sum in index order with fma, whatever the width, the tile or the split of
 * rows and columns over threads: the same bits everywhere.
 *
 * <p>Nothing here allocates, starts threads or keeps state.
 */
public final class Gemm {
  static final int MAX_ROWS = 6;

  /** Terms of longer sums that all rows take before the next ones, so that they stay in L2. */
  private static final int SLICE = 512;

  static final int L = Lanes.VECTOR ? Lanes.LENGTH : Columns.ATOM;

  /** Columns that a tile of four vectors covers. */
  static final int TILE = 4 * L;

  /**
   * Whether tiles of more than two rows have two vectors and not four, see {@link Tiles}: where 256
   * bits are the machine's own width. Chosen on a wider machine, they have 32 registers.
   */
  static final boolean PAIRS =
      Lanes.BITS == 256 && FloatVector.SPECIES_PREFERRED.vectorBitSize() == 256;

  private Gemm() {}

  /**
   * C += A·B for some groups of B's columns, whatever B's format.
   *
   * @param c row r of atom i starts at {@code c0 + atomOffset[i] + r * ldc}
   * @param atomOffset an offset for each atom of the groups, 4 a group
   * @param a row-major from {@code a0}, stride {@code lda}, with as many columns as b has rows
   * @param b packed; columns that only fill up its last group are added to C as zeros or left alone
   * @param fromGroup first group of columns
   * @param toGroup one past the last
   * @param rows rows of A and C
   */
  public static void multiply(
      float[] c,
      int c0,
      int[] atomOffset,
      int ldc,
      float[] a,
      int a0,
      int lda,
      PackedWeights b,
      int fromGroup,
      int toGroup,
      int rows) {
    switch (b) {
      case Panels panels ->
          multiply(c, c0, atomOffset, ldc, a, a0, lda, panels, fromGroup, toGroup, rows);
      case RoundedPanels rounded ->
          rounded.multiply(c, c0, atomOffset, ldc, a, a0, lda, fromGroup, toGroup, rows);
    }
  }

  /** The same of floats. Columns that only fill up b's last group may be left out of C. */
  public static void multiply(
      float[] c,
      int c0,
      int[] atomOffset,
      int ldc,
      float[] a,
      int a0,
      int lda,
      Panels b,
      int fromGroup,
      int toGroup,
      int rows) {
    int done = rows == 1 ? inEights(c, c0, atomOffset, a, a0, b, fromGroup, toGroup) : fromGroup;
    multiply(c, c0, atomOffset, ldc, 0, a, a0, lda, 0, b, done, toGroup, rows, 1);
  }

  /**
   * The same for several blocks of rows, which all go through a group before the next one is read.
   *
   * @param blockOfC from one block of C to the next
   * @param blockOfA from one block of A to the next
   * @param rows rows of a block
   * @param blocks how many
   */
  public static void multiply(
      float[] c,
      int c0,
      int[] atomOffset,
      int ldc,
      int blockOfC,
      float[] a,
      int a0,
      int lda,
      int blockOfA,
      Panels b,
      int fromGroup,
      int toGroup,
      int rows,
      int blocks) {
    int slice = rows > MAX_ROWS && b.k > 2 * SLICE ? SLICE : Math.max(1, b.k);
    for (int g = fromGroup; g < toGroup; g++) {
      for (int from = 0; from < b.k; from += slice) {
        int terms = Math.min(slice, b.k - from);
        for (int block = 0; block < blocks; block++) {
          multiply(
              c,
              c0 + block * blockOfC,
              atomOffset,
              ldc,
              a,
              a0 + block * blockOfA + from,
              lda,
              b,
              g,
              from,
              terms,
              rows);
        }
      }
    }
  }

  /** One group, and some terms of its sums. */
  private static void multiply(
      float[] c,
      int c0,
      int[] atomOffset,
      int ldc,
      float[] a,
      int a0,
      int lda,
      Panels b,
      int g,
      int fromTerm,
      int terms,
      int rows) {
    int tiles = Math.ceilDiv(rows, MAX_ROWS);
    int least = rows / Math.max(1, tiles);
    int smaller = (least + 1) * tiles - rows;
    int atoms = Math.clamp(b.used - g * Panels.ATOMS, 0, Panels.ATOMS);
    int width = atoms * Columns.ATOM;
    int b0 = b.group(g) + fromTerm * Panels.WIDTH;
    int row = 0;
    for (int t = 0; t < tiles; t++) {
      int n = t < smaller ? least : least + 1;
      int cr = c0 + row * ldc;
      int ar = a0 + row * lda;
      int whole = width == Panels.WIDTH ? width : whole(n, width);
      for (int column = 0; column < whole; column += tile(n)) {
        int br = b0 + column;
        int cc0 = cr + at(atomOffset, g, column);
        int cc1 = cr + at(atomOffset, g, column + L);
        if (tile(n) < TILE) {
          product(c, cc0, cc1, ldc, terms, a, ar, lda, b.data, br, n);
        } else {
          int cc2 = cr + at(atomOffset, g, column + 2 * L);
          int cc3 = cr + at(atomOffset, g, column + 3 * L);
          product(c, cc0, cc1, cc2, cc3, ldc, terms, a, ar, lda, b.data, br, n);
        }
      }
      if (width - whole == 2 * L) {
        int cc0 = cr + at(atomOffset, g, whole);
        int cc1 = cr + at(atomOffset, g, whole + L);
        product(c, cc0, cc1, ldc, terms, a, ar, lda, b.data, b0 + whole, n);
      } else if (whole < width) {
        int cc = cr + at(atomOffset, g, whole);
        product(c, cc, ldc, terms, a, ar, lda, b.data, b0 + whole, n);
      }
      row += n;
    }
  }

  /**
   * One row in tiles of eight vectors, as far as they fill whole groups.
   *
   * @return the first group that is left
   */
  private static int inEights(
      float[] c,
      int c0,
      int[] atomOffset,
      float[] a,
      int a0,
      Panels b,
      int fromGroup,
      int toGroup) {
    int last = Lanes.VECTOR ? Math.min(toGroup, b.used / Panels.ATOMS) * Panels.WIDTH : 0;
    int i = fromGroup * Panels.WIDTH;
    for (; i + 2 * TILE <= last; i += 2 * TILE) {
      Tiles.product1x8(
          c,
          c0 + at(atomOffset, 0, i),
          c0 + at(atomOffset, 0, i + L),
          c0 + at(atomOffset, 0, i + 2 * L),
          c0 + at(atomOffset, 0, i + 3 * L),
          c0 + at(atomOffset, 0, i + 4 * L),
          c0 + at(atomOffset, 0, i + 5 * L),
          c0 + at(atomOffset, 0, i + 6 * L),
          c0 + at(atomOffset, 0, i + 7 * L),
          b.k,
          a,
          a0,
          b.data,
          b.column(i),
          b.column(i + TILE));
    }
    return i / Panels.WIDTH;
  }

  /**
   * C += A·B with row-major C of n columns, which need not be a multiple of anything, for several
   * blocks of rows, which all go through a group of columns before the next one is read.
   *
   * @param c row-major from {@code c0}, stride n
   * @param blockOfC from one block of C to the next
   * @param a row-major from {@code a0}, stride {@code lda}, with as many columns as b has rows
   * @param blockOfA from one block of A to the next
   * @param b packed from n columns
   * @param rows rows of a block of A and C
   * @param blocks how many
   * @param n columns of C
   * @param scratch {@link #scratch()} floats of the calling thread
   */
  public static void multiplyRows(
      float[] c,
      int c0,
      int blockOfC,
      float[] a,
      int a0,
      int lda,
      int blockOfA,
      Panels b,
      int rows,
      int blocks,
      int n,
      float[] scratch) {
    int full = n / Panels.WIDTH;
    multiply(c, c0, b.rowMajor(), n, blockOfC, a, a0, lda, blockOfA, b, 0, full, rows, blocks);
    for (int block = 0; block < blocks && n > full * Panels.WIDTH; block++) {
      lastColumns(c, c0 + block * blockOfC, a, a0 + block * blockOfA, lda, b, rows, n, scratch);
    }
  }

  /** The same for one block. */
  public static void multiplyRows(
      float[] c, int c0, float[] a, int a0, int lda, Panels b, int rows, int n, float[] scratch) {
    multiplyRows(c, c0, 0, a, a0, lda, 0, b, rows, 1, n, scratch);
  }

  /** The last columns go through a scratch tile, so that nothing beyond column n is touched. */
  private static void lastColumns(
      float[] c, int c0, float[] a, int a0, int lda, Panels b, int rows, int n, float[] scratch) {
    int full = n / Panels.WIDTH;
    int rest = n - full * Panels.WIDTH;
    int s0 = Buffers.BASE - full * Panels.WIDTH;
    for (int row = 0; row < rows; row += MAX_ROWS) {
      int count = Math.min(MAX_ROWS, rows - row);
      int to = c0 + row * n + full * Panels.WIDTH;
      for (int r = 0; r < count; r++) {
        System.arraycopy(c, to + r * n, scratch, Buffers.BASE + r * Panels.WIDTH, rest);
      }
      multiply(
          scratch,
          s0,
          b.rowMajor(),
          Panels.WIDTH,
          a,
          a0 + row * lda,
          lda,
          b,
          full,
          full + 1,
          count);
      for (int r = 0; r < count; r++) {
        System.arraycopy(scratch, Buffers.BASE + r * Panels.WIDTH, c, to + r * n, rest);
      }
    }
  }

  /** {@return a scratch tile for {@link #multiplyRows}, one a thread} */
  public static float[] scratch() {
    return Buffers.floats(MAX_ROWS * Panels.WIDTH);
  }

  /**
   * Sets rows of one group of 64 columns to the same 64 values: the biases that a product then adds
   * to.
   *
   * @param c row r starts at {@code c0 + r * ldc}; written
   * @param values 64 floats from {@code from}
   * @param rows rows of c
   */
  public static void fillRows(float[] c, int c0, int ldc, float[] values, int from, int rows) {
    if (!Lanes.VECTOR) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(values, from, c, c0 + r * ldc, Panels.WIDTH);
      }
      return;
    }
    for (int column = 0; column < Panels.WIDTH; column += TILE) {
      FloatVector v0 = FloatVector.fromArray(Lanes.SPECIES, values, from + column);
      FloatVector v1 = FloatVector.fromArray(Lanes.SPECIES, values, from + column + L);
      FloatVector v2 = FloatVector.fromArray(Lanes.SPECIES, values, from + column + 2 * L);
      FloatVector v3 = FloatVector.fromArray(Lanes.SPECIES, values, from + column + 3 * L);
      int to = c0 + column;
      for (int r = 0; r < rows; r++) {
        v0.intoArray(c, to);
        v1.intoArray(c, to + L);
        v2.intoArray(c, to + 2 * L);
        v3.intoArray(c, to + 3 * L);
        to += ldc;
      }
    }
  }

  /**
   * Lays rows whose elements lie in runs out in one piece each, as a product reads them.
   *
   * @param to row r is written from {@code to0 + r * runs * length}
   * @param a row r starts at {@code a0 + r * lda}, run i of a row {@code i * runStride} after that
   * @param runs runs of a row
   * @param length floats of a run, a multiple of {@value Columns#ATOM}
   * @param rows rows to lay out
   */
  public static void gather(
      float[] to,
      int to0,
      float[] a,
      int a0,
      int lda,
      int runs,
      int runStride,
      int length,
      int rows) {
    int ldt = runs * length;
    for (int run = 0; run < runs; run++) {
      for (int column = 0; column < length; column += L) {
        int from = a0 + run * runStride + column;
        int at = to0 + run * length + column;
        for (int r = 0; r < rows; r++) {
          if (Lanes.VECTOR) {
            FloatVector.fromArray(Lanes.SPECIES, a, from).intoArray(to, at);
          } else {
            System.arraycopy(a, from, to, at, L);
          }
          from += lda;
          at += ldt;
        }
      }
    }
  }

  /** {@return columns that a tile of so many rows covers} */
  static int tile(int rows) {
    return PAIRS && rows > 2 ? 2 * L : TILE;
  }

  static int at(int[] atomOffset, int group, int column) {
    return atomOffset[group * Panels.ATOMS + column / Columns.ATOM] + column % Columns.ATOM;
  }

  /**
   * Of the columns of a group that is not full, how many go through whole tiles: not the last ones
   * where a tile of one vector or two costs less. Two rows are too few for that: a turn of a loop
   * takes at least the cycles of one fma.
   */
  private static int whole(int rows, int columns) {
    int rest = columns % tile(rows);
    boolean thin = Lanes.VECTOR && rows > (rest > L ? 2 : 1) && rest <= 2 * L;
    return thin ? columns - rest : columns;
  }

  /** A tile of one vector. */
  private static void product(
      float[] c, int c0, int ldc, int k, float[] a, int a0, int lda, float[] b, int b0, int rows) {
    switch (rows) {
      case 6 -> Tiles.product6x1(c, c0, ldc, k, a, a0, lda, b, b0);
      case 5 -> Tiles.product5x1(c, c0, ldc, k, a, a0, lda, b, b0);
      case 4 -> Tiles.product4x1(c, c0, ldc, k, a, a0, lda, b, b0);
      case 3 -> Tiles.product3x1(c, c0, ldc, k, a, a0, lda, b, b0);
      default -> Tiles.product2x1(c, c0, ldc, k, a, a0, lda, b, b0);
    }
  }

  /** A tile of two vectors. */
  private static void product(
      float[] c,
      int c0,
      int c1,
      int ldc,
      int k,
      float[] a,
      int a0,
      int lda,
      float[] b,
      int b0,
      int rows) {
    switch (rows) {
      case 6 -> Tiles.product6x2(c, c0, c1, ldc, k, a, a0, lda, b, b0);
      case 5 -> Tiles.product5x2(c, c0, c1, ldc, k, a, a0, lda, b, b0);
      case 4 -> Tiles.product4x2(c, c0, c1, ldc, k, a, a0, lda, b, b0);
      default -> Tiles.product3x2(c, c0, c1, ldc, k, a, a0, lda, b, b0);
    }
  }

  /** A tile of four vectors. */
  private static void product(
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
    if (!Lanes.VECTOR) {
      PlainTiles.product(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0, rows);
      return;
    }
    switch (rows) {
      case 6 -> Tiles.product6x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0);
      case 5 -> Tiles.product5x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0);
      case 4 -> Tiles.product4x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0);
      case 3 -> Tiles.product3x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0);
      case 2 -> Tiles.product2x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0);
      default -> Tiles.product1x4(c, c0, c1, c2, c3, ldc, k, a, a0, lda, b, b0);
    }
  }
}
