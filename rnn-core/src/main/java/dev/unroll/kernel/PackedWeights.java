package dev.unroll.kernel;

/**
 * The weights of a product x·wᵀ in groups of 64 columns, in one of the formats that kernels read. A
 * column is a row of w, and one output.
 *
 * <p>Packed once per change of the weights, never per step.
 */
public abstract sealed class PackedWeights permits Panels, RoundedPanels {
  /** Columns of a group. */
  public static final int WIDTH = 64;

  /** Atoms of a group. */
  static final int ATOMS = WIDTH / Columns.ATOM;

  final int k;
  final int groups;

  /** Atoms that hold columns; those after them only fill up a group. */
  final int used;

  private final int[] rowMajor;

  PackedWeights(int k, int groups, int used) {
    this.k = k;
    this.groups = groups;
    this.used = used;
    rowMajor = new int[groups * ATOMS];
    for (int a = 0; a < rowMajor.length; a++) {
      rowMajor[a] = a * Columns.ATOM;
    }
  }

  /** {@return the offset of each atom in a row of a row-major C} */
  public final int[] rowMajor() {
    return rowMajor;
  }

  /** {@return the number of groups of 64 columns} */
  public final int groups() {
    return groups;
  }

  /** {@return how many groups a product with one row is best given at once} */
  public int together() {
    return 1;
  }

  /**
   * Packs x·wᵀ's operand: B[k][column] = w[row of the column][k].
   *
   * @param w row-major {@code [N, K]}, K = this operand's k
   * @param offset where w starts
   * @param columns the rows of w that each atom takes
   * @param share which of {@code shares} equal shares of the groups to pack, from 0
   * @param shares how many there are, one for each thread
   */
  public abstract void packTransposed(
      float[] w, int offset, Columns columns, int share, int shares);
}
