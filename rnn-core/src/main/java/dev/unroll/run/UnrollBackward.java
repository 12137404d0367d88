package dev.unroll.run;

import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Unroll} back through time: from the gradient to y to those to x, to the initial state
 * and to the weights. Letters and ways as there.
 */
final class UnrollBackward {
  private final Unroll u;
  private @Nullable Operands packed;

  /** Packed operands of the products. */
  private static final class Operands {
    final Panels toInput;
    final Panels toHidden;
    @Nullable Panels toRaw;

    Operands(Unroll u) {
      toInput = new Panels(u.terms(), u.inputSize);
      toHidden = new Panels(u.terms(), u.stateSize);
      if (u.projection != null) {
        toRaw = new Panels(u.stateSize, u.hiddenSize);
      }
    }
  }

  UnrollBackward(Unroll u) {
    this.u = u;
  }

  /** Makes room for the operands, the first time. */
  void allocate() {
    if (packed == null) {
      packed = new Operands(u);
    }
  }

  /** Packs one thread's share of what the gradients to x and h are multiplied by. */
  void pack(float[] values, int worker, int workers) {
    Operands to = operands();
    to.toInput.pack(values, u.weightIh.offset(), u.inputSize, u.inputRows, worker, workers);
    to.toHidden.pack(values, u.weightHh.offset(), u.stateSize, u.hiddenRows, worker, workers);
    if (worker == 0 && u.projection != null && to.toRaw != null) {
      to.toRaw.pack(values, u.projection.offset(), u.hiddenSize);
    }
  }

  private Operands operands() {
    Operands operands = packed;
    if (operands == null) {
      throw new IllegalStateException("There is no workspace for training.");
    }
    return operands;
  }

