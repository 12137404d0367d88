package dev.unroll.run;

import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.PackedWeights;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StepLayer} forward through time over one shape. It allocates nothing after construction;
 * what it leaves behind is in its {@link Trace}.
 *
 * <p>Letters: T steps, B batch, I input features. Steps run s = 0 .. T-1; t = s, or T-1-s in
 * reverse. Words: {@link GateLayout}.
 *
 * <p>Two ways through time, same sums in the same order. <b>Wide</b>: rows of the batch are
 * independent, so each thread runs its rows through the whole sequence; each step takes one strip
 * of units after another, adds x·weight_ihᵀ and h·weight_hhᵀ on top of the biases and runs the cell
 * while the gates are in the L1 cache. Where the weights are too large for any cache, the input
 * products of a stretch of steps come first, so that weight_ih is read once for all. <b>Narrow</b>:
 * too few rows to fill a tile, so the input product covers a stretch of steps at once and only the
 * recurrent product is left in the step; threads divide the units and meet once a step.
 */
final class Unroll {
  private final StepLayer layer;
  private final GateLayout layout;
  private final Trace trace;
  private final Share allUnits;
  private final int batch;
  private final int ld;

  /** The only part that is done; null for all. */
  private @Nullable ForwardPart only;

  Unroll(StepLayer layer, Trace trace) {
    this.layer = layer;
    this.trace = trace;
    layout = layer.layout;
    allUnits = Share.all(layer);
    batch = trace.batch;
    ld = trace.ld;
  }

  /** As {@link Workspace#restrictTo}. */
  void restrictTo(@Nullable ForwardPart part) {
    only = part;
  }

  private boolean does(ForwardPart part) {
    return only == null || only == part;
  }

  /** Sets the state before the first step of rows b0 .. b1, zeros where none is given. */
  void start(@Nullable State initial, int b0, int b1) {
    trace.load(initial, trace.states, trace.before(0), b0, b1, false);
  }

  /** Copies the state after the last step of rows b0 .. b1. */
  void finish(State last, int b0, int b1) {
    trace.store(last, trace.states, trace.after(trace.steps - 1), b0, b1, false);
  }

  /**
   * The whole sequence for rows b0 .. b1 of the batch.
   *
   * @param worker the thread
   * @param x {@code [T, B, I]}
   * @param lengths steps of each sequence; null when all have T
   * @param y {@code [T, B, outputSize]}, this direction's columns are written
   */
  void wide(int worker, float[] x, int @Nullable [] lengths, float[] y, int b0, int b1) {
    float[] gates = trace.gates(worker);
    int stretch0 = 0;
    for (int s = 0; s < trace.steps; s++) {
      int t = trace.time(s);
      int before = trace.before(s);
      int after = trace.after(s);
      if (trace.ahead && s % trace.stretch == 0) {
        int count = Math.min(trace.stretch, trace.steps - s);
        int t0 = Math.min(t, trace.time(s + count - 1));
        stretch0 = Buffers.BASE + (trace.training ? 0 : -t0 * batch * Panels.WIDTH);
        if (does(ForwardPart.INPUT_PRODUCT)) {
          inputProducts(gates, stretch0, x, t0, count, b0, b1);
        }
      }
      for (int strip = 0; strip < layout.strips; strip++) {
        int fromGroup = strip * layout.groupsPerStrip;
        int toGroup = Math.min(layout.usedGroups, fromGroup + layout.groupsPerStrip);
        for (int b = b0; b < b1; b += trace.chunk) {
          int rows = Math.min(trace.chunk, b1 - b);
          int row = t * batch + b;
          // What is not kept has the same place in every strip.
          int g0 =
              trace.ahead
                  ? stretch0 + row * Panels.WIDTH
                  : Buffers.BASE
                      + (trace.training ? row * Panels.WIDTH : -fromGroup * trace.groupStride);
          if (does(ForwardPart.INPUT_PRODUCT) && !trace.ahead) {
            fillBias(gates, g0, fromGroup, toGroup, rows);
            inputProduct(gates, g0, strip, strip + 1, x, row, rows);
          }
          if (does(ForwardPart.RECURRENT_PRODUCT)) {
            recurrentProduct(gates, g0, strip, strip + 1, before + b * ld, rows);
          }
          if (does(ForwardPart.POINTWISE)) {
            pointwise(worker, gates, g0, fromGroup, toGroup, before + b * ld, after + b * ld, rows);
          }
        }
      }
      if (does(ForwardPart.OUTPUT)) {
        output(y, lengths, t, before, after, b0, b1, allUnits);
      }
    }
  }

