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
 * A {@link StepLayer} back through time over one shape: from the gradient to y to those to x, to
 * the initial state and to the weights. Letters and ways as in {@link Unroll}, whose {@link Trace}
 * it uses up.
 */
final class UnrollBackward {
  /** Floats of both weights' sums that stay in the L2 cache beside what a step reads. */
  private static final int CACHED_SUMS = 1 << 17;

  /** Floats of gates that an L2 cache keeps from the steps until after them. */
  private static final int CACHED_GATES = 1 << 19;

  /** Rows that go to the sums together: with fewer, sums and panels drive each other out of L1. */
  private static final int TOGETHER = 128;

  private final StepLayer layer;
  private final StepCell cell;
  private final Trace trace;
  private final int batch;
  private final int ld;
  private final int usedGroups;

  /**
   * Whether the products with x and with h have the same gradient to their pre-activations, and so
   * their biases.
   */
  private final boolean sameSlots;

  /**
   * Whether one thread takes each chunk of rows to the sums of the gradients to the weights while
   * its gate gradients are in a cache, not in passes of their own over all of them.
   */
  private final boolean sumsOnTheWay;

  UnrollBackward(StepLayer layer, Trace trace) {
    this.layer = layer;
    this.trace = trace;
    cell = layer.cell;
    batch = trace.batch;
    ld = trace.ld;
    usedGroups = layer.layout.usedGroups;
    sameSlots = cell.inputSlots().equals(cell.hiddenSlots());
    sumsOnTheWay =
        !layer.reverse
            && layer.heads == 1
            && layer.weightHh != null
            && trace.hiddenSums.length == 1
            && trace.gates(0).length > CACHED_GATES
            && trace.inputSums[0].calls() == 1
            && trace.hiddenSums[0].calls() == 1
            && trace.inputSums[0].size() + trace.hiddenSums[0].size() <= CACHED_SUMS;
  }

  /** Sets the running gradients of rows b0 .. b1 to those of the final state. */
  void start(@Nullable State gradLast, int b0, int b1) {
    trace.load(gradLast, trace.gradients, Buffers.BASE, b0, b1, true);
    for (double[] sums : trace.vectorSums) {
      Arrays.fill(sums, Buffers.BASE + b0 * ld, Buffers.BASE + b1 * ld, 0);
    }
  }

  /** Copies the gradient to the initial state of rows b0 .. b1. */
  void finish(State gradInitial, int b0, int b1) {
    trace.store(gradInitial, trace.gradients, Buffers.BASE, b0, b1, true);
  }

  /**
   * Back through time for rows b0 .. b1 and one thread's units (all of them in a wide pass).
   *
   * @param worker the thread
   * @param share the units
   * @param team to meet at in each step; null when no other thread works on these rows
   * @param x {@code [T, B, I]}
   * @param lengths steps of each sequence; null when all have T
   * @param gradY {@code [T, B, outputSize]}, of which this direction's columns are read
   * @param gradX {@code [T, B, I]}, added to while a step's gate gradients are in the cache; null
   *     when not wanted or left to {@link #toInput}
   * @param scratch the calling thread's
   */
  void overTime(
      int worker,
      Share share,
      @Nullable Team team,
      float[] x,
      int @Nullable [] lengths,
      float[] gradY,
      int b0,
      int b1,
      float @Nullable [] gradX,
      float[] scratch) {
    if (sumsOnTheWay) {
      trace.inputSums[0].begin(trace.steps * batch);
      trace.hiddenSums[0].begin(trace.steps * batch);
    }
    int pending = trace.steps * batch;
    boolean recurs = cell.hasRecurrentProduct();
    Panels[] toHidden = layer.backward().toHidden;
    int fromColumns = share.fromUnit() / Panels.WIDTH;
    int perHead = toHidden[0].groups();
    int toColumns =
        layer.heads > 1 ? layer.heads * perHead : Math.ceilDiv(share.toUnit(), Panels.WIDTH);
    int terms = layer.terms();
    float[] gathered = trace.gathered(worker);
    int row0 = Buffers.BASE + b0 * terms;
    int rows = b1 - b0;
    for (int s = trace.steps - 1; s >= 0; s--) {
      int t = trace.time(s);
      int row = t * batch + b0;
      addGradY(lengths, gradY, t, b0, b1, share);
      if (layer.projection != null) {
        stepProjection(t, b0, b1);
      }
      stepCell(worker, lengths, s, b0, b1, share.fromGroup(), share.toGroup());
      if (team != null) {
        team.barrier();
      }
      if (recurs) {
        gather(gathered, row0, cell.hiddenSlots(), row, rows);
      }
      int together = layer.heads == 1 ? toHidden[0].together() : 1;
      for (int i = fromColumns; i < toColumns && recurs; i += together) {
        int count = Math.min(together, toColumns - i);
        int column = s % 2 == 0 ? i : fromColumns + toColumns - i - count;
        int head = column / perHead;
        Gemm.multiply(
            trace.gradients[0],
            Buffers.BASE + b0 * ld + head * layer.layout.paddedHeadSize,
            toHidden[head].rowMajor(),
            ld,
            gathered,
            row0 + head * (terms / layer.heads),
            terms,
            toHidden[head],
            column % perHead,
            column % perHead + count,
            rows);
      }
      if (gradX != null && !trace.ahead) {
        if (!sameSlots) {
          gather(gathered, row0, cell.inputSlots(), row, rows);
        }
        inputGradient(gradX, gathered, row0, row, rows, 1, scratch);
      } else if (gradX != null && s % trace.stretch == 0) {
        int count = Math.min(trace.stretch, trace.steps - s);
        int first = Math.min(t, trace.time(s + count - 1)) * batch + b0;
        for (int i = 0; i < count; i++) {
          int to = row0 + i * batch * terms;
          gather(gathered, to, cell.inputSlots(), first + i * batch, rows);
        }
        inputGradient(gradX, gathered, row0, first, rows, count, scratch);
      }
      if (sumsOnTheWay && (s == 0 || pending - row >= TOGETHER)) {
        sumFrom(row, x);
        pending = row;
      }
    }
  }

