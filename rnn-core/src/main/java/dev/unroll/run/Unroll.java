package dev.unroll.run;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One layer in one direction: the packed weights, the matmuls and the loop over time. It allocates
 * nothing after construction; what a pass leaves behind is in its {@link Trace}.
 *
 * <p>Letters: T steps, B batch, I input features, H units, S width of h (P with a projection), G
 * gates, ld the padded width of a state row. Steps run s = 0 .. T-1; t = s, or T-1-s in reverse.
 *
 * <p>Two ways through time, same sums in the same order. <b>Wide</b> (B of 6 and more): rows of the
 * batch are independent, so each thread runs its rows through the whole sequence; each step takes a
 * super block of units at a time (as many as fill whole groups of 64 columns), adds x·weight_ihᵀ
 * and h·weight_hhᵀ on top of the biases and runs the cell while the gates are in the L1 cache.
 * <b>Narrow</b>: too few rows to fill a tile, so the input product covers a stretch of time at once
 * and only the recurrent product is left in the step; threads split the units and meet once a step.
 */
final class Unroll implements Layer {
  /** Units that threads split in the narrow way: a group of columns in every product. */
  static final int UNITS_PER_SHARE = Panels.WIDTH;

  /** Rows of the input product that the narrow way computes ahead. */
  private static final int NARROW_ROWS = 24;

  final StepCell cell;

  /** Which of the network's layers and directions this is: the row of a {@link State}. */
  final int index;

  final boolean reverse;
  final int inputSize;
  final int stateSize;
  final int ld;

  /** Groups of 64 columns in the gate storage. */
  final int groups;

  /** Those of them that hold units; only the last super block has others. */
  final int usedGroups;

  final int groupsPerSuper;
  final int chunkRows;

  /** Column in the gate storage of each atom of the two products. */
  final int[] inputColumn;

  final int[] hiddenColumn;

  final @Nullable Slice projection;

  final Slice weightIh;
  final Slice weightHh;
  final @Nullable Slice biasIh;
  final @Nullable Slice biasHh;
  final int hiddenSize;
  private final int supers;
  private final int unitsPerSuper;
  final Columns inputRows;
  final Columns hiddenRows;
  final Columns projectionRows;
  private final Panels input;
  private final Panels hidden;
  private final float[] bias;
  private @Nullable Panels projected;
  private final UnrollBackward backward;

  Unroll(
      StepCell cell,
      Parameters parameters,
      String prefix,
      RecurrentConfig config,
      int layer,
      boolean reverse) {
    this.cell = cell;
    this.index = layer * config.numDirections() + (reverse ? 1 : 0);
    this.reverse = reverse;
    this.inputSize = layer == 0 ? config.inputSize() : config.outputSize();
    this.stateSize = config.stateSize();
    this.hiddenSize = config.hiddenSize();
    int rows = cell.gates() * hiddenSize;
    String suffix = "_l" + layer + (reverse ? "_reverse" : "");
    weightIh = parameters.add(prefix + "weight_ih" + suffix, rows, inputSize);
    weightHh = parameters.add(prefix + "weight_hh" + suffix, rows, stateSize);
    biasIh = config.bias() ? parameters.add(prefix + "bias_ih" + suffix, rows) : null;
    biasHh = config.bias() ? parameters.add(prefix + "bias_hh" + suffix, rows) : null;
    projection =
        config.projSize() > 0
            ? parameters.add(prefix + "weight_hr" + suffix, stateSize, hiddenSize)
            : null;

    int used = cell.inputSlots().count();
    if (cell.hiddenSlots().count() != used) {
      throw new IllegalArgumentException(
          "Cell " + cell.name() + " must use as many slots for the input as for the state.");
    }
    int blocksPerSuper = used == 4 ? 1 : 4;
    unitsPerSuper = blocksPerSuper * Columns.ATOM;
    supers = Math.ceilDiv(hiddenSize, unitsPerSuper);
    groupsPerSuper = blocksPerSuper * cell.slots() * Columns.ATOM / Panels.WIDTH;
    groups = supers * groupsPerSuper;
    usedGroups = Math.ceilDiv(hiddenSize, cell.unitsPerGroup());
    ld = Math.ceilDiv(Math.max(hiddenSize, stateSize), Panels.WIDTH) * Panels.WIDTH;
    // The gates of a chunk stay in an L1 cache of 32 KB beside a panel: 12 KB, or 24 KB for a GRU.
    chunkRows = groupsPerSuper == 1 ? 48 : 24;
    int blocks = supers * blocksPerSuper;
    inputColumn = columns(cell.inputSlots(), blocks);
    hiddenColumn = columns(cell.hiddenSlots(), blocks);
    inputRows = rows(cell.inputSlots(), blocks);
    hiddenRows = rows(cell.hiddenSlots(), blocks);
    projectionRows = Columns.natural(stateSize);
    input = new Panels(inputSize, inputRows);
    hidden = new Panels(stateSize, hiddenRows);
    bias = Buffers.floats((long) groups * Panels.WIDTH);
    if (projection != null) {
      projected = new Panels(hiddenSize, stateSize);
    }
    backward = new UnrollBackward(this);
  }