  /** The input products of some steps for rows b0 .. b1, all of them before the next weights. */
  private void inputProducts(
      float[] gates, int stretch0, float[] x, int t0, int count, int b0, int b1) {
    int row = t0 * batch + b0;
    for (int t = 0; t < count; t++) {
      int g0 = stretch0 + (row + t * batch) * Panels.WIDTH;
      fillBias(gates, g0, 0, layout.usedGroups, b1 - b0);
    }
    if (layer.input instanceof Panels panels) {
      Gemm.multiply(
          gates,
          stretch0 + row * Panels.WIDTH,
          trace.inputOffset,
          Panels.WIDTH,
          batch * Panels.WIDTH,
          x,
          row * layer.inputSize,
          layer.inputSize,
          batch * layer.inputSize,
          panels,
          0,
          panels.groups(),
          b1 - b0,
          count);
    }
  }

  /**
   * The whole sequence for all rows of a small batch and one thread's units.
   *
   * @param worker the thread
   * @param share the units
   * @param team to meet at after each step; null when one thread does it all
   * @param x {@code [T, B, I]}
   * @param lengths steps of each sequence; null when all have T
   * @param y {@code [T, B, outputSize]}, this direction's columns of these units are written
   */
  void narrow(
      int worker,
      Share share,
      @Nullable Team team,
      float[] x,
      int @Nullable [] lengths,
      float[] y) {
    float[] gates = trace.gates(0);
    int fromStrip = share.fromStrip();
    int toStrip = share.toStrip();
    for (int s0 = 0; s0 < trace.steps; s0 += trace.stretch) {
      int count = Math.min(trace.stretch, trace.steps - s0);
      int t0 = Math.min(trace.time(s0), trace.time(s0 + count - 1));
      int stretch0 = Buffers.BASE + (trace.training ? t0 * batch * Panels.WIDTH : 0);
      if (does(ForwardPart.INPUT_PRODUCT)) {
        fillBias(gates, stretch0, share.fromGroup(), share.toGroup(), count * batch);
        inputProduct(gates, stretch0, fromStrip, toStrip, x, t0 * batch, count * batch);
      }
      for (int s = s0; s < s0 + count; s++) {
        int t = trace.time(s);
        int before = trace.before(s);
        int after = trace.after(s);
        int g0 = stretch0 + (t - t0) * batch * Panels.WIDTH;
        // To and fro: what the last step left in the cache is read first.
        int together = layer.hidden.together();
        for (int i = fromStrip; i < toStrip && does(ForwardPart.RECURRENT_PRODUCT); i += together) {
          int next = Math.min(toStrip, i + together);
          boolean to = s % 2 == 0;
          int first = to ? i : fromStrip + toStrip - next;
          int last = to ? next : fromStrip + toStrip - i;
          recurrentProduct(gates, g0, first, last, before, batch);
        }
        if (does(ForwardPart.POINTWISE)) {
          pointwise(worker, gates, g0, share.fromGroup(), share.toGroup(), before, after, batch);
        }
        if (does(ForwardPart.OUTPUT)) {
          output(y, lengths, t, before, after, 0, batch, share);
        }
        if (team != null) {
          team.barrier();
        }
      }
    }
  }

  private void fillBias(float[] gates, int g0, int fromGroup, int toGroup, int rows) {
    for (int g = fromGroup; g < toGroup; g++) {
      int from = Buffers.BASE + g * Panels.WIDTH;
      Gemm.fillRows(gates, g0 + g * trace.groupStride, Panels.WIDTH, layer.bias, from, rows);
    }
  }

