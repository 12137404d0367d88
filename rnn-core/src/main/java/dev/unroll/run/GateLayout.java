package dev.unroll.run;

import dev.unroll.cell.StepCell;
import dev.unroll.cell.StepCell.Slots;
import dev.unroll.cell.StripCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Where the gates of a layer's units lie in memory. The words for it, in this package and in {@code
 * dev.unroll.cell}:
 *
 * <ul>
 *   <li><b>Unit</b>: an element of h; there are H. <b>Column</b>: one gate of one unit, which is
 *       one output of a product.
 *   <li><b>Atom</b>: 16 columns, the same gate of 16 neighbouring units ({@link Columns}).
 *   <li><b>Slot</b>: the place of a gate among the columns of the same units. A slot is one atom
 *       wide in a {@link StepCell}, four in a {@link StripCell}.
 *   <li><b>Group</b>: 64 columns, as wide as the kernels' panels ({@link Panels}). The gate storage
 *       is {@code [group][row][64]}, where a row is one sequence at one step.
 *   <li><b>Strip</b>: the fewest units whose columns are whole groups in the gate storage and in
 *       every product: 16 in an LSTM, else 64.
 *   <li><b>Chain</b>: the recurrence of one strip in one sequence, whose blocks a scan solves one
 *       after the other.
 *   <li><b>Share</b>: the units that one thread takes ({@link Share}).
 *   <li><b>Chunk</b>: rows of a batch that go through a strip together. <b>Stretch</b>: steps whose
 *       input products are computed together. See {@link Trace}.
 *   <li><b>Block</b>: the steps that a scan solves at once, and nothing else ({@link
 *       dev.unroll.kernel.Scan#BLOCK}).
 * </ul>
 *
 * <p>Units are padded to whole strips. Columns of padding hold zeros, and groups that hold nothing
 * else are left out where they can be.
 */
final class GateLayout {
  /**
   * The columns of one product, atom by atom.
   *
   * @param rows the rows of the weight that each atom holds
   * @param column the column in the gate storage at which each atom starts
   */
  record Product(Columns rows, int[] column) {
    /** {@return all n rows of a weight in their order} */
    static Product natural(int n) {
      return inOrder(Columns.natural(n));
    }

    /** {@return rows of a weight, whose atoms lie in their order} */
    static Product inOrder(Columns rows) {
      int[] column = new int[rows.groups() * Panels.WIDTH / Columns.ATOM];
      Arrays.setAll(column, a -> a * Columns.ATOM);
      return new Product(rows, column);
    }

    /** {@return where each atom starts in a storage whose groups are some floats apart} */
    int[] offsets(int groupStride) {
      int[] offset = new int[column.length];
      for (int a = 0; a < offset.length; a++) {
        offset[a] = column[a] / Panels.WIDTH * groupStride + column[a] % Panels.WIDTH;
      }
      return offset;
    }

    /** As {@link #addBias}, but replaces what was there: a bias of -0 stays -0. */
    void setBias(float[] row, float[] values, int offset) {
      for (int a = 0; a < rows.atoms(); a++) {
        for (int lane = 0; lane < rows.count()[a]; lane++) {
          row[Buffers.BASE + column[a] + lane] = values[offset + rows.firstRow()[a] + lane];
        }
      }
    }

    /**
     * Adds a bias to where its columns lie in a row of the gate storage.
     *
     * @param row a float for each column from {@link Buffers#BASE} on, added to
     * @param values the parameters
     * @param offset where the bias starts among them
     */
    void addBias(float[] row, float[] values, int offset) {
      for (int a = 0; a < rows.atoms(); a++) {
        for (int lane = 0; lane < rows.count()[a]; lane++) {
          row[Buffers.BASE + column[a] + lane] += values[offset + rows.firstRow()[a] + lane];
        }
      }
    }
  }

  final int strips;
  final int unitsPerStrip;
  final int groupsPerStrip;
  final int groups;

  /** Groups that hold units: all but some of the last strip. */
  final int usedGroups;

  /** The product x·weight_ihᵀ. */
  final Product input;

  /** The product h·weight_hhᵀ; without atoms where there is none. */
  final Product hidden;

  /** Parts of the units that share nothing but the input. */
  final int heads;

  /** Units of a head, and with those of padding, which fill its last strip. */
  final int headSize;

  final int paddedHeadSize;

  /**
   * The layout of a cell whose gates see the state before. A head begins a strip, and {@code
   * weight_hh} has the rows of one head after those of another.
   */
  static GateLayout of(StepCell cell, int hiddenSize, int heads) {
    return new GateLayout(
        hiddenSize,
        heads,
        cell.slots(),
        Columns.ATOM,
        cell.inputSlots(),
        cell.hiddenSlots(),
        cell::gate);
  }

  /** The layout of a cell without a product with the state: each gate of a strip is a group. */
  static GateLayout of(StripCell cell, int hiddenSize) {
    Slots all = new Slots(0, cell.gates());
    Slots none = new Slots(0, 0);
    return new GateLayout(
        hiddenSize, 1, cell.gates(), StripCell.UNITS, all, none, IntUnaryOperator.identity());
  }

  /** The layout of columns that belong to no units. */
  static GateLayout of(Columns rows) {
    return new GateLayout(Product.inOrder(rows));
  }

  private GateLayout(Product input) {
    this.input = input;
    hidden = Product.natural(0);
    groups = input.rows().groups();
    usedGroups = groups;
    heads = 0;
    headSize = 0;
    paddedHeadSize = 0;
    strips = 0;
    unitsPerStrip = 0;
    groupsPerStrip = 0;
  }

  private GateLayout(
      int hiddenSize,
      int heads,
      int slots,
      int slotWidth,
      Slots inputSlots,
      Slots hiddenSlots,
      IntUnaryOperator gate) {
    this.heads = heads;
    headSize = hiddenSize / heads;
    boolean wholeGroups = slotWidth * inputSlots.count() % Panels.WIDTH == 0;
    unitsPerStrip = wholeGroups ? slotWidth : Panels.WIDTH;
    paddedHeadSize = Math.ceilDiv(headSize, unitsPerStrip) * unitsPerStrip;
    strips = heads * paddedHeadSize / unitsPerStrip;
    groupsPerStrip = unitsPerStrip * slots / Panels.WIDTH;
    groups = strips * groupsPerStrip;
    usedGroups =
        heads > 1
            ? groups
            : Math.ceilDiv(Math.ceilDiv(hiddenSize, slotWidth) * slots * slotWidth, Panels.WIDTH);
    input = product(slots, slotWidth, inputSlots, gate, hiddenSize, headSize);
    int gates = hiddenSlots.count();
    hidden = product(slots, slotWidth, hiddenSlots, gate, headSize, gates * headSize);
  }

  /** From the rows of one gate of a head to those of the next, and from head to head. */
  private Product product(
      int slots, int slotWidth, Slots used, IntUnaryOperator gate, int gateRows, int headRows) {
    int units = strips * unitsPerStrip;
    int atoms = units / Columns.ATOM * used.count();
    int[] firstRow = new int[atoms];
    int[] count = new int[atoms];
    int[] column = new int[atoms];
    int atom = 0;
    for (int from = 0; from < units; from += slotWidth) {
      int head = from / paddedHeadSize;
      for (int slot = used.from(); slot < used.to(); slot++) {
        for (int i = 0; i < slotWidth; i += Columns.ATOM) {
          int unit = from % paddedHeadSize + i;
          firstRow[atom] = gate.applyAsInt(slot) * gateRows + head * headRows + unit;
          count[atom] = Math.clamp((long) headSize - unit, 0, Columns.ATOM);
          column[atom++] = from * slots + slot * slotWidth + i;
        }
      }
    }
    return new Product(new Columns(firstRow, count), column);
  }

  /** Copies a row of units to where the heads begin strips. */
  void spread(float[] from, int f0, float[] to, int t0) {
    for (int head = 0; head < heads; head++) {
      System.arraycopy(from, f0 + head * headSize, to, t0 + head * paddedHeadSize, headSize);
    }
  }

  /** The reverse of {@link #spread}. */
  void collect(float[] from, int f0, float[] to, int t0) {
    for (int head = 0; head < heads; head++) {
      System.arraycopy(from, f0 + head * paddedHeadSize, to, t0 + head * headSize, headSize);
    }
  }
}
