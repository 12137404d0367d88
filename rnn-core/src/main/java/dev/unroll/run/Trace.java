package dev.unroll.run;

import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one layer in one direction over one shape: what a forward pass leaves behind,
 * states and, for training, gates; and what a backward pass needs besides.
 *
 * <p>Letters: T steps, B batch, ld the padded width of a state row. Steps run s = 0 .. T-1 in the
 * order of the pass; t = s, or T-1-s in reverse.
 */
final class Trace {
  /** Below this many sequences a pass is narrow, see {@link Unroll}. */
  static final int NARROW = 6;

  /** Rows of a narrow pass's input products. */
  private static final int NARROW_ROWS = 24;

  final int steps;
  final int batch;
  final boolean training;

  /** Whether the batch is too small to fill a tile, see {@link Unroll}. */
  final boolean narrow;

  /** Floats from one row of states to the next. */
  final int ld;

  /** Rows of a batch that go through a strip together, so that their gates stay in L1. */
  final int chunk;

  /** Steps whose input products a narrow pass computes together. */
  final int stretch;

  /** Floats from one group of {@link #gates} to the next. */
  final int groupStride;

  /** Where each atom of the input product lies in the gate storage. */
  final int[] inputOffset;

  /** Where each atom of the recurrent product lies. */
  final int[] hiddenOffset;

  /**
   * States {@code [T + 1][B][ld]} in training, in the order of t; else {@code [2][B][ld]}, used in
   * turn. {@link #before} and {@link #after} say where those of a step lie.
   */
  final float[] h;

  /** Cell states, laid out as {@link #h}; empty without a cell state. */
  final float[] c;

  /** What the cell's equations give: {@link #h}, or with a projection o * tanh(c), laid out so. */
  final float[] cellH;

  /** Gradients to h and c at the step under way, {@code [B][ld]}. */
  final float[] dh;

  final float[] dc;

  /** The gradient to {@link #cellH} at the step under way: {@link #dh} without a projection. */
  final float[] dCellH;

  /** With a projection, gradients to the projected h: {@code [group][T * B][64]}. */
  final float[] dProjected;

  /** Where each atom of {@link #dProjected} lies. */
  final int[] projectedOffset;

  /** For each thread, the sums of the gradients to weight_ih, weight_hh and weight_hr. */
  final OuterProducts[] inputSums;

  final OuterProducts[] hiddenSums;
  final OuterProducts[] projectedSums;

  /** For each thread, the cell. */
  final StepCell[] cells;

  /**
   * For each of the cell's own parameters, the sums over time of the gradient to it, {@code
   * [B][ld]}: in double, so that a long sequence costs no digits.
   */
  final double[][] vectorSums;

  private final StepLayer layer;

  /**
   * Gate storage, {@code [group][row][64]}. In training all threads have the same, which holds
   * every step; else each its own, which is used again as the pass goes on: in a narrow pass for
   * every stretch, in a wide one for every strip of every chunk.
   */
  private final float[][] gates;

  /**
   * Gradients to the gates of the rows in hand, each row in one piece: {@code [B][terms]}, of which
   * each thread takes its own rows; in a narrow pass {@code [stretch * B][terms]} for each thread.
   */
  private final float[][] gathered;

  Trace(StepLayer layer, int steps, int batch, boolean training, int threads) {
    this(layer, steps, batch, training, batch < NARROW, threads);
  }

  Trace(StepLayer layer, int steps, int batch, boolean training, boolean narrow, int threads) {
    this.steps = steps;
    this.batch = batch;
    this.training = training;
    this.narrow = narrow;
    this.layer = layer;
    GateLayout layout = layer.layout;
    boolean projects = layer.projection != null;
    boolean hasCellState = layer.cell.hasCellState();
    ld = Math.ceilDiv(layer.hiddenSize, Panels.WIDTH) * Panels.WIDTH;
    // The gates of a chunk stay in an L1 cache of 32 KB beside a panel: 12 KB, or 24 KB for a GRU.
    chunk = layout.groupsPerStrip == 1 ? 48 : 24;
    stretch = Math.max(1, NARROW_ROWS / batch);

    long all = (long) steps * batch;
    long rows = training ? all : narrow ? Math.min(all, (long) stretch * batch) : chunk;
    groupStride = (int) rows * Panels.WIDTH;
    long groups = training || narrow ? layout.groups : layout.groupsPerStrip;
    gates = buffers(training || narrow ? 1 : threads, groups * rows * Panels.WIDTH);
    inputOffset = layout.input.offsets(groupStride);
    hiddenOffset = layout.hidden.offsets(groupStride);

    long states = (training ? steps + 1L : 2) * batch * ld;
    h = Buffers.floats(states);
    c = Buffers.floats(hasCellState ? states : 0);
    cellH = projects ? Buffers.floats(states) : h;

    long running = training ? (long) batch * ld : 0;
    dh = Buffers.floats(running);
    dc = Buffers.floats(hasCellState ? running : 0);
    dCellH = projects ? Buffers.floats(running) : dh;
    dProjected =
        Buffers.floats(
            projects && training
                ? layer.projectionColumns.rows().groups() * all * Panels.WIDTH
                : 0);
    projectedOffset = layer.projectionColumns.offsets(groupStride);
    long gatheredRows = training ? (narrow ? (long) stretch * batch : batch) : 0;
    gathered = buffers(narrow ? threads : 1, gatheredRows * layer.terms());
    int summing = training ? threads : 0;
    inputSums = sums(layer.inputSize, layout.input, summing);
    hiddenSums = sums(layer.stateSize, layout.hidden, layer.weightHh == null ? 0 : summing);
    projectedSums = sums(layer.hiddenSize, layer.projectionColumns, projects ? summing : 0);
    vectorSums = new double[layer.vectors.length][dh.length];
    cells = new StepCell[threads];
    Arrays.setAll(cells, i -> layer.cellForThread(vectorSums));
  }