  private int[] columns(StepCell.Slots slots, int blocks) {
    int[] column = new int[blocks * slots.count()];
    int atom = 0;
    for (int block = 0; block < blocks; block++) {
      for (int slot = slots.from(); slot < slots.to(); slot++) {
        column[atom++] = (block * cell.slots() + slot) * Columns.ATOM;
      }
    }
    return column;
  }

  private Columns rows(StepCell.Slots slots, int blocks) {
    int[] firstRow = new int[blocks * slots.count()];
    int[] count = new int[firstRow.length];
    int atom = 0;
    for (int block = 0; block < blocks; block++) {
      int unit = block * Columns.ATOM;
      for (int slot = slots.from(); slot < slots.to(); slot++) {
        firstRow[atom] = cell.gate(slot) * hiddenSize + unit;
        count[atom] = Math.clamp((long) hiddenSize - unit, 0, Columns.ATOM);
        atom++;
      }
    }
    return new Columns(firstRow, count);
  }

  @Override
  public void pack(float[] values, int worker, int workers) {
    input.packTransposed(values, weightIh.offset(), inputRows, worker, workers);
    hidden.packTransposed(values, weightHh.offset(), hiddenRows, worker, workers);
    if (projection != null && projected != null) {
      projected.packTransposed(values, projection.offset(), projectionRows, worker, workers);
    }
    if (worker == 0 && biasIh != null && biasHh != null) {
      Arrays.fill(bias, 0f);
      addBias(values, biasIh.offset(), inputRows, inputColumn);
      addBias(values, biasHh.offset(), hiddenRows, hiddenColumn);
    }
  }

  private void addBias(float[] values, int offset, Columns rows, int[] column) {
    for (int a = 0; a < rows.atoms(); a++) {
      for (int lane = 0; lane < rows.count()[a]; lane++) {
        bias[Buffers.BASE + column[a] + lane] += values[offset + rows.firstRow()[a] + lane];
      }
    }
  }

  @Override
  public void packBackward(float[] values, int worker, int workers) {
    backward.pack(values, worker, workers);
  }

  /** {@return what runs this layer back through time} */
  UnrollBackward backward() {
    return backward;
  }

  /** {@return floats of the recurrent weight, which the narrow way reads every step} */
  long recurrentWeights() {
    return weightHh.size();
  }

  /** {@return terms of the sums in the gradients to x and h: padded gate rows} */
  int terms() {
    return usedGroups * cell.hiddenSlots().count() * cell.unitsPerGroup();
  }

  /** {@return shares that the narrow way can split the units into} */
  int shares() {
    return Math.ceilDiv(supers * unitsPerSuper, UNITS_PER_SHARE);
  }

  /** {@return steps of the narrow way's input product} */
  int timeChunk(int batch) {
    return Math.max(1, NARROW_ROWS / batch);
  }

  /** {@return the time of the s-th step of the pass} */
  int stepOf(int steps, int s) {
    return reverse ? steps - 1 - s : s;
  }

