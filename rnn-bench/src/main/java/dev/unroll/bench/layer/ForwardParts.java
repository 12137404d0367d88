package dev.unroll.bench.layer;

import dev.unroll.cell.Cells;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.Panels;
import java.util.Arrays;

/**
 * The parts of a layer's forward pass, each to be timed alone: the input product x·weight_ihᵀ on
 * top of the biases, which needs no earlier step; the recurrent product h·weight_hhᵀ; and the
 * cell's pointwise equations. They are made of the kernels and the cell that the layer itself is
 * made of, on blocks of the sizes that it uses, in its order: {@link #all} gives the same bits as
 * the layer, so that the parts are known to be its parts.
 *
 * <p>Letters: T steps, B batch, I inputs, H units; ld the padded width of a state row. One thread;
 * nothing is allocated after construction.
 */
public final class ForwardParts {
  /** Fewer sequences than this fill no tile: the layer then takes inputs of several steps. */
  private static final int NARROW = 6;

  /** Rows of such an input product. */
  private static final int NARROW_ROWS = 24;

  /** Rows of the gate storage otherwise, which then stays in L1; half for a GRU's wider gates. */
  private static final int WIDE_ROWS = 48;

  private final StepCell cell;
  private final Shape shape;
  private final float[] x;
  private final boolean narrow;

  /** Blocks of columns that are whole groups in every product. */
  private final int supers;

  private final int groupsPerSuper;
  private final int ld;

  /** Rows of the gate storage. */
  private final int rows;

  private final Panels input;
  private final Panels hidden;
  private final int[] inputOffset;
  private final int[] hiddenOffset;
  private final float[] bias;
  private final float[] gates;
  private final float[] h;
  private final float[] c;

  /**
   * Packs a workload's weights.
   *
   * @throws IllegalArgumentException if the cell is not one that goes step by step
   */
  public ForwardParts(Workload workload, Operands operands) {
    if (!(Cells.named(workload.cell()) instanceof StepCell step)) {
      throw new IllegalArgumentException(
          "cell '%s' has no recurrent product, so its parts cannot be told apart: choose rnn_tanh, rnn_relu, lstm or gru"
              .formatted(workload.cell()));
    }
    cell = step;
    shape = workload.shape();
    x = operands.x();
    int batch = shape.batch();
    int units = shape.hiddenSize();
    narrow = batch < NARROW;
    int blocksPerSuper = cell.inputSlots().count() == 4 ? 1 : 4;
    supers = Math.ceilDiv(units, blocksPerSuper * Columns.ATOM);
    groupsPerSuper = blocksPerSuper * cell.slots() * Columns.ATOM / Panels.WIDTH;
    ld = Math.ceilDiv(units, Panels.WIDTH) * Panels.WIDTH;
    rows = narrow ? NARROW_ROWS / batch * batch : groupsPerSuper == 1 ? WIDE_ROWS : WIDE_ROWS / 2;
    int groups = supers * groupsPerSuper;
    int blocks = supers * blocksPerSuper;
    Columns inputRows = columns(cell.inputSlots(), blocks, units);
    Columns hiddenRows = columns(cell.hiddenSlots(), blocks, units);
    input = new Panels(shape.inputSize(), inputRows);
    input.packTransposed(operands.weightIh(), 0, inputRows);
    hidden = new Panels(units, hiddenRows);
    hidden.packTransposed(operands.weightHh(), 0, hiddenRows);
    int[] inputColumn = positions(cell.inputSlots(), blocks);
    int[] hiddenColumn = positions(cell.hiddenSlots(), blocks);
    inputOffset = offsets(inputColumn);
    hiddenOffset = offsets(hiddenColumn);
    bias = Buffers.floats((long) groups * Panels.WIDTH);
    addBias(operands.biasIh(), inputRows, inputColumn);
    addBias(operands.biasHh(), hiddenRows, hiddenColumn);
    gates = Buffers.floats((long) groups * rows * Panels.WIDTH);
    h = Buffers.floats(2L * batch * ld);
    c = Buffers.floats(cell.hasCellState() ? 2L * batch * ld : 0);
  }

  /** The input products of all steps, with their biases. */
  public void inputProduct() {
    run(true, false, false);
  }

  /** The recurrent products of all steps. */
  public void recurrentProduct() {
    run(false, true, false);
  }

  /** The cell's equations of all steps. */
  public void pointwise() {
    run(false, false, true);
  }

  /**
   * All parts of all steps, from a zero state.
   *
   * @return h of the last step, [B, H]
   */
  public float[] all() {
    Arrays.fill(h, 0f);
    Arrays.fill(c, 0f);
    run(true, true, true);
    int units = shape.hiddenSize();
    float[] last = new float[shape.batch() * units];
    for (int b = 0; b < shape.batch(); b++) {
      System.arraycopy(h, state(shape.steps() - 1) + b * ld, last, b * units, units);
    }
    return last;
  }