  /** Sets the running gradients of rows b0 .. b1 to those of the final state. */
  void start(Trace trace, @Nullable State gradLast, int b0, int b1) {
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * u.ld;
      Arrays.fill(trace.dh, row, row + u.ld, 0f);
      if (u.cell.hasCellState()) {
        Arrays.fill(trace.dc, row, row + u.ld, 0f);
      }
      if (gradLast != null) {
        int from = u.index * trace.batch + b;
        System.arraycopy(gradLast.h(), from * u.stateSize, trace.dh, row, u.stateSize);
        if (u.cell.hasCellState()) {
          System.arraycopy(gradLast.c(), from * u.hiddenSize, trace.dc, row, u.hiddenSize);
        }
      }
    }
  }

  /** Copies the gradient to the initial state of rows b0 .. b1. */
  void finish(Trace trace, State gradInitial, int b0, int b1) {
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * u.ld;
      int to = u.index * trace.batch + b;
      System.arraycopy(trace.dh, row, gradInitial.h(), to * u.stateSize, u.stateSize);
      if (u.cell.hasCellState()) {
        System.arraycopy(trace.dc, row, gradInitial.c(), to * u.hiddenSize, u.hiddenSize);
      }
    }
  }

  /**
   * Back through time for rows b0 .. b1 and one share of the units (all of them unless narrow).
   *
   * @param team to meet at in each step; null when no other thread works on these rows
   * @param gradY {@code [T, B, yStride]}, read from column {@code yOffset}
   * @param gradX {@code [T, B, I]}, added to while a step's gate gradients are in the cache; null
   *     when not wanted or left to {@link #toInput}
   * @param scratch the calling thread's
   */
  void overTime(
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
    Operands operands = operands();
    int fromUnit = Math.min(u.stateSize, fromShare * Unroll.UNITS_PER_SHARE);
    int toUnit = Math.min(u.stateSize, toShare * Unroll.UNITS_PER_SHARE);
    int fromGroup =
        Math.min(u.usedGroups, fromShare * Unroll.UNITS_PER_SHARE / u.cell.unitsPerGroup());
    int toGroup = Math.min(u.usedGroups, toShare * Unroll.UNITS_PER_SHARE / u.cell.unitsPerGroup());
    int fromColumns = Math.min(operands.toHidden.groups(), fromShare);
    int toColumns = Math.min(operands.toHidden.groups(), toShare);
    int groupStride = trace.gateRows * Panels.WIDTH;
    int terms = u.terms();
    float[] gates = trace.gates(0);
    float[] gathered = trace.gathered(worker);
    int row0 = Buffers.BASE + b0 * terms;
    for (int s = steps - 1; s >= 0; s--) {
      int t = u.stepOf(steps, s);
      int g0 = Buffers.BASE + (t * batch + b0) * Panels.WIDTH;
      addGradY(trace, lengths, gradY, yStride, yOffset, t, b0, b1, fromUnit, toUnit);
      if (u.projection != null) {
        stepProjection(trace, operands, t, b0, b1);
      }
      stepCell(trace, lengths, gates, g0, groupStride, t, s, b0, b1, fromGroup, toGroup);
      if (team != null) {
        team.barrier();
      }
      gather(trace, u.cell.hiddenSlots(), t * batch + b0, b1 - b0, gathered, row0);
      for (int i = fromColumns; i < toColumns; i++) {
        int column = s % 2 == 0 ? i : fromColumns + toColumns - 1 - i;
        Gemm.multiply(
            b1 - b0,
            gathered,
            row0,
            terms,
            operands.toHidden,
            column,
            column + 1,
            trace.dh,
            Buffers.BASE + b0 * u.ld,
            operands.toHidden.rowMajor(),
            u.ld);
      }
      if (gradX != null) {
        if (!u.cell.inputSlots().equals(u.cell.hiddenSlots())) {
          gather(trace, u.cell.inputSlots(), t * batch + b0, b1 - b0, gathered, row0);
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
    int from = Buffers.BASE + b0 * u.ld;
    int to = Buffers.BASE + b1 * u.ld;
    Arrays.fill(trace.dh, from, to, ofCellState ? 0f : 1f);
    if (u.cell.hasCellState()) {
      Arrays.fill(trace.dc, from, to, ofCellState ? 1f : 0f);
    }
    float[] gates = trace.gates(0);
    int groupStride = trace.gateRows * Panels.WIDTH;
    int g0 = Buffers.BASE + b0 * Panels.WIDTH;
    stepCell(trace, null, gates, g0, groupStride, 0, 0, b0, b1, 0, u.usedGroups);
    for (int b = b0; b < b1; b++) {
      for (int a = 0; a < u.hiddenRows.atoms(); a++) {
        int at = Buffers.BASE + trace.hiddenOffset[a] + b * Panels.WIDTH;
        int row = b * u.cell.gates() * u.hiddenSize + u.hiddenRows.firstRow()[a];
        for (int lane = 0; lane < u.hiddenRows.count()[a]; lane++) {
          byGate[row + lane] = gates[at + lane];
        }
      }
      int row = Buffers.BASE + b * u.ld;
      System.arraycopy(trace.dh, row, byH, b * u.hiddenSize, u.hiddenSize);
      if (u.cell.hasCellState()) {
        System.arraycopy(trace.dc, row, byC, b * u.hiddenSize, u.hiddenSize);
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
      int row = Buffers.BASE + b * u.ld;
      int from = (t * trace.batch + b) * yStride + yOffset;
      for (int unit = fromUnit; unit < toUnit; unit++) {
        dh[row + unit] += gradY[from + unit];
      }
    }
  }

  /** From the gradient to the projected h to the gradient to o * tanh(c). */
  private void stepProjection(Trace trace, Operands operands, int t, int b0, int b1) {
    int all = trace.steps * trace.batch;
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * u.ld;
      for (int p = 0; p < u.stateSize; p += Panels.WIDTH) {
        int to = Buffers.BASE + (p / Panels.WIDTH * all + t * trace.batch + b) * Panels.WIDTH;
        System.arraycopy(
            trace.dh, row + p, trace.dProjected, to, Math.min(Panels.WIDTH, u.stateSize - p));
      }
      Arrays.fill(trace.dRaw, row, row + u.ld, 0f);
    }
    Panels toRaw = operands.toRaw;
    if (toRaw != null) {
      Gemm.multiply(
          b1 - b0,
          trace.dh,
          Buffers.BASE + b0 * u.ld,
          u.ld,
          toRaw,
          0,
          toRaw.groups(),
          trace.dRaw,
          Buffers.BASE + b0 * u.ld,
          toRaw.rowMajor(),
          u.ld);
    }
  }

  private void stepCell(
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
    int previous = Buffers.BASE + trace.previousBlock(u.reverse, t, s) * batch * u.ld;
    int next = Buffers.BASE + trace.nextBlock(u.reverse, t, s) * batch * u.ld;
    float[] dh = u.projection == null ? trace.dh : trace.dRaw;
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
          int at = b * u.ld + g * u.cell.unitsPerGroup();
          u.cell.backward(
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
              u.ld);
        }
        if (u.projection != null) {
          Arrays.fill(trace.dh, Buffers.BASE + b * u.ld, Buffers.BASE + to * u.ld, 0f);
        }
        b = to;
      } else {
        for (int g = fromGroup; g < toGroup; g++) {
          int row = g0 + (b - b0) * Panels.WIDTH + g * groupStride;
          Arrays.fill(gates, row, row + Panels.WIDTH, 0f);
        }
        if (u.projection != null) {
          clearProjected(trace, t, b);
        }
        b++;
      }
    }
  }

  private void clearProjected(Trace trace, int t, int b) {
    int all = trace.steps * trace.batch;
    for (int p = 0; p < u.stateSize; p += Panels.WIDTH) {
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
        u.usedGroups,
        trace.gateRows * Panels.WIDTH,
        slots.count() * u.cell.unitsPerGroup(),
        gathered,
        row0);
  }

  /**
   * Adds the gradient to x of steps t0 .. t1 of a small batch.
   *
   * @param gradX {@code [T, B, I]}
   */
  void toInput(Trace trace, int worker, float[] gradX, int t0, int t1, float[] scratch) {
    float[] gathered = trace.gathered(worker);
    int stretch = u.timeChunk(trace.batch);
    for (int t = t0; t < t1; t += stretch) {
      int row = t * trace.batch;
      int rows = Math.min(stretch, t1 - t) * trace.batch;
      gather(trace, u.cell.inputSlots(), row, rows, gathered, Buffers.BASE);
      inputGradient(gathered, Buffers.BASE, gradX, row, rows, scratch);
    }
  }

  private void inputGradient(
      float[] gathered, int row0, float[] gradX, int row, int rows, float[] scratch) {
    int terms = u.terms();
    Gemm.multiplyRows(
        rows,
        gathered,
        row0,
        terms,
        operands().toInput,
        gradX,
        row * u.inputSize,
        u.inputSize,
        scratch);
  }

  /** {@return independent pieces of the gradient to the weights} */
  int gradientTasks(Trace trace) {
    int tasks = trace.inputSums[0].calls() + trace.hiddenSums[0].calls();
    return u.projection == null ? tasks : tasks + trace.projectedSums[0].calls();
  }

  /**
   * Adds one piece of the gradient to the weights, summed over all steps and rows in their order.
   *
   * @param worker the thread
   * @param task 0 .. {@link #gradientTasks} - 1
   * @param x {@code [T, B, I]}
   * @param gradient the gradient array of the parameters
   */
  void addGradient(Trace trace, int worker, int task, float[] x, float[] gradient) {
    int rows = trace.steps * trace.batch;
    // Where both products have the same slots, both biases have the same gradient.
    boolean oneBias = u.cell.inputSlots().equals(u.cell.hiddenSlots());
    OuterProducts input = trace.inputSums[worker];
    OuterProducts hidden = trace.hiddenSums[worker];
    if (task < input.calls()) {
      input.add(
          task,
          rows,
          x,
          0,
          u.inputSize,
          trace.gates(0),
          Buffers.BASE,
          trace.inputOffset,
          u.inputRows,
          gradient,
          u.weightIh.offset(),
          offset(u.biasIh),
          oneBias ? offset(u.biasHh) : -1);
    } else if (task < input.calls() + hidden.calls()) {
      hidden.add(
          task - input.calls(),
          rows,
          trace.h,
          Buffers.BASE + (u.reverse ? trace.batch * u.ld : 0),
          u.ld,
          trace.gates(0),
          Buffers.BASE,
          trace.hiddenOffset,
          u.hiddenRows,
          gradient,
          u.weightHh.offset(),
          oneBias ? -1 : offset(u.biasHh),
          -1);
    } else if (u.projection != null) {
      trace.projectedSums[worker].add(
          task - input.calls() - hidden.calls(),
          rows,
          trace.raw,
          Buffers.BASE,
          u.ld,
          trace.dProjected,
          Buffers.BASE,
          trace.projectedOffset,
          u.projectionRows,
          gradient,
          u.projection.offset(),
          -1,
          -1);
    }
  }

  private static int offset(@Nullable Slice bias) {
    return bias == null ? -1 : bias.offset();
  }
}
