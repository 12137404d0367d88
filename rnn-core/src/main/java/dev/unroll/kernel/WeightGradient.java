package dev.unroll.kernel;

/**
 * The gradient to the weight and the bias of y = x·wᵀ + b from row-major gradients to y: copies
 * them into groups of 64 columns, of which {@link OuterProducts} makes the sums.
 *
 * <p>Holds the copies of a given number of rows; after {@link #load} the calls of {@link #add} may
 * be spread over threads.
 */
public final class WeightGradient {
  private final int maxRows;
  private final int n;
  private final float[] deltas;
  private final int[] offset;
  private final int groups;
  private final Columns columns;

  /**
   * Allocates the buffers.
   *
   * @param maxRows most rows of x and y
   * @param n features of y
   */
  public WeightGradient(int maxRows, int n) {
    this.maxRows = maxRows;
    this.n = n;
    columns = Columns.natural(n);
    groups = columns.groups();
    deltas = Buffers.floats((long) groups * maxRows * Panels.WIDTH);
    offset = new int[groups * Panels.ATOMS];
    for (int a = 0; a < offset.length; a++) {
      offset[a] = a / Panels.ATOMS * maxRows * Panels.WIDTH + a % Panels.ATOMS * Columns.ATOM;
    }
  }

  /** {@return groups of 64 features of y} */
  public int groups() {
    return groups;
  }

  /**
   * Takes the gradients to y.
   *
   * @param dy row r starts at {@code dy0 + r * lddy}
   * @param rows rows of dy, at most maxRows
   */
  public void load(float[] dy, int dy0, int lddy, int rows) {
    for (int r = 0; r < rows; r++) {
      for (int g = 0; g < groups; g++) {
        System.arraycopy(
            dy,
            dy0 + r * lddy + g * Panels.WIDTH,
            deltas,
            Buffers.BASE + (g * maxRows + r) * Panels.WIDTH,
            Math.min(Panels.WIDTH, n - g * Panels.WIDTH));
      }
    }
  }

  /**
   * Adds one part of the gradients.
   *
   * @param gradient where both gradients are
   * @param weight where that to w {@code [n, k]} starts
   * @param bias where that to b {@code [n]} starts, or -1 for none
   * @param x row r starts at {@code x0 + r * ldx}
   * @param rows the rows loaded
   * @param sums the calling thread's, for k features of x and {@link #groups} groups
   * @param call 0 .. {@code sums.calls()} - 1
   */
  public void add(
      float[] gradient,
      int weight,
      int bias,
      float[] x,
      int x0,
      int ldx,
      int rows,
      OuterProducts sums,
      int call) {
    sums.add(
        gradient, weight, bias, -1, x, x0, ldx, deltas, Buffers.BASE, offset, columns, rows, call);
  }
}