  private static float[][] buffers(int count, long size) {
    float[][] buffers = new float[count][];
    Arrays.setAll(buffers, i -> Buffers.floats(size));
    return buffers;
  }

  private static OuterProducts[] sums(int k, GateLayout.Product columns, int threads) {
    OuterProducts[] sums = new OuterProducts[threads];
    Arrays.setAll(sums, i -> new OuterProducts(k, columns.rows().groups(), threads));
    return sums;
  }

  float[] gates(int worker) {
    return gates.length == 1 ? gates[0] : gates[worker];
  }

  float[] gathered(int worker) {
    return gathered.length == 1 ? gathered[0] : gathered[worker];
  }

  /** {@return the time t of the s-th step of the pass} */
  int time(int s) {
    return layer.reverse ? steps - 1 - s : s;
  }

  /** {@return where the states before the s-th step of the pass lie, row 0} */
  int before(int s) {
    return states(training ? (layer.reverse ? steps - s : s) : s & 1);
  }

  /** {@return where the states after the s-th step of the pass lie, row 0} */
  int after(int s) {
    return states(training ? (layer.reverse ? steps - 1 - s : s + 1) : (s + 1) & 1);
  }

  /** {@return where the states before step t = 0 lie; those before the others follow} */
  int firstBefore() {
    return states(layer.reverse ? 1 : 0);
  }

  /** {@return where the states after step t = 0 lie; those after the others follow} */
  int firstAfter() {
    return states(layer.reverse ? 0 : 1);
  }

  private int states(int i) {
    return Buffers.BASE + i * batch * ld;
  }

  /**
   * Sets rows b0 .. b1 to this layer's part of a network's state, or of a gradient to it.
   *
   * @param from null for zeros
   * @param h {@code [B][ld]} from {@code at} on, written
   * @param c the same; left alone without a cell state
   */
  void load(@Nullable State from, float[] h, float[] c, int at, int b0, int b1) {
    boolean hasCellState = layer.cell.hasCellState();
    Arrays.fill(h, at + b0 * ld, at + b1 * ld, 0f);
    if (hasCellState) {
      Arrays.fill(c, at + b0 * ld, at + b1 * ld, 0f);
    }
    for (int b = b0; b < b1 && from != null; b++) {
      loadRow(from, layer.index * batch + b, h, c, at + b * ld);
    }
  }

  private void loadRow(State from, int row, float[] h, float[] c, int to) {
    System.arraycopy(from.h(), row * layer.stateSize, h, to, layer.stateSize);
    if (layer.cell.hasCellState()) {
      System.arraycopy(from.c(), row * layer.hiddenSize, c, to, layer.hiddenSize);
    }
  }

  /** Sets one row of states to one of a network's state; its padding is zero already. */
  void loadRow(State from, int row, int to) {
    loadRow(from, row, h, c, to);
  }

  /** The reverse of {@link #load}. */
  void store(State to, float[] h, float[] c, int at, int b0, int b1) {
    for (int b = b0; b < b1; b++) {
      storeRow(to, layer.index * batch + b, h, c, at + b * ld);
    }
  }

  private void storeRow(State to, int row, float[] h, float[] c, int from) {
    System.arraycopy(h, from, to.h(), row * layer.stateSize, layer.stateSize);
    if (layer.cell.hasCellState()) {
      System.arraycopy(c, from, to.c(), row * layer.hiddenSize, layer.hiddenSize);
    }
  }

  /** The reverse of {@link #loadRow(State, int, int)}. */
  void storeRow(State to, int row, int from) {
    storeRow(to, row, h, c, from);
  }
}
