package dev.unroll.kernel;

/**
 * The gradient to a weight and its biases, a sum of outer products over rows: one thread's sums for
 * a few groups of columns at a time.
 *
 * <p>Rows are summed in chunks of {@value #CHUNK} at fixed rows, from the last chunk to the first,
 * each in index order with fma, which keeps a long float sum accurate and the bits the same at
 * every width and split of the groups. All groups of a call take a chunk before the next one is
 * read, and their sums stay in the L2 cache meanwhile. Where one call takes all groups, a pass back
 * through time can hand each chunk over while it is still in a cache: {@link #begin}, {@link
 * #takeFrom}, {@link #finish}.
 *
 * <p>Allocates nothing after construction; not for two threads at once.
 */
public final class OuterProducts {
  /** Rows of a chunk: 16 KB of B stay in the L1 cache. */
  static final int CHUNK = 64;

  /** Floats of sums that stay in the L2 cache while a chunk passes by. */
  private static final int CACHED_SUMS = 1 << 17;

  /**
   * Rows a multiple of 2 KB apart share two sets of the L1 cache and drive each other out between
   * two tiles: they are first copied an odd number of cache lines apart.
   */
  private static final int CROWDED = 512;

  /** A column of ones, read with stride 0: a sum of rows is an outer product with it. */
  private static final float[] ONE = {1f};

  private final int groups;
  private final int calls;
  private final Panels sums;
  private final Panels biasSums;

  /** The chunk of A in hand where its own rows are {@link #CROWDED}. */
  private final float[] chunk;

  private final int chunkStride;

  /** The first row that {@link #takeFrom} has taken. */
  private int taken;

  /**
   * Allocates the buffers.
   *
   * @param k columns of A
   * @param groups groups of columns of B
   * @param threads that share the calls, each with its own object
   */
  public OuterProducts(int k, int groups, int threads) {
    this.groups = groups;
    int most = threads == 1 ? groups : Math.ceilDiv(groups, 2 * threads);
    calls = Math.ceilDiv(groups, Math.clamp(CACHED_SUMS / ((long) k * Panels.WIDTH), 1, most));
    int columns = Math.ceilDiv(groups, calls) * Panels.WIDTH;
    sums = new Panels(k, columns);
    biasSums = new Panels(1, columns);
    chunkStride = (Math.ceilDiv(k, Columns.ATOM) | 1) * Columns.ATOM;
    chunk = Buffers.floats((long) CHUNK * chunkStride);
  }

  /**
   * {@return how many calls of {@link #add} make a gradient: as few as let the sums of each stay in
   * the cache, and two or more for each of several threads where there are enough groups}
   */
  public int calls() {
    return calls;
  }

  /**
   * Adds C[i][column] = sum over rows r of A[r][i] B[r][column] for some groups of columns to the
   * gradient to their weight, and the same with ones for A to those of its biases.
   *
   * @param gradient where the gradients are added to
   * @param weight where that to the weight, row-major {@code [N, k]}, starts
   * @param bias where that to a bias {@code [N]} starts, or -1 for none
   * @param secondBias the same for a second bias
   * @param a row-major from {@code a0}, stride {@code lda}
   * @param b row r of atom i starts at {@code b0 + atomOffset[i] + 64 * r}
   * @param atomOffset an offset for each atom of all groups, 4 a group
   * @param columns the rows of the weight that each atom stands for
   * @param rows rows of A and B
   * @param call which groups, 0 .. {@link #calls} - 1; the order does not matter
   */
  public void add(
      float[] gradient,
      int weight,
      int bias,
      int secondBias,
      float[] a,
      int a0,
      int lda,
      float[] b,
      int b0,
      int[] atomOffset,
      Columns columns,
      int rows,
      int call) {
    int fromGroup = groups * call / calls;
    int toGroup = groups * (call + 1) / calls;
    sums.clear(toGroup - fromGroup);
    biasSums.clear(toGroup - fromGroup);
    for (int row = firstOfChunk(rows); row >= 0; row -= CHUNK) {
      int count = Math.min(CHUNK, rows - row);
      int br = b0 + row * Panels.WIDTH;
      take(
          a, a0 + row * lda, lda, b, br, atomOffset, columns, bias >= 0, count, fromGroup, toGroup);
    }
    addTo(gradient, weight, bias, secondBias, columns, fromGroup, toGroup);
  }

  /** {@return the numbers of sums, which should stay in a cache between chunks} */
  public int size() {
    return sums.k * groups * Panels.WIDTH;
  }

  /**
   * Begins with sums of zero, for {@link #takeFrom}.
   *
   * @param rows of A and B in all
   * @throws IllegalStateException if there are several {@link #calls}
   */
  public void begin(int rows) {
    if (calls > 1) {
      throw new IllegalStateException("The sums of %d calls share a buffer.".formatted(calls));
    }
    sums.clear(groups);
    biasSums.clear(groups);
    taken = rows;
  }

