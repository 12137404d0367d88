package dev.unroll.kernel;

import java.util.Arrays;

/**
 * The columns of a packed operand, in atoms of 16: atom a holds rows {@code firstRow[a]} to {@code
 * firstRow[a] + count[a] - 1} of a weight that PyTorch keeps as {@code [N, K]}; its other columns
 * are zero. 16 whatever the vector width, so that one packed layout serves every width.
 *
 * @param firstRow first source row of each atom
 * @param count source rows of each atom, 0 to 16; 0 for an atom that only fills up a group
 */
public record Columns(int[] firstRow, int[] count) {
  /** Columns of an atom. */
  public static final int ATOM = 16;

  /** {@return all n rows in their order} */
  public static Columns natural(int n) {
    int atoms = Math.ceilDiv(n, ATOM);
    int[] firstRow = new int[atoms];
    int[] count = new int[atoms];
    for (int a = 0; a < atoms; a++) {
      firstRow[a] = a * ATOM;
      count[a] = Math.min(ATOM, n - a * ATOM);
    }
    return new Columns(firstRow, count);
  }

  /**
   * {@return one of several equal parts of the atoms}
   *
   * @param part which, from 0
   * @param parts how many there are
   */
  public Columns part(int part, int parts) {
    int from = atoms() / parts * part;
    int to = from + atoms() / parts;
    return new Columns(Arrays.copyOfRange(firstRow, from, to), Arrays.copyOfRange(count, from, to));
  }

  /** {@return the number of atoms} */
  public int atoms() {
    return firstRow.length;
  }

  /** {@return the number of atoms up to the last that is not empty} */
  public int used() {
    int used = atoms();
    while (used > 0 && count[used - 1] == 0) {
      used--;
    }
    return used;
  }

  /** {@return the number of groups of 64 columns} */
  public int groups() {
    return Math.ceilDiv(atoms(), Panels.ATOMS);
  }
}