  private void run(boolean inputProduct, boolean recurrentProduct, boolean pointwise) {
    int batch = shape.batch();
    int stretch = narrow ? rows / batch : 1;
    int together = narrow ? supers : 1;
    int chunk = narrow ? batch : rows;
    for (int t0 = 0; t0 < shape.steps(); t0 += stretch) {
      int count = Math.min(stretch, shape.steps() - t0);
      for (int block = 0; block < supers; block += together) {
        for (int b = 0; b < batch; b += chunk) {
          int n = Math.min(chunk, batch - b);
          // Wide, every block of columns uses the same storage, which stays in L1.
          int g0 = Buffers.BASE - (narrow ? 0 : group(block));
          if (inputProduct) {
            input(g0, block, block + together, t0 * batch + b, count * n);
          }
          for (int i = 0; i < count; i++) {
            int at = g0 + i * batch * Panels.WIDTH;
            if (recurrentProduct) {
              recurrent(at, block, block + together, state(t0 + i - 1) + b * ld, n);
            }
            if (pointwise) {
              cell(at, block, block + together, t0 + i, b, n);
            }
          }
        }
      }
    }
  }

  private void input(int g0, int from, int to, int row, int n) {
    for (int g = from * groupsPerSuper; g < to * groupsPerSuper; g++) {
      int at = g * rows * Panels.WIDTH;
      Gemm.fillRows(n, bias, Buffers.BASE + g * Panels.WIDTH, gates, g0 + at);
    }
    int perSuper = input.groups() / supers;
    int width = shape.inputSize();
    Gemm.multiply(
        n,
        x,
        row * width,
        width,
        1,
        0,
        width,
        input,
        from * perSuper,
        to * perSuper,
        gates,
        g0,
        inputOffset,
        Panels.WIDTH);
  }

  private void recurrent(int g0, int from, int to, int h0, int n) {
    int perSuper = hidden.groups() / supers;
    for (int block = from; block < to; block++) {
      Gemm.multiply(
          n,
          h,
          h0,
          ld,
          1,
          0,
          shape.hiddenSize(),
          hidden,
          block * perSuper,
          (block + 1) * perSuper,
          gates,
          g0,
          hiddenOffset,
          Panels.WIDTH);
    }
  }

  /** The cell's calls are as long as they can be: over rows, or for few rows over groups. */
  private void cell(int g0, int from, int to, int t, int b, int n) {
    int units = cell.unitsPerGroup();
    int groups = (to - from) * groupsPerSuper;
    boolean down = n >= groups;
    for (int i = 0; i < (down ? groups : n); i++) {
      int g = from * groupsPerSuper + (down ? i : 0);
      int row = down ? 0 : i;
      int at = (b + row) * ld + g * units;
      cell.forward(
          down ? n : groups,
          gates,
          g0 + (g * rows + row) * Panels.WIDTH,
          down ? Panels.WIDTH : rows * Panels.WIDTH,
          h,
          c,
          state(t - 1) + at,
          state(t) + at,
          down ? ld : units);
    }
  }

  private int group(int block) {
    return block * groupsPerSuper * rows * Panels.WIDTH;
  }

  /** Where the state after step t is: two blocks in turn. */
  private int state(int t) {
    return Buffers.BASE + (t + 1 & 1) * shape.batch() * ld;
  }

  private Columns columns(StepCell.Slots slots, int blocks, int units) {
    int[] firstRow = new int[blocks * slots.count()];
    int[] count = new int[firstRow.length];
    int atom = 0;
    for (int unit = 0; unit < blocks * Columns.ATOM; unit += Columns.ATOM) {
      for (int slot = slots.from(); slot < slots.to(); slot++) {
        firstRow[atom] = cell.gate(slot) * units + unit;
        count[atom++] = Math.clamp((long) units - unit, 0, Columns.ATOM);
      }
    }
    return new Columns(firstRow, count);
  }

  private int[] positions(StepCell.Slots slots, int blocks) {
    int[] column = new int[blocks * slots.count()];
    int atom = 0;
    for (int block = 0; block < blocks; block++) {
      for (int slot = slots.from(); slot < slots.to(); slot++) {
        column[atom++] = (block * cell.slots() + slot) * Columns.ATOM;
      }
    }
    return column;
  }

  private int[] offsets(int[] column) {
    int[] offset = new int[column.length];
    for (int a = 0; a < column.length; a++) {
      offset[a] = column[a] / Panels.WIDTH * rows * Panels.WIDTH + column[a] % Panels.WIDTH;
    }
    return offset;
  }

  private void addBias(float[] values, Columns from, int[] column) {
    for (int a = 0; a < from.atoms(); a++) {
      for (int lane = 0; lane < from.count()[a]; lane++) {
        bias[Buffers.BASE + column[a] + lane] += values[from.firstRow()[a] + lane];
      }
    }
  }
}