  /**
   * Takes every chunk that lies before those taken, and in the rows from {@code row} on.
   *
   * @param row from which on B is complete
   * @param withBias whether there is a bias; the others as in {@link #add}
   */
  public void takeFrom(
      int row,
      boolean withBias,
      float[] a,
      int a0,
      int lda,
      float[] b,
      int b0,
      int[] atomOffset,
      Columns columns) {
    for (int c = firstOfChunk(taken); c >= row && taken > 0; c -= CHUNK) {
      int br = b0 + c * Panels.WIDTH;
      take(a, a0 + c * lda, lda, b, br, atomOffset, columns, withBias, taken - c, 0, groups);
      taken = c;
    }
  }

  /** Adds what was taken to the gradient, as {@link #add} does. */
  public void finish(float[] gradient, int weight, int bias, int secondBias, Columns columns) {
    addTo(gradient, weight, bias, secondBias, columns, 0, groups);
  }

  private static int firstOfChunk(int rows) {
    return (rows - 1) / CHUNK * CHUNK;
  }

  /** Adds the outer products of a chunk, whose first row lies at {@code ar} and {@code br}. */
  private void take(
      float[] a,
      int ar,
      int lda,
      float[] b,
      int br,
      int[] atomOffset,
      Columns columns,
      boolean withBias,
      int count,
      int fromGroup,
      int toGroup) {
    int used = columns.used() * Columns.ATOM;
    float[] from = a;
    int at = ar;
    int stride = lda;
    if (lda % CROWDED == 0) {
      for (int r = 0; r < count; r++) {
        System.arraycopy(a, ar + r * lda, chunk, Buffers.BASE + r * chunkStride, sums.k);
      }
      from = chunk;
      at = Buffers.BASE;
      stride = chunkStride;
    }
    for (int g = fromGroup; g < toGroup; g++) {
      int c = g - fromGroup;
      int width = Math.min(Panels.WIDTH, used - g * Panels.WIDTH);
      addChunk(sums, c, from, at, stride, b, br, atomOffset, g, width, count);
      if (withBias) {
        addChunk(biasSums, c, ONE, 0, 0, b, br, atomOffset, g, width, count);
      }
    }
  }

  private void addTo(
      float[] gradient,
      int weight,
      int bias,
      int secondBias,
      Columns columns,
      int fromGroup,
      int toGroup) {
    sums.addTransposed(gradient, weight, columns, fromGroup, toGroup);
    if (bias >= 0) {
      biasSums.addTransposed(gradient, bias, columns, fromGroup, toGroup);
    }
    if (secondBias >= 0) {
      biasSums.addTransposed(gradient, secondBias, columns, fromGroup, toGroup);
    }
  }

  private static void addChunk(
      Panels c,
      int to,
      float[] a,
      int a0,
      int lda,
      float[] b,
      int b0,
      int[] atomOffset,
      int group,
      int width,
      int rows) {
    int tiles = Math.ceilDiv(c.k, Gemm.MAX_ROWS);
    int i = 0;
    for (int t = 0; t < tiles; t++) {
      int n = (c.k - i) / (tiles - t);
      for (int column = 0; column < width; column += Gemm.tile(n)) {
        int ci = c.group(to) + i * Panels.WIDTH + column;
        int bb0 = b0 + Gemm.at(atomOffset, group, column);
        int bb1 = b0 + Gemm.at(atomOffset, group, column + Gemm.L);
        boolean half = Lanes.VECTOR && n > 2 && width - column <= 2 * Gemm.L;
        if (half || Gemm.tile(n) < Gemm.TILE) {
          outer(c.data, ci, bb1, rows, a, a0 + i, lda, b, bb0, n);
        } else {
          int bb2 = b0 + Gemm.at(atomOffset, group, column + 2 * Gemm.L);
          int bb3 = b0 + Gemm.at(atomOffset, group, column + 3 * Gemm.L);
          outer(c.data, ci, bb1, bb2, bb3, rows, a, a0 + i, lda, b, bb0, n);
        }
      }
      i += n;
    }
  }

  /** A tile of two vectors by n columns of A. */
  private static void outer(
      float[] c, int c0, int b1, int rows, float[] a, int a0, int lda, float[] b, int b0, int n) {
    switch (n) {
      case 6 -> Tiles.outer6x2(c, c0, b1, rows, a, a0, lda, b, b0);
      case 5 -> Tiles.outer5x2(c, c0, b1, rows, a, a0, lda, b, b0);
      case 4 -> Tiles.outer4x2(c, c0, b1, rows, a, a0, lda, b, b0);
      default -> Tiles.outer3x2(c, c0, b1, rows, a, a0, lda, b, b0);
    }
  }

  /** A tile of four vectors by n columns of A. */
  private static void outer(
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
    if (!Lanes.VECTOR) {
      PlainTiles.outer(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0, n);
      return;
    }
    switch (n) {
      case 6 -> Tiles.outer6x4(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0);
      case 5 -> Tiles.outer5x4(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0);
      case 4 -> Tiles.outer4x4(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0);
      case 3 -> Tiles.outer3x4(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0);
      case 2 -> Tiles.outer2x4(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0);
      default -> Tiles.outer1x4(c, c0, b1, b2, b3, rows, a, a0, lda, b, b0);
    }
  }
}