  /**
   * gates += x·weight_ihᵀ for some strips.
   *
   * @param x {@code [T, B, I]}
   * @param row the first row of its {@code [T * B]}
   */
  private void inputProduct(
      float[] gates, int g0, int fromStrip, int toStrip, float[] x, int row, int rows) {
    int perStrip = layer.input.groups() / layout.strips;
    Gemm.multiply(
        gates,
        g0,
        trace.inputOffset,
        Panels.WIDTH,
        x,
        row * layer.inputSize,
        layer.inputSize,
        layer.input,
        fromStrip * perStrip,
        toStrip * perStrip,
        rows);
  }

  /**
   * gates += h·weight_hhᵀ for some strips.
   *
   * @param before where the first row of h lies
   */
  private void recurrentProduct(
      float[] gates, int g0, int fromStrip, int toStrip, int before, int rows) {
    int perStrip = layer.hidden.groups() / layout.strips;
    int ofHead = layout.strips / layer.heads;
    for (int head = fromStrip / ofHead; head * ofHead < toStrip; head++) {
      Gemm.multiply(
          gates,
          g0,
          trace.hiddenOffset,
          Panels.WIDTH,
          trace.states[0],
          before + head * layout.paddedHeadSize,
          ld,
          layer.hidden,
          Math.max(fromStrip, head * ofHead) * perStrip,
          Math.min(toStrip, (head + 1) * ofHead) * perStrip,
          rows);
    }
  }

  /**
   * The cell's equations for some groups, in calls as long as they can be: over the rows of a
   * group, or over the groups of a row.
   *
   * @param before where the states before the step lie in the first row
   * @param after where those after it lie
   */
  private void pointwise(
      int worker,
      float[] gates,
      int g0,
      int fromGroup,
      int toGroup,
      int before,
      int after,
      int rows) {
    StepCell cell = trace.cells[worker];
    int groups = toGroup - fromGroup;
    int units = cell.unitsPerGroup();
    boolean down = rows >= groups;
    int calls = down ? groups : rows;
    for (int i = 0; i < calls; i++) {
      int g = fromGroup + (down ? i : 0);
      int row = down ? 0 : i;
      int at = row * ld + g * units;
      cell.forward(
          down ? rows : groups,
          gates,
          g0 + g * trace.groupStride + row * Panels.WIDTH,
          down ? Panels.WIDTH : trace.groupStride,
          trace.cellStates,
          before + at,
          after + at,
          down ? ld : units);
    }
  }

  /** Projection, ends of short sequences, and y. */
  private void output(
      float[] y,
      int @Nullable [] lengths,
      int t,
      int before,
      int after,
      int b0,
      int b1,
      Share share) {
    project(after, b0, b1);
    int from = share.fromUnit();
    int width = share.toUnit() - from;
    float[] h = trace.states[0];
    for (int b = b0; b < b1; b++) {
      int to = (t * batch + b) * layer.outputSize + layer.outputOffset + from;
      int row = b * ld;
      if (lengths != null && t >= lengths[b]) {
        Arrays.fill(y, to, to + width, 0f);
        for (float[] state : trace.states) {
          System.arraycopy(state, before + row, state, after + row, ld);
        }
      } else {
        if (layer.heads > 1) {
          layout.collect(h, after + row, y, to);
        } else {
          System.arraycopy(h, after + row + from, y, to, width);
        }
      }
    }
  }

  /** h = cellH·weight_hrᵀ, where there is a projection. */
  private void project(int after, int b0, int b1) {
    PackedWeights projected = layer.projected;
    if (projected == null) {
      return;
    }
    int from = after + b0 * ld;
    Arrays.fill(trace.states[0], from, after + b1 * ld, 0f);
    Gemm.multiply(
        trace.states[0],
        from,
        projected.rowMajor(),
        ld,
        trace.cellStates[0],
        from,
        ld,
        projected,
        0,
        projected.groups(),
        b1 - b0);
  }
}
