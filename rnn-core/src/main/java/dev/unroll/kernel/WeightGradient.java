package dev.unroll.kernel;

/**
 * The gradient to the weight and the bias of y = x·wᵀ + b from row-major gradients to y: copies
 * them into groups of 64 columns, then sums outer products as {@link Gemm#outerProducts} does.
 *
 * <p>Holds the buffers for a given number of rows; not for two threads at once, except that the
 * groups of {@link #addGroup} may be spread over threads after {@link #load}.
 */
public final class WeightGradient {
  private final int maxRows;
  private final int n;
  private final float[] deltas;
  private final int[] offset;
  private final Columns columns;
  private final Panels sum;
  private final Panels biasSum;

  /**
   * Allocates the buffers.
   *
   * @param maxRows most rows of x and y
   * @param n features of y
   * @param k features of x
   */
  public WeightGradient(int maxRows, int n, int k) {
    this.maxRows = maxRows;
    this.n = n;
    columns = Columns.natural(n);
    sum = new Panels(k, n);
    biasSum = new Panels(1, n);
    deltas = Buffers.floats((long) sum.groups * maxRows * Panels.WIDTH);
    offset = new int[sum.groups * Panels.ATOMS];
    for (int a = 0; a < offset.length; a++) {
      offset[a] = a / Panels.ATOMS * maxRows * Panels.WIDTH + a % Panels.ATOMS * Columns.ATOM;
    }
  }

  /** {@return pieces that {@link #addGroup} takes} */
  public int groups() {
    return sum.groups;
  }

  /**
   * Takes the gradients to y.
   *
   * @param rows rows of dy, at most maxRows
   * @param dy row r starts at {@code dy0 + r * lddy}
   */
  public void load(int rows, float[] dy, int dy0, int lddy) {
    for (int r = 0; r < rows; r++) {
      for (int g = 0; g < sum.groups; g++) {
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
   * Adds one group's part of the gradients.
   *
   * @param group 0 .. {@link #groups()} - 1
   * @param rows the rows loaded
   * @param x row r starts at {@code x0 + r * ldx}
   * @param gradient where both gradients are
   * @param weight where that to w {@code [n, k]} starts
   * @param bias where that to b {@code [n]} starts, or -1 for none
   */
  public void addGroup(
      int group, int rows, float[] x, int x0, int ldx, float[] gradient, int weight, int bias) {
    Panels ones = bias < 0 ? null : biasSum;
    sum.clear(group, group + 1);
    biasSum.clear(group, group + 1);
    Gemm.outerProducts(rows, x, x0, ldx, deltas, Buffers.BASE, offset, sum, ones, group, group + 1);
    sum.addTransposed(group, group + 1, gradient, weight, columns);
    if (bias >= 0) {
      biasSum.addTransposed(group, group + 1, gradient, bias, columns);
    }
  }
}
