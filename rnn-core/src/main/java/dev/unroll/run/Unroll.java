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

  /** Floats of weight gradients that stay in an L2 cache while a block of rows passes by. */
  private static final int CACHED_SUMS = 1 << 17;

  final StepCell cell;

  /** Which of the network's layers and directions this is: the row of a {@link State}. */
  private final int index;

  final boolean reverse;
  final int inputSize;
  final int stateSize;
  final int ld;

  /** Groups of 64 columns in the gate storage. */
  final int groups;

  final int groupsPerSuper;
  final int chunkRows;

  /** Column in the gate storage of each atom of the two products. */
  final int[] inputColumn;

  final int[] hiddenColumn;

  final @Nullable Slice projection;

  private final Slice weightIh;
  private final Slice weightHh;
  private final @Nullable Slice biasIh;
  private final @Nullable Slice biasHh;
  private final int hiddenSize;
  private final int supers;
  private final int unitsPerSuper;
  private final Columns inputRows;
  private final Columns hiddenRows;
  private final Columns projectionRows;
  private final Panels input;
  private final Panels hidden;
  private final float[] bias;
  private @Nullable Panels projected;
  private @Nullable Backward backward;

  /** Operands that only training needs. */
  private static final class Backward {
    final Panels toInput;
    final Panels toHidden;
    final Panels dInput;
    final Panels dHidden;
    final Panels dBiasIh;
    final Panels dBiasHh;
    @Nullable Panels toRaw;
    @Nullable Panels dProjection;

    Backward(Unroll u) {
      toInput = new Panels(u.inputRows.atoms() * Columns.ATOM, u.inputSize);
      toHidden = new Panels(u.hiddenRows.atoms() * Columns.ATOM, u.stateSize);
      dInput = new Panels(u.inputSize, u.inputRows.atoms() * Columns.ATOM);
      dHidden = new Panels(u.stateSize, u.hiddenRows.atoms() * Columns.ATOM);
      dBiasIh = new Panels(1, u.inputRows.atoms() * Columns.ATOM);
      dBiasHh = new Panels(1, u.hiddenRows.atoms() * Columns.ATOM);
      if (u.projection != null) {
        toRaw = new Panels(u.stateSize, u.hiddenSize);
        dProjection = new Panels(u.hiddenSize, u.stateSize);
      }
    }
  }

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
    ld = Math.ceilDiv(Math.max(hiddenSize, stateSize), Panels.WIDTH) * Panels.WIDTH;
    // The gates of a chunk stay in an L1 cache of 32 KB beside a panel: 12 KB, or 24 KB for a GRU.
    chunkRows = groupsPerSuper == 1 ? 48 : 24;
    int blocks = supers * blocksPerSuper;
    inputColumn = columns(cell.inputSlots(), blocks);
    hiddenColumn = columns(cell.hiddenSlots(), blocks);
    inputRows = rows(cell.inputSlots(), blocks);
    hiddenRows = rows(cell.hiddenSlots(), blocks);
    projectionRows = Columns.natural(stateSize);
    input = new Panels(inputSize, inputRows.atoms() * Columns.ATOM);
    hidden = new Panels(stateSize, hiddenRows.atoms() * Columns.ATOM);
    bias = Buffers.floats((long) groups * Panels.WIDTH);
    if (projection != null) {
      projected = new Panels(hiddenSize, stateSize);
    }
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
  public void pack(float[] values) {
    input.packTransposed(values, weightIh.offset(), inputRows);
    hidden.packTransposed(values, weightHh.offset(), hiddenRows);
    if (projection != null && projected != null) {
      projected.packTransposed(values, projection.offset(), projectionRows);
    }
    if (biasIh != null && biasHh != null) {
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
  public void packBackward(float[] values) {
    if (backward == null) {
      backward = new Backward(this);
    }
    backward.toInput.pack(values, weightIh.offset(), inputSize, inputRows);
    backward.toHidden.pack(values, weightHh.offset(), stateSize, hiddenRows);
    if (projection != null && backward.toRaw != null) {
      backward.toRaw.pack(values, projection.offset(), hiddenSize);
    }
  }

  @Override
  public LayerPass pass(
      RecurrentConfig config, int steps, int batch, boolean training, Team team, ScanForm form) {
    return new UnrollPass(this, config, steps, batch, training, team);
  }

  private Backward backwardOperands() {
    Backward operands = backward;
    if (operands == null) {
      throw new IllegalStateException("The weights were not packed for a backward pass.");
    }
    return operands;
  }

  /** {@return floats of the recurrent weight, which the narrow way reads every step} */
  long recurrentWeights() {
    return weightHh.size();
  }

  /** {@return terms of the sums in the gradients to x and h: padded gate rows} */
  int terms() {
    return groups * cell.hiddenSlots().count() * cell.unitsPerGroup();
  }

  /** {@return shares that the narrow way can split the units into} */
  int shares() {
    return Math.ceilDiv(supers * unitsPerSuper, UNITS_PER_SHARE);
  }

  /** {@return steps of the narrow way's input product} */
  int timeChunk(int batch) {
    return Math.max(1, NARROW_ROWS / batch);
  }

  private int stepOf(int steps, int s) {
    return reverse ? steps - 1 - s : s;
  }

  // ---- forward ----

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
    for (int g = block * groupsPerSuper; g < (block + 1) * groupsPerSuper; g++) {
      Gemm.fillRows(rows, bias, Buffers.BASE + g * Panels.WIDTH, gates, g0 + g * groupStride);
    }
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
    int groupCount = (toSuper - fromSuper) * groupsPerSuper;
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

  // ---- backward ----

  /** Sets the running gradients of rows b0 .. b1 to those of the final state. */
  void startBackward(Trace trace, @Nullable State gradLast, int b0, int b1) {
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * ld;
      Arrays.fill(trace.dh, row, row + ld, 0f);
      if (cell.hasCellState()) {
        Arrays.fill(trace.dc, row, row + ld, 0f);
      }
      if (gradLast != null) {
        int from = index * trace.batch + b;
        System.arraycopy(gradLast.h(), from * stateSize, trace.dh, row, stateSize);
        if (cell.hasCellState()) {
          System.arraycopy(gradLast.c(), from * hiddenSize, trace.dc, row, hiddenSize);
        }
      }
    }
  }

  /** Copies the gradient to the initial state of rows b0 .. b1. */
  void finishBackward(Trace trace, State gradInitial, int b0, int b1) {
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * ld;
      int to = index * trace.batch + b;
      System.arraycopy(trace.dh, row, gradInitial.h(), to * stateSize, stateSize);
      if (cell.hasCellState()) {
        System.arraycopy(trace.dc, row, gradInitial.c(), to * hiddenSize, hiddenSize);
      }
    }
  }

  /**
   * Back through time for rows b0 .. b1 and one share of the units (all of them unless narrow).
   *
   * @param team to meet at in each step; null when no other thread works on these rows
   * @param gradY {@code [T, B, yStride]}, read from column {@code yOffset}
   * @param gradX {@code [T, B, I]}, added to while a step's gate gradients are in the cache; null
   *     when not wanted or left to {@link #backwardInput}
   * @param scratch the calling thread's
   */
  void backwardTime(
      Trace trace,
      int worker,
      @Nullable Team team,
      int @Nullable [] lengths,
      float[] gradY,
      int yStride,
      int yOffset,
      int b0,
      int b1,
      int fromShare,
      int toShare,
      float @Nullable [] gradX,
      float[] scratch) {
    int steps = trace.steps;
    int batch = trace.batch;
    Backward operands = backwardOperands();
    int fromUnit = Math.min(stateSize, fromShare * UNITS_PER_SHARE);
    int toUnit = Math.min(stateSize, toShare * UNITS_PER_SHARE);
    int fromGroup = Math.min(groups, fromShare * UNITS_PER_SHARE / cell.unitsPerGroup());
    int toGroup = Math.min(groups, toShare * UNITS_PER_SHARE / cell.unitsPerGroup());
    int fromColumns = Math.min(operands.toHidden.groups(), fromShare);
    int toColumns = Math.min(operands.toHidden.groups(), toShare);
    int groupStride = trace.gateRows * Panels.WIDTH;
    int terms = terms();
    float[] gates = trace.gates(0);
    float[] gathered = trace.gathered(worker);
    int row0 = Buffers.BASE + b0 * terms;
    for (int s = steps - 1; s >= 0; s--) {
      int t = stepOf(steps, s);
      int g0 = Buffers.BASE + (t * batch + b0) * Panels.WIDTH;
      addGradY(trace, lengths, gradY, yStride, yOffset, t, b0, b1, fromUnit, toUnit);
      if (projection != null) {
        backwardProjection(trace, operands, t, b0, b1);
      }
      cellBackward(trace, lengths, gates, g0, groupStride, t, s, b0, b1, fromGroup, toGroup);
      if (team != null) {
        team.barrier();
      }
      gather(trace, cell.hiddenSlots(), t * batch + b0, b1 - b0, gathered, row0);
      for (int i = fromColumns; i < toColumns; i++) {
        int column = s % 2 == 0 ? i : fromColumns + toColumns - 1 - i;
        Gemm.multiply(
            b1 - b0,
            gathered,
            row0,
            terms,
            1,
            0,
            terms,
            operands.toHidden,
            column,
            column + 1,
            trace.dh,
            Buffers.BASE + b0 * ld,
            operands.toHidden.rowMajor(),
            ld);
      }
      if (gradX != null) {
        if (!cell.inputSlots().equals(cell.hiddenSlots())) {
          gather(trace, cell.inputSlots(), t * batch + b0, b1 - b0, gathered, row0);
        }
        inputGradient(gathered, row0, gradX, t * batch + b0, b1 - b0, scratch);
      }
    }
  }

  /**
   * The derivatives of one output of each unit, h or c, for rows b0 .. b1 after a forward pass of
   * one step on a training trace, whose gates and cell states are used up. Without projection.
   *
   * @param ofCellState c rather than h
   * @param byGate the derivative by each row's recurrent product h·weight_hhᵀ, {@code [B, G*H]}
   * @param byH by the unit's own h where it is used directly, {@code [B, H]}
   * @param byC by the unit's own c, {@code [B, H]}; not written without a cell state
   */
  void derivatives(
      Trace trace, boolean ofCellState, int b0, int b1, float[] byGate, float[] byH, float[] byC) {
    int from = Buffers.BASE + b0 * ld;
    int to = Buffers.BASE + b1 * ld;
    Arrays.fill(trace.dh, from, to, ofCellState ? 0f : 1f);
    if (cell.hasCellState()) {
      Arrays.fill(trace.dc, from, to, ofCellState ? 1f : 0f);
    }
    float[] gates = trace.gates(0);
    int groupStride = trace.gateRows * Panels.WIDTH;
    int g0 = Buffers.BASE + b0 * Panels.WIDTH;
    cellBackward(trace, null, gates, g0, groupStride, 0, 0, b0, b1, 0, groups);
    for (int b = b0; b < b1; b++) {
      for (int a = 0; a < hiddenRows.atoms(); a++) {
        int at = Buffers.BASE + trace.hiddenOffset[a] + b * Panels.WIDTH;
        int row = b * cell.gates() * hiddenSize + hiddenRows.firstRow()[a];
        for (int lane = 0; lane < hiddenRows.count()[a]; lane++) {
          byGate[row + lane] = gates[at + lane];
        }
      }
      int row = Buffers.BASE + b * ld;
      System.arraycopy(trace.dh, row, byH, b * hiddenSize, hiddenSize);
      if (cell.hasCellState()) {
        System.arraycopy(trace.dc, row, byC, b * hiddenSize, hiddenSize);
      }
    }
  }

  private void addGradY(
      Trace trace,
      int @Nullable [] lengths,
      float[] gradY,
      int yStride,
      int yOffset,
      int t,
      int b0,
      int b1,
      int fromUnit,
      int toUnit) {
    float[] dh = trace.dh;
    for (int b = b0; b < b1; b++) {
      if (lengths != null && t >= lengths[b]) {
        continue;
      }
      int row = Buffers.BASE + b * ld;
      int from = (t * trace.batch + b) * yStride + yOffset;
      for (int u = fromUnit; u < toUnit; u++) {
        dh[row + u] += gradY[from + u];
      }
    }
  }

  /** From the gradient to the projected h to the gradient to o * tanh(c). */
  private void backwardProjection(Trace trace, Backward operands, int t, int b0, int b1) {
    int all = trace.steps * trace.batch;
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * ld;
      for (int p = 0; p < stateSize; p += Panels.WIDTH) {
        int to = Buffers.BASE + (p / Panels.WIDTH * all + t * trace.batch + b) * Panels.WIDTH;
        System.arraycopy(
            trace.dh, row + p, trace.dProjected, to, Math.min(Panels.WIDTH, stateSize - p));
      }
      Arrays.fill(trace.dRaw, row, row + ld, 0f);
    }
    Panels toRaw = operands.toRaw;
    if (toRaw != null) {
      Gemm.multiply(
          b1 - b0,
          trace.dh,
          Buffers.BASE + b0 * ld,
          ld,
          1,
          0,
          stateSize,
          toRaw,
          0,
          toRaw.groups(),
          trace.dRaw,
          Buffers.BASE + b0 * ld,
          toRaw.rowMajor(),
          ld);
    }
  }

  private void cellBackward(
      Trace trace,
      int @Nullable [] lengths,
      float[] gates,
      int g0,
      int groupStride,
      int t,
      int s,
      int b0,
      int b1,
      int fromGroup,
      int toGroup) {
    int batch = trace.batch;
    int previous = Buffers.BASE + trace.previousBlock(reverse, t, s) * batch * ld;
    int next = Buffers.BASE + trace.nextBlock(reverse, t, s) * batch * ld;
    float[] dh = projection == null ? trace.dh : trace.dRaw;
    // Rows past their end are left out; runs of rows between them go together.
    int b = b0;
    while (b < b1) {
      int to = b;
      if (lengths == null) {
        to = b1;
      } else {
        while (to < b1 && t < lengths[to]) {
          to++;
        }
      }
      if (to > b) {
        for (int g = fromGroup; g < toGroup; g++) {
          int at = b * ld + g * cell.unitsPerGroup();
          cell.backward(
              to - b,
              gates,
              g0 + (b - b0) * Panels.WIDTH + g * groupStride,
              trace.h,
              previous + at,
              trace.c,
              previous + at,
              trace.c,
              next + at,
              dh,
              Buffers.BASE + at,
              trace.dc,
              Buffers.BASE + at,
              ld);
        }
        if (projection != null) {
          Arrays.fill(trace.dh, Buffers.BASE + b * ld, Buffers.BASE + to * ld, 0f);
        }
        b = to;
      } else {
        for (int g = fromGroup; g < toGroup; g++) {
          int row = g0 + (b - b0) * Panels.WIDTH + g * groupStride;
          Arrays.fill(gates, row, row + Panels.WIDTH, 0f);
        }
        if (projection != null) {
          clearProjected(trace, t, b);
        }
        b++;
      }
    }
  }

  private void clearProjected(Trace trace, int t, int b) {
    int all = trace.steps * trace.batch;
    for (int p = 0; p < stateSize; p += Panels.WIDTH) {
      int to = Buffers.BASE + (p / Panels.WIDTH * all + t * trace.batch + b) * Panels.WIDTH;
      Arrays.fill(trace.dProjected, to, to + Panels.WIDTH, 0f);
    }
  }

  private void gather(
      Trace trace, StepCell.Slots slots, int row, int rows, float[] gathered, int row0) {
    Gemm.gather(
        rows,
        trace.gates(0),
        Buffers.BASE + row * Panels.WIDTH + slots.from() * Columns.ATOM,
        Panels.WIDTH,
        groups,
        trace.gateRows * Panels.WIDTH,
        slots.count() * cell.unitsPerGroup(),
        gathered,
        row0);
  }

  /**
   * Adds the gradient to x of steps t0 .. t1 of a small batch.
   *
   * @param gradX {@code [T, B, I]}
   */
  void backwardInput(Trace trace, int worker, float[] gradX, int t0, int t1, float[] scratch) {
    float[] gathered = trace.gathered(worker);
    int stretch = timeChunk(trace.batch);
    for (int t = t0; t < t1; t += stretch) {
      int row = t * trace.batch;
      int rows = Math.min(stretch, t1 - t) * trace.batch;
      gather(trace, cell.inputSlots(), row, rows, gathered, Buffers.BASE);
      inputGradient(gathered, Buffers.BASE, gradX, row, rows, scratch);
    }
  }

  private void inputGradient(
      float[] gathered, int row0, float[] gradX, int row, int rows, float[] scratch) {
    int terms = terms();
    Gemm.multiplyRows(
        rows,
        gathered,
        row0,
        terms,
        1,
        0,
        terms,
        backwardOperands().toInput,
        gradX,
        row * inputSize,
        inputSize,
        inputSize,
        scratch);
  }

  /**
   * {@return independent pieces of the gradient to the weights}
   *
   * @param threads that take them
   */
  int gradientTasks(int threads) {
    Backward operands = backwardOperands();
    return tasks(operands.dInput, threads)
        + tasks(operands.dHidden, threads)
        + tasks(operands.dProjection, threads);
  }

  /** Pieces of as many groups as keep their sums in the cache, at least two a thread. */
  private static int tasks(@Nullable Panels sum, int threads) {
    if (sum == null) {
      return 0;
    }
    int most = Math.ceilDiv(sum.groups(), 2 * threads);
    return Math.ceilDiv(
        sum.groups(), Math.clamp(CACHED_SUMS / (sum.terms() * Panels.WIDTH), 1, most));
  }

  /**
   * Adds one piece of the gradient to the weights, summed over all steps and rows in their order.
   *
   * @param task 0 .. {@link #gradientTasks} - 1
   * @param threads that take them
   * @param x {@code [T, B, I]}
   * @param gradient the gradient array of the parameters
   */
  void addGradient(Trace trace, int task, int threads, float[] x, float[] gradient) {
    Backward operands = backwardOperands();
    int rows = trace.steps * trace.batch;
    float[] gates = trace.gates(0);
    boolean oneBias = cell.inputSlots().equals(cell.hiddenSlots());
    int tasks = tasks(operands.dInput, threads);
    if (task < tasks) {
      Panels sum = operands.dInput;
      Panels biasSum = biasIh == null ? null : operands.dBiasIh;
      int from = sum.groups() * task / tasks;
      int to = sum.groups() * (task + 1) / tasks;
      sum.clear(from, to);
      operands.dBiasIh.clear(from, to);
      Gemm.outerProducts(
          rows, x, 0, inputSize, gates, Buffers.BASE, trace.inputOffset, sum, biasSum, from, to);
      sum.addTransposed(from, to, gradient, weightIh.offset(), inputRows);
      if (biasIh != null) {
        operands.dBiasIh.addTransposed(from, to, gradient, biasIh.offset(), inputRows);
      }
      if (biasHh != null && oneBias) {
        operands.dBiasIh.addTransposed(from, to, gradient, biasHh.offset(), hiddenRows);
      }
      return;
    }
    task -= tasks;
    tasks = tasks(operands.dHidden, threads);
    if (task < tasks) {
      int h0 = Buffers.BASE + (reverse ? trace.batch * ld : 0);
      Panels sum = operands.dHidden;
      Panels biasSum = biasHh == null || oneBias ? null : operands.dBiasHh;
      int from = sum.groups() * task / tasks;
      int to = sum.groups() * (task + 1) / tasks;
      sum.clear(from, to);
      operands.dBiasHh.clear(from, to);
      Gemm.outerProducts(
          rows, trace.h, h0, ld, gates, Buffers.BASE, trace.hiddenOffset, sum, biasSum, from, to);
      sum.addTransposed(from, to, gradient, weightHh.offset(), hiddenRows);
      if (biasHh != null && !oneBias) {
        operands.dBiasHh.addTransposed(from, to, gradient, biasHh.offset(), hiddenRows);
      }
      return;
    }
    task -= tasks;
    Panels sum = operands.dProjection;
    if (projection != null && sum != null) {
      tasks = tasks(sum, threads);
      int from = sum.groups() * task / tasks;
      int to = sum.groups() * (task + 1) / tasks;
      sum.clear(from, to);
      Gemm.outerProducts(
          rows,
          trace.raw,
          Buffers.BASE,
          ld,
          trace.dProjected,
          Buffers.BASE,
          trace.projectedOffset,
          sum,
          null,
          from,
          to);
      sum.addTransposed(from, to, gradient, projection.offset(), projectionRows);
    }
  }
}