  /** Takes what is complete from a row on to the sums of the gradients to the weights. */
  private void sumFrom(int row, float[] x) {
    trace.inputSums[0].takeFrom(
        row,
        layer.biasIh != null,
        x,
        0,
        layer.inputSize,
        trace.gates(0),
        Buffers.BASE,
        trace.inputOffset,
        layer.layout.input.rows());
    trace.hiddenSums[0].takeFrom(
        row,
        !sameSlots && layer.biasHh != null,
        trace.states[0],
        trace.firstBefore(),
        ld,
        trace.gates(0),
        Buffers.BASE,
        trace.hiddenOffset,
        trace.hiddenColumns[0]);
  }

  /**
   * The derivatives of one number of each unit, such as h or c, for rows b0 .. b1 after a forward
   * pass of one step on a training trace, whose gates and states are used up. Without projection.
   *
   * @param worker the thread
   * @param output which of the unit's numbers
   * @param byGate the derivative by each row's recurrent product h·weight_hhᵀ, {@code [B, G*H]}
   * @param byOwn by each of the unit's own numbers where it is used directly, {@code [B, H]} each
   */
  void derivatives(int worker, int output, int b0, int b1, float[] byGate, float[][] byOwn) {
    int hiddenSize = layer.hiddenSize;
    int from = Buffers.BASE + b0 * ld;
    int to = Buffers.BASE + b1 * ld;
    for (int part = 0; part < byOwn.length; part++) {
      Arrays.fill(trace.gradients[part], from, to, part == output ? 1f : 0f);
    }
    stepCell(worker, null, 0, b0, b1, 0, usedGroups);
    float[] gates = trace.gates(0);
    Columns rows = layer.layout.hidden.rows();
    for (int b = b0; b < b1; b++) {
      for (int a = 0; a < rows.atoms(); a++) {
        int at = Buffers.BASE + trace.hiddenOffset[a] + b * Panels.WIDTH;
        int row = b * cell.gates() * hiddenSize + rows.firstRow()[a];
        for (int lane = 0; lane < rows.count()[a]; lane++) {
          byGate[row + lane] = gates[at + lane];
        }
      }
      int row = Buffers.BASE + b * ld;
      for (int part = 0; part < byOwn.length; part++) {
        System.arraycopy(trace.gradients[part], row, byOwn[part], b * hiddenSize, hiddenSize);
      }
    }
  }

