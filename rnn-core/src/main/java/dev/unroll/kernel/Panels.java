package dev.unroll.kernel;

import java.util.Arrays;

/**
 * The right-hand operand B[k][column] of a product, packed in groups of 64 columns: {@code
 * [group][k][64]}, so that a tile reads one forward stream whose stride is a constant (C2 then
 * drops the range checks). Columns that only fill up a group are zero.
 *
 * <p>Packed once per change of the weights, never per step.
 */
public final class Panels extends PackedWeights {
  /** Floats that stay in an L1 of 32 KB or more from one step to the next. */
  private static final int OF_L1 = 8192;

  final float[] data;

  /**
   * Room for an operand of n columns, all zero.
   *
   * @param k length of the sums
   * @param n columns
   */
  public Panels(int k, int n) {
    this(k, Math.ceilDiv(n, WIDTH), Math.ceilDiv(n, Columns.ATOM));
  }

  /** Room for an operand of some rows of a weight, all zero. */
  public Panels(int k, Columns columns) {
    this(k, columns.groups(), columns.used());
  }

  private Panels(int k, int groups, int used) {
    super(k, groups, used);
    this.data = Buffers.floats((long) groups * k * WIDTH);
  }

  /** Sets the first groups to zero. */
  void clear(int count) {
    Arrays.fill(data, group(0), group(count), 0f);
  }

  int group(int g) {
    return Buffers.BASE + g * k * WIDTH;
  }

  /** {@return where a column of all groups begins} */
  int column(int column) {
    return group(column / WIDTH) + column % WIDTH;
  }

  /**
   * Two, for eight sums at once; but one where there are only two, and one of them stays in L1:
   * read to and fro, it then need not be read again, which brings more.
   */
  @Override
  public int together() {
    return groups == 2 && k * WIDTH <= OF_L1 ? 1 : 2;
  }

  @Override
  public void packTransposed(float[] w, int offset, Columns columns, int share, int shares) {
    int last = Math.min(columns.atoms(), groups * (share + 1) / shares * ATOMS);
    for (int a = groups * share / shares * ATOMS; a < last; a++) {
      int to = group(a / ATOMS) + a % ATOMS * Columns.ATOM;
      int from = offset + columns.firstRow()[a] * k;
      int count = columns.count()[a];
      int squares = squares(count);
      for (int lane = 0; lane < squares; lane += Lanes.LENGTH) {
        for (int i = 0; i < squares(k); i += Lanes.LENGTH) {
          Transpose.move(data, to + i * WIDTH + lane, WIDTH, w, from + lane * k + i, k);
        }
      }
      for (int i = 0; i < k; i++) {
        for (int lane = i < squares(k) ? squares : 0; lane < count; lane++) {
          data[to + i * WIDTH + lane] = w[from + lane * k + i];
        }
      }
    }
  }

  /** {@return as many of n as whole squares of the transposition cover; none without vectors} */
  private static int squares(int n) {
    return Lanes.VECTOR ? n / Lanes.LENGTH * Lanes.LENGTH : 0;
  }

  /** As {@link #packTransposed(float[], int, Columns, int, int)} for all groups. */
  public void packTransposed(float[] w, int offset, Columns columns) {
    packTransposed(w, offset, columns, 0, 1);
  }

  /** The same with all rows of w in their order. */
  public void packTransposed(float[] w, int offset, int n) {
    packTransposed(w, offset, Columns.natural(n));
  }

  /**
   * Packs dy·w's operand: B[k][column] = w[row of k][column], the sum running over the rows of w in
   * the order of their atoms, 16 terms an atom.
   *
   * @param w row-major {@code [N, columns]}
   * @param offset where w starts
   * @param n columns of w
   * @param rows the rows of w that each atom of the sum takes; k = 16 times its atoms
   * @param share which of {@code shares} equal shares of the groups to pack, from 0
   * @param shares how many there are, one for each thread
   */
  public void pack(float[] w, int offset, int n, Columns rows, int share, int shares) {
    int fromGroup = groups * share / shares;
    int toGroup = groups * (share + 1) / shares;
    for (int a = 0; a < rows.atoms(); a++) {
      for (int lane = 0; lane < rows.count()[a]; lane++) {
        int from = offset + (rows.firstRow()[a] + lane) * n;
        int row = (a * Columns.ATOM + lane) * WIDTH;
        for (int g = fromGroup; g < toGroup; g++) {
          int count = Math.min(WIDTH, n - g * WIDTH);
          System.arraycopy(w, from + g * WIDTH, data, group(g) + row, count);
        }
      }
    }
  }

  /**
   * Packs dy·w's operand for a sum over exactly this operand's k rows of w, in their order.
   *
   * @param w row-major {@code [k, n]}
   * @param offset where w starts
   * @param n columns of w
   */
  public void pack(float[] w, int offset, int n) {
    for (int row = 0; row < k; row++) {
      for (int g = 0; g < groups; g++) {
        int count = Math.min(WIDTH, n - g * WIDTH);
        System.arraycopy(w, offset + row * n + g * WIDTH, data, group(g) + row * WIDTH, count);
      }
    }
  }

  /**
   * Adds this operand's first groups, holding a gradient, to a gradient in PyTorch's layout: the
   * reverse of {@link #packTransposed(float[], int, Columns, int, int)}. What the groups held is
   * lost, unless k is below 4.
   *
   * @param gradient row-major {@code [N, K]}, K = this operand's k
   * @param offset where it starts
   * @param columns the rows that each atom takes
   * @param fromGroup the group of {@code columns} that this operand's first group stands for
   * @param toGroup one past that of the last
   */
  public void addTransposed(
      float[] gradient, int offset, Columns columns, int fromGroup, int toGroup) {
    int last = Math.min(columns.atoms(), toGroup * ATOMS);
    for (int a = fromGroup * ATOMS; a < last; a++) {
      int from = group(a / ATOMS - fromGroup) + a % ATOMS * Columns.ATOM;
      int to = offset + columns.firstRow()[a] * k;
      int count = columns.count()[a];
      int squares = squares(count);
      for (int lane = 0; lane < squares; lane += Lanes.LENGTH) {
        for (int i = 0; i < squares(k); i += Lanes.LENGTH) {
          Transpose.add(gradient, to + lane * k + i, k, data, from + i * WIDTH + lane, WIDTH);
        }
      }
      for (int lane = 0; lane < count; lane++) {
        for (int i = lane < squares ? squares(k) : 0; i < k; i++) {
          gradient[to + lane * k + i] += data[from + i * WIDTH + lane];
        }
      }
    }
  }
}