  /** Writes the initial state of rows b0 .. b1 into the block before the first step. */
  void start(Trace trace, @Nullable State initial, int b0, int b1) {
    int block = trace.previousBlock(reverse, stepOf(trace.steps, 0), 0);
    int batch = trace.batch;
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + (block * batch + b) * ld;
      if (initial == null) {
        Arrays.fill(trace.h, row, row + ld, 0f);
        if (cell.hasCellState()) {
          Arrays.fill(trace.c, row, row + ld, 0f);
        }
      } else {
        int from = index * batch + b;
        System.arraycopy(initial.h(), from * stateSize, trace.h, row, stateSize);
        if (cell.hasCellState()) {
          System.arraycopy(initial.c(), from * hiddenSize, trace.c, row, hiddenSize);
        }
      }
    }
  }

  /** Copies the state of rows b0 .. b1 after the last step. */
  void finish(Trace trace, State last, int b0, int b1) {
    int steps = trace.steps;
    int block = trace.nextBlock(reverse, stepOf(steps, steps - 1), steps - 1);
    int batch = trace.batch;
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + (block * batch + b) * ld;
      int to = index * batch + b;
      System.arraycopy(trace.h, row, last.h(), to * stateSize, stateSize);
      if (cell.hasCellState()) {
        System.arraycopy(trace.c, row, last.c(), to * hiddenSize, hiddenSize);
      }
    }
  }

  /**
   * The whole sequence for rows b0 .. b1 of the batch.
   *
   * @param x {@code [T, B, I]}
   * @param y {@code [T, B, yStride]}, written from column {@code yOffset}
   */
  void forwardWide(
      Trace trace,
      int worker,
      float[] x,
      int @Nullable [] lengths,
      float[] y,
      int yStride,
      int yOffset,
      int b0,
      int b1) {
    int steps = trace.steps;
    int batch = trace.batch;
    boolean keep = trace.training;
    float[] gates = trace.gates(worker);
    int groupStride = trace.gateRows * Panels.WIDTH;
    for (int s = 0; s < steps; s++) {
      int t = stepOf(steps, s);
      int previous = Buffers.BASE + trace.previousBlock(reverse, t, s) * batch * ld;
      int next = Buffers.BASE + trace.nextBlock(reverse, t, s) * batch * ld;
      for (int block = 0; block < supers; block++) {
        for (int b = b0; b < b1; b += chunkRows) {
          int rows = Math.min(chunkRows, b1 - b);
          int g0 =
              Buffers.BASE
                  + (keep ? (t * batch + b) * Panels.WIDTH : -block * groupsPerSuper * groupStride);
          fillBias(gates, g0, groupStride, block, rows);
          inputProduct(trace, gates, g0, block, block + 1, x, (t * batch + b) * inputSize, rows);
          hiddenProduct(trace, gates, g0, block, previous + b * ld, rows);
          cellForward(trace, gates, g0, groupStride, block, block + 1, t, previous, next, b, rows);
        }
      }
      endStep(trace, lengths, y, yStride, yOffset, t, previous, next, b0, b1, 0, hiddenSize);
    }
  }

  /**
   * The whole sequence for all rows of a small batch and one thread's share of the units.
   *
   * @param team to meet at after each step; null when one thread does it all
   */
  void forwardNarrow(
      Trace trace,
      @Nullable Team team,
      float[] x,
      int @Nullable [] lengths,
      float[] y,
      int yStride,
      int yOffset,
      int fromShare,
      int toShare) {
    int steps = trace.steps;
    int batch = trace.batch;
    float[] gates = trace.gates(0);
    int groupStride = trace.gateRows * Panels.WIDTH;
    int fromSuper = Math.min(supers, fromShare * UNITS_PER_SHARE / unitsPerSuper);
    int toSuper = Math.min(supers, toShare * UNITS_PER_SHARE / unitsPerSuper);
    int fromUnit = Math.min(hiddenSize, fromShare * UNITS_PER_SHARE);
    int toUnit = Math.min(hiddenSize, toShare * UNITS_PER_SHARE);
    int stretch = timeChunk(batch);
    for (int s0 = 0; s0 < steps; s0 += stretch) {
      int count = Math.min(stretch, steps - s0);
      int tFirst = reverse ? stepOf(steps, s0 + count - 1) : s0;
      int stretchRow = trace.training ? tFirst * batch : 0;
      int stretchGates = Buffers.BASE + stretchRow * Panels.WIDTH;
      for (int block = fromSuper; block < toSuper; block++) {
        fillBias(gates, stretchGates, groupStride, block, count * batch);
      }
      inputProduct(
          trace,
          gates,
          stretchGates,
          fromSuper,
          toSuper,
          x,
          tFirst * batch * inputSize,
          count * batch);
      for (int s = s0; s < s0 + count; s++) {
        int t = stepOf(steps, s);
        int previous = Buffers.BASE + trace.previousBlock(reverse, t, s) * batch * ld;
        int next = Buffers.BASE + trace.nextBlock(reverse, t, s) * batch * ld;
        int g0 = stretchGates + (t - tFirst) * batch * Panels.WIDTH;
        // To and fro: what the last step left in the cache is read first.
        for (int i = fromSuper; i < toSuper; i++) {
          int block = s % 2 == 0 ? i : fromSuper + toSuper - 1 - i;
          hiddenProduct(trace, gates, g0, block, previous, batch);
        }
        cellForward(trace, gates, g0, groupStride, fromSuper, toSuper, t, previous, next, 0, batch);
        endStep(trace, lengths, y, yStride, yOffset, t, previous, next, 0, batch, fromUnit, toUnit);
        if (team != null) {
          team.barrier();
        }
      }
    }
  }

  private void fillBias(float[] gates, int g0, int groupStride, int block, int rows) {
    int to = usedGroups(block + 1);
    for (int g = block * groupsPerSuper; g < to; g++) {
      Gemm.fillRows(rows, bias, Buffers.BASE + g * Panels.WIDTH, gates, g0 + g * groupStride);
    }
  }

  /** {@return groups with units in the super blocks before this one} */
  private int usedGroups(int superBlock) {
    return Math.min(usedGroups, superBlock * groupsPerSuper);
  }

  private void inputProduct(
      Trace trace, float[] gates, int g0, int fromSuper, int toSuper, float[] x, int x0, int rows) {
    int perSuper = input.groups() / supers;
    Gemm.multiply(
        rows,
        x,
        x0,
        inputSize,
        1,
        0,
        inputSize,
        input,
        fromSuper * perSuper,
        toSuper * perSuper,
        gates,
        g0,
        trace.inputOffset,
        Panels.WIDTH);
  }

  private void hiddenProduct(Trace trace, float[] gates, int g0, int block, int h0, int rows) {
    int perSuper = hidden.groups() / supers;
    Gemm.multiply(
        rows,
        trace.h,
        h0,
        ld,
        1,
        0,
        stateSize,
        hidden,
        block * perSuper,
        (block + 1) * perSuper,
        gates,
        g0,
        trace.hiddenOffset,
        Panels.WIDTH);
  }

  /** The cell's step for the groups of some blocks, in calls as long as they can be. */
  private void cellForward(
      Trace trace,
      float[] gates,
      int g0,
      int groupStride,
      int fromSuper,
      int toSuper,
      int t,
      int previous,
      int next,
      int b,
      int rows) {
    float[] h = trace.h;
    int to = next;
    if (projection != null) {
      h = trace.raw;
      to = rawBlock(trace, t);
    }
    int groupCount = usedGroups(toSuper) - fromSuper * groupsPerSuper;
    int units = cell.unitsPerGroup();
    boolean down = rows >= groupCount;
    int calls = down ? groupCount : rows;
    for (int i = 0; i < calls; i++) {
      int g = fromSuper * groupsPerSuper + (down ? i : 0);
      int row = down ? 0 : i;
      int at = (b + row) * ld + g * units;
      cell.forward(
          down ? rows : groupCount,
          gates,
          g0 + g * groupStride + row * Panels.WIDTH,
          down ? Panels.WIDTH : groupStride,
          trace.h,
          previous + at,
          trace.c,
          previous + at,
          h,
          to + at,
          trace.c,
          next + at,
          down ? ld : units);
    }
  }

  private int rawBlock(Trace trace, int t) {
    return Buffers.BASE + (trace.training ? t * trace.batch * ld : 0);
  }

  /** Projection, ends of short sequences, and y. */
  private void endStep(
      Trace trace,
      int @Nullable [] lengths,
      float[] y,
      int yStride,
      int yOffset,
      int t,
      int previous,
      int next,
      int b0,
      int b1,
      int fromUnit,
      int toUnit) {
    int batch = trace.batch;
    float[] h = trace.h;
    if (projected != null) {
      for (int b = b0; b < b1; b++) {
        Arrays.fill(h, next + b * ld, next + (b + 1) * ld, 0f);
      }
      Gemm.multiply(
          b1 - b0,
          trace.raw,
          rawBlock(trace, t) + b0 * ld,
          ld,
          1,
          0,
          hiddenSize,
          projected,
          0,
          projected.groups(),
          h,
          next + b0 * ld,
          projected.rowMajor(),
          ld);
    }
    int from = projected == null ? fromUnit : 0;
    int width = projected == null ? toUnit - fromUnit : stateSize;
    for (int b = b0; b < b1; b++) {
      int to = (t * batch + b) * yStride + yOffset + from;
      if (lengths != null && t >= lengths[b]) {
        Arrays.fill(y, to, to + width, 0f);
        System.arraycopy(h, previous + b * ld, h, next + b * ld, ld);
        if (cell.hasCellState()) {
          System.arraycopy(trace.c, previous + b * ld, trace.c, next + b * ld, ld);
        }
      } else {
        System.arraycopy(h, next + b * ld + from, y, to, width);
      }
    }
  }
}
