package dev.unroll.run;

import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
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

  /** Rows of a wide pass's input products where the weights are {@link #LARGE}. */
  private static final int WIDE_ROWS = 256;

  /** Weights that are read anew in each step, as no cache keeps them until the next. */
  private static final long LARGE = 1 << 22;

  final int steps;
  final int batch;
  final boolean training;

  /** Whether the batch is too small to fill a tile, see {@link Unroll}. */
  final boolean narrow;

  /** Floats from one row of states to the next. */
  final int ld;

  /** Rows of a batch that go through a strip together, so that their gates stay in L1. */
  final int chunk;

  /** Steps whose input products are computed together, see {@link Unroll}. */
  final int stretch;

  /** Whether the input products of a {@link #stretch} come before its steps. */
  final boolean ahead;

  /** Floats from one group of {@link #gates} to the next. */
  final int groupStride;

  /** Where each atom of the input product lies in the gate storage. */
  final int[] inputOffset;

  /** Where each atom of the recurrent product lies. */
  final int[] hiddenOffset;

  /**
   * The cell's states, h first, each {@code [T + 1][B][ld]} in training, in the order of t; else
   * {@code [2][B][ld]}, used in turn. {@link #before} and {@link #after} say where those of a step
   * lie.
   */
  final float[][] states;

  /** What the cell's equations give: {@link #states}, or with a projection another first array. */
  final float[][] cellStates;

  /** Gradients to the states at the step under way, {@code [B][ld]}. */
  final float[][] gradients;

  /** Those to {@link #cellStates}. */
  final float[][] cellGradients;

  /** With a projection, gradients to the projected h: {@code [group][T * B][64]}. */
  final float[] dProjected;

  /** Where each atom of {@link #dProjected} lies. */
  final int[] projectedOffset;

  /** For each thread, the sums of the gradients to weight_ih, weight_hh and weight_hr. */
  final OuterProducts[] inputSums;

  final OuterProducts[] hiddenSums;

  /** For each head, the rows of weight_hh whose gradient they are. */
  final Columns[] hiddenColumns;

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
   * every step; else that of a stretch, if its input products come first; else each its own for a
   * strip of a chunk.
   */
  private final float[][] gates;

  /**
   * Gradients to the gates of the rows in hand, each row in one piece: {@code [stretch *
   * B][terms]}, for each thread in a narrow pass; in a wide one each takes its own rows.
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
    int units = Math.ceilDiv(layout.strips * layout.unitsPerStrip, Panels.WIDTH) * Panels.WIDTH;
    // A product with a head's columns adds zeros to some after them.
    ld = units + (layer.heads > 1 ? Panels.WIDTH : 0);
    // The gates of a chunk stay in an L1 cache of 32 KB beside a panel: 12 KB, or 24 KB for a GRU.
    chunk = layout.groupsPerStrip == 1 ? 48 : 24;
    stretch = Math.max(1, (narrow ? NARROW_ROWS : isLarge(layer) ? WIDE_ROWS : 1) / batch);
    ahead = narrow || stretch > 1;

    long all = (long) steps * batch;
    long rows = training ? all : ahead ? Math.min(all, (long) stretch * batch) : chunk;
    groupStride = (int) rows * Panels.WIDTH;
    long groups = training || ahead ? layout.groups : layout.groupsPerStrip;
    gates = buffers(training || ahead ? 1 : threads, groups * rows * Panels.WIDTH);
    inputOffset = layout.input.offsets(groupStride);
    hiddenOffset = layout.hidden.offsets(groupStride);

    int parts = layer.cell.states().size();
    long each = (training ? steps + 1L : 2) * batch * ld;
    states = buffers(parts, each);
    cellStates = states.clone();
    long running = training ? (long) batch * ld : 0;
    gradients = buffers(parts, running);
    cellGradients = gradients.clone();
    if (projects) {
      cellStates[0] = Buffers.floats(each);
      cellGradients[0] = Buffers.floats(running);
    }
    dProjected =
        Buffers.floats(
            projects && training
                ? layer.projectionColumns.rows().groups() * all * Panels.WIDTH
                : 0);
    projectedOffset = layer.projectionColumns.offsets(groupStride);
    long gatheredRows = training ? (long) stretch * batch : 0;
    gathered = buffers(narrow ? threads : 1, gatheredRows * layer.terms());
    int summing = training ? threads : 0;
    inputSums = sums(layer.inputSize, layout.input.rows(), summing);
    hiddenColumns = new Columns[layer.heads];
    Arrays.setAll(hiddenColumns, head -> layout.hidden.rows().part(head, layer.heads));
    hiddenSums =
        sums(layer.stateSize / layer.heads, hiddenColumns[0], layer.weightHh == null ? 0 : summing);
    projectedSums = sums(layer.hiddenSize, layer.projectionColumns.rows(), projects ? summing : 0);
    vectorSums = new double[layer.vectors.length][gradients[0].length];
    cells = new StepCell[threads];
    Arrays.setAll(cells, i -> layer.cellForThread(vectorSums));
  }

  private static boolean isLarge(StepLayer layer) {
    int hidden = layer.weightHh == null ? 0 : layer.weightHh.size();
    return (long) layer.weightIh.size() + hidden >= LARGE && layer.input instanceof Panels;
  }

  private static float[][] buffers(int count, long size) {
    float[][] buffers = new float[count][];
    Arrays.setAll(buffers, i -> Buffers.floats(size));
    return buffers;
  }

  private static OuterProducts[] sums(int k, Columns columns, int threads) {
    OuterProducts[] sums = new OuterProducts[threads];
    Arrays.setAll(sums, i -> new OuterProducts(k, columns.groups(), threads));
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
    return row(training ? (layer.reverse ? steps - s : s) : s & 1);
  }

  /** {@return where the states after the s-th step of the pass lie, row 0} */
  int after(int s) {
    return row(training ? (layer.reverse ? steps - 1 - s : s + 1) : (s + 1) & 1);
  }

  /** {@return where the states before step t = 0 lie; those before the others follow} */
  int firstBefore() {
    return row(layer.reverse ? 1 : 0);
  }

  /** {@return where the states after step t = 0 lie; those after the others follow} */
  int firstAfter() {
    return row(layer.reverse ? 0 : 1);
  }

  private int row(int i) {
    return Buffers.BASE + i * batch * ld;
  }

  /**
   * Sets rows b0 .. b1 to this layer's part of a network's state, or of a gradient to it.
   *
   * @param from null for zeros
   * @param to for each of the cell's states {@code [B][ld]} from {@code at} on, written
   * @param gradient whether it is one; parts that have none are then zeros
   */
  void load(@Nullable State from, float[][] to, int at, int b0, int b1, boolean gradient) {
    for (int i = 0; i < to.length; i++) {
      Arrays.fill(to[i], at + b0 * ld, at + b1 * ld, 0f);
      boolean given = !(gradient && layer.hasNoGradient(i));
      for (int b = b0; b < b1 && from != null && given; b++) {
        loadRow(from, i, layer.index * batch + b, to[i], at + b * ld);
      }
    }
  }

  private void loadRow(State from, int i, int row, float[] to, int at) {
    int width = layer.widths[i];
    if (layer.heads > 1) {
      layer.layout.spread(from.part(i), row * width, to, at);
    } else {
      System.arraycopy(from.part(i), row * width, to, at, width);
    }
  }

  /** Sets one row of states to one of a network's state; its padding is zero already. */
  void loadRow(State from, int row, int to) {
    for (int i = 0; i < states.length; i++) {
      loadRow(from, i, row, states[i], to);
    }
  }

  /** The reverse of {@link #load}. */
  void store(State to, float[][] from, int at, int b0, int b1, boolean gradient) {
    for (int i = 0; i < from.length; i++) {
      for (int b = b0; b < b1 && !(gradient && layer.hasNoGradient(i)); b++) {
        storeRow(to, i, layer.index * batch + b, from[i], at + b * ld);
      }
    }
  }

  private void storeRow(State to, int i, int row, float[] from, int at) {
    int width = layer.widths[i];
    if (layer.heads > 1) {
      layer.layout.collect(from, at, to.part(i), row * width);
    } else {
      System.arraycopy(from, at, to.part(i), row * width, width);
    }
  }

  /** The reverse of {@link #loadRow(State, int, int)}. */
  void storeRow(State to, int row, int from) {
    for (int i = 0; i < states.length; i++) {
      storeRow(to, i, row, states[i], from);
    }
  }
}