  private void addGradY(
      int @Nullable [] lengths, float[] gradY, int t, int b0, int b1, Share share) {
    float[] dh = trace.gradients[0];
    for (int b = b0; b < b1; b++) {
      if (lengths != null && t >= lengths[b]) {
        continue;
      }
      int row = Buffers.BASE + b * ld;
      int from = (t * batch + b) * layer.outputSize + layer.outputOffset;
      GateLayout layout = layer.layout;
      for (int head = 0; head < layer.heads; head++) {
        int at = row + head * (layout.paddedHeadSize - layout.headSize);
        int first = Math.max(share.fromUnit(), head * layout.headSize);
        int end = layer.heads > 1 ? first + layout.headSize : share.toUnit();
        for (int unit = first; unit < end; unit++) {
          dh[at + unit] += gradY[from + unit];
        }
      }
    }
  }

  /** From the gradient to the projected h to the gradient to o * tanh(c). */
  private void stepProjection(int t, int b0, int b1) {
    int stateSize = layer.stateSize;
    for (int b = b0; b < b1; b++) {
      int row = Buffers.BASE + b * ld;
      for (int p = 0; p < stateSize; p += Panels.WIDTH) {
        int width = Math.min(Panels.WIDTH, stateSize - p);
        System.arraycopy(
            trace.gradients[0], row + p, trace.dProjected, projectedRow(p, t, b), width);
      }
    }
    int from = Buffers.BASE + b0 * ld;
    Arrays.fill(trace.cellGradients[0], from, Buffers.BASE + b1 * ld, 0f);
    Panels throughProjection = layer.backward().throughProjection;
    if (throughProjection != null) {
      Gemm.multiply(
          trace.cellGradients[0],
          from,
          throughProjection.rowMajor(),
          ld,
          trace.gradients[0],
          from,
          ld,
          throughProjection,
          0,
          throughProjection.groups(),
          b1 - b0);
    }
  }

  /** Where column p of the gradient to the projected h lies, for a step and a sequence. */
  private int projectedRow(int p, int t, int b) {
    return Buffers.BASE + p / Panels.WIDTH * trace.groupStride + (t * batch + b) * Panels.WIDTH;
  }

  /** The cell's equations back through step s. */
  private void stepCell(
      int worker, int @Nullable [] lengths, int s, int b0, int b1, int fromGroup, int toGroup) {
    StepCell cell = trace.cells[worker];
    int t = trace.time(s);
    int before = trace.before(s);
    int after = trace.after(s);
    float[] gates = trace.gates(0);
    boolean projects = layer.projection != null;
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
      int g0 = Buffers.BASE + (t * batch + b) * Panels.WIDTH;
      if (to > b) {
        for (int g = fromGroup; g < toGroup; g++) {
          int at = b * ld + g * cell.unitsPerGroup();
          cell.backward(
              to - b,
              gates,
              g0 + g * trace.groupStride,
              trace.cellStates,
              before + at,
              after + at,
              trace.cellGradients,
              Buffers.BASE + at,
              ld);
        }
        if (projects) {
          Arrays.fill(trace.gradients[0], Buffers.BASE + b * ld, Buffers.BASE + to * ld, 0f);
        }
        b = to;
      } else {
        for (int g = fromGroup; g < toGroup; g++) {
          int row = g0 + g * trace.groupStride;
          Arrays.fill(gates, row, row + Panels.WIDTH, 0f);
        }
        for (int p = 0; projects && p < layer.stateSize; p += Panels.WIDTH) {
          int row = projectedRow(p, t, b);
          Arrays.fill(trace.dProjected, row, row + Panels.WIDTH, 0f);
        }
        b++;
      }
    }
  }

  /** Lays the gradients to some rows of gates out in one piece a row. */
  private void gather(float[] gathered, int row0, StepCell.Slots slots, int row, int rows) {
    Gemm.gather(
        gathered,
        row0,
        trace.gates(0),
        Buffers.BASE + row * Panels.WIDTH + slots.from() * Columns.ATOM,
        Panels.WIDTH,
        usedGroups,
        trace.groupStride,
        slots.count() * cell.unitsPerGroup(),
        rows);
  }

  /**
   * Adds the gradient to x of steps t0 .. t1 of a small batch.
   *
   * @param gradX {@code [T, B, I]}
   */
  void toInput(int worker, float[] gradX, int t0, int t1, float[] scratch) {
    float[] gathered = trace.gathered(worker);
    for (int t = t0; t < t1; t += trace.stretch) {
      int row = t * batch;
      int rows = Math.min(trace.stretch, t1 - t) * batch;
      gather(gathered, Buffers.BASE, cell.inputSlots(), row, rows);
      inputGradient(gradX, gathered, Buffers.BASE, row, rows, 1, scratch);
    }
  }

  /** For some rows of a step, and of as many steps more. */
  private void inputGradient(
      float[] gradX, float[] gathered, int row0, int row, int rows, int steps, float[] scratch) {
    int terms = layer.terms();
    Gemm.multiplyRows(
        gradX,
        row * layer.inputSize,
        batch * layer.inputSize,
        gathered,
        row0,
        terms,
        batch * terms,
        layer.backward().toInput,
        rows,
        steps,
        layer.inputSize,
        scratch);
  }

  /** {@return independent pieces of the gradient to the weights} */
  int gradientTasks() {
    int tasks = trace.inputSums[0].calls() + hiddenTasks() + trace.vectorSums.length;
    return layer.projection == null ? tasks : tasks + trace.projectedSums[0].calls();
  }

  private int hiddenTasks() {
    return layer.weightHh == null ? 0 : layer.heads * trace.hiddenSums[0].calls();
  }

  /**
   * Adds one piece of the gradient to the weights.
   *
   * @param worker the thread
   * @param task 0 .. {@link #gradientTasks} - 1
   * @param x {@code [T, B, I]}
   * @param gradient the gradient array of the parameters
   */
  void addGradient(int worker, int task, float[] x, float[] gradient) {
    int rows = trace.steps * batch;
    OuterProducts input = trace.inputSums[worker];
    int beforeVectors = input.calls() + hiddenTasks();
    int vectors = trace.vectorSums.length;
    if (task < input.calls() && sumsOnTheWay) {
      input.finish(
          gradient,
          layer.weightIh.offset(),
          offset(layer.biasIh),
          sameSlots ? offset(layer.biasHh) : -1,
          layer.layout.input.rows());
    } else if (task < input.calls()) {
      input.add(
          gradient,
          layer.weightIh.offset(),
          offset(layer.biasIh),
          sameSlots ? offset(layer.biasHh) : -1,
          x,
          0,
          layer.inputSize,
          trace.gates(0),
          Buffers.BASE,
          trace.inputOffset,
          layer.layout.input.rows(),
          rows,
          task);
    } else if (task < beforeVectors) {
      addHiddenGradient(trace.hiddenSums[worker], task - input.calls(), gradient);
    } else if (task < beforeVectors + vectors) {
      addVectorGradient(task - beforeVectors, gradient);
    } else if (layer.projection != null) {
      trace.projectedSums[worker].add(
          gradient,
          layer.projection.offset(),
          -1,
          -1,
          trace.cellStates[0],
          trace.firstAfter(),
          ld,
          trace.dProjected,
          Buffers.BASE,
          trace.projectedOffset,
          layer.projectionColumns.rows(),
          rows,
          task - beforeVectors - vectors);
    }
  }

  private void addHiddenGradient(OuterProducts sums, int task, float[] gradient) {
    int head = task / sums.calls();
    int bias = sameSlots ? -1 : offset(layer.biasHh);
    if (sumsOnTheWay) {
      sums.finish(gradient, offset(layer.weightHh), bias, -1, trace.hiddenColumns[0]);
      return;
    }
    sums.add(
        gradient,
        offset(layer.weightHh),
        bias,
        -1,
        trace.states[0],
        trace.firstBefore() + head * layer.layout.paddedHeadSize,
        ld,
        trace.gates(0),
        Buffers.BASE + head * (layer.layout.groups / layer.heads) * trace.groupStride,
        trace.hiddenOffset,
        trace.hiddenColumns[head],
        trace.steps * batch,
        task % sums.calls());
  }

  /** Sums over the batch, in order, of one of the cell's own parameters. */
  private void addVectorGradient(int vector, float[] gradient) {
    double[] sums = trace.vectorSums[vector];
    int to = layer.vectors[vector].offset();
    for (int unit = 0; unit < layer.hiddenSize; unit++) {
      double sum = 0;
      for (int b = 0; b < batch; b++) {
        sum += sums[Buffers.BASE + b * ld + unit];
      }
      gradient[to + unit] += (float) sum;
    }
  }

  private static int offset(@Nullable Slice bias) {
    return bias == null ? -1 : bias.offset();
  }
}
