package dev.unroll.run;

import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import java.util.Arrays;

/**
 * What one layer in one direction leaves behind of a pass: states and, for training, gates.
 *
 * <p>Letters: T steps, B batch, ld the padded width of a state row.
 */
final class Trace {
  final int steps;
  final int batch;
  final boolean training;

  /** Rows of a group of {@link #gates}: T*B in training; else those of a stretch of the pass. */
  final int gateRows;

  /**
   * Gate storage {@code [group][gateRows][64]}, one for each thread. In training all are the same
   * array, which holds every step; else a thread's own, reused as the pass goes on.
   */
  final float[][] gates;

  /**
   * Gradients to the gates of the rows in hand, each row in one piece: {@code [B][terms]}, of which
   * each thread takes its own rows; in a narrow pass one {@code [stretch][terms]} for each thread.
   */
  private final float[][] gathered;

  /** For each thread, the sums of the gradients to weight_ih, weight_hh and weight_hr. */
  final OuterProducts[] inputSums;

  final OuterProducts[] hiddenSums;
  final OuterProducts[] projectedSums;

  /** Where each atom of the input product lies in the gate storage. */
  final int[] inputOffset;

  /** Where each atom of the recurrent product lies. */
  final int[] hiddenOffset;

  /**
   * States {@code [T + 1][B][ld]} in training, where block t + 1 (in reverse: t) holds h_t; else
   * two blocks used in turn.
   */
  final float[] h;

  /** Cell states, laid out as {@link #h}; empty without a cell state. */
  final float[] c;

  /** With a projection, o * tanh(c): {@code [T][B][ld]} in training, else {@code [B][ld]}. */
  final float[] raw;

  /** With a projection, gradients to the projected h: {@code [group][T * B][64]}. */
  final float[] dProjected;

  /** Where each atom of {@link #dProjected} lies. */
  final int[] projectedOffset;

  /** Gradients to h and c at the step under way, {@code [B][ld]}. */
  final float[] dh;

  final float[] dc;

  /** With a projection, the gradient to {@link #raw} at the step under way. */
  final float[] dRaw;

  Trace(Unroll unroll, int steps, int batch, boolean training, boolean narrow, int threads) {
    this.steps = steps;
    this.batch = batch;
    this.training = training;
    int ld = unroll.ld;
    long blocks = training ? steps + 1 : 2;
    long all = (long) steps * batch;
    if (training) {
      gateRows = (int) all;
    } else {
      gateRows =
          narrow ? (int) Math.min(all, unroll.timeChunk(batch) * (long) batch) : unroll.chunkRows;
    }
    long groupsHeld = training || narrow ? unroll.groups : unroll.groupsPerSuper;
    gates = new float[training || narrow ? 1 : threads][];
    for (int i = 0; i < gates.length; i++) {
      gates[i] = Buffers.floats(groupsHeld * gateRows * Panels.WIDTH);
    }
    gathered = new float[narrow ? threads : 1][];
    for (int i = 0; i < gathered.length; i++) {
      int rows = narrow ? unroll.timeChunk(batch) * batch : batch;
      gathered[i] = Buffers.floats(training ? (long) rows * unroll.terms() : 0);
    }
    int summing = training ? threads : 0;
    inputSums = sums(unroll.inputSize, unroll.inputRows, summing);
    hiddenSums = sums(unroll.stateSize, unroll.hiddenRows, summing);
    projectedSums =
        sums(unroll.hiddenSize, unroll.projectionRows, unroll.projection == null ? 0 : summing);
    inputOffset = offsets(unroll.inputColumn);
    hiddenOffset = offsets(unroll.hiddenColumn);
    h = Buffers.floats(blocks * batch * ld);
    c = Buffers.floats(unroll.cell.hasCellState() ? blocks * batch * ld : 0);
    boolean projected = unroll.projection != null;
    raw = Buffers.floats(projected ? (training ? all : batch) * ld : 0);
    int projectedGroups = Math.ceilDiv(unroll.stateSize, Panels.WIDTH);
    dProjected = Buffers.floats(projected && training ? projectedGroups * all * Panels.WIDTH : 0);
    projectedOffset = new int[projectedGroups * 4];
    for (int a = 0; a < projectedOffset.length; a++) {
      projectedOffset[a] = a / 4 * gateRows * Panels.WIDTH + a % 4 * Columns.ATOM;
    }
    dh = Buffers.floats(training ? (long) batch * ld : 0);
    dc = Buffers.floats(training && unroll.cell.hasCellState() ? (long) batch * ld : 0);
    dRaw = Buffers.floats(training && projected ? (long) batch * ld : 0);
  }

  private static OuterProducts[] sums(int k, Columns columns, int threads) {
    OuterProducts[] sums = new OuterProducts[threads];
    Arrays.setAll(sums, i -> new OuterProducts(k, columns.groups(), threads));
    return sums;
  }

  private int[] offsets(int[] column) {
    int[] offset = new int[column.length];
    for (int a = 0; a < column.length; a++) {
      offset[a] = column[a] / Panels.WIDTH * gateRows * Panels.WIDTH + column[a] % Panels.WIDTH;
    }
    return offset;
  }

  float[] gates(int worker) {
    return gates.length == 1 ? gates[0] : gates[worker];
  }

  float[] gathered(int worker) {
    return gathered.length == 1 ? gathered[0] : gathered[worker];
  }

  /** {@return the block of the state before step t, which is the s-th step of the pass} */
  int previousBlock(boolean reverse, int t, int s) {
    return training ? (reverse ? t + 1 : t) : s & 1;
  }

  /** {@return the block of the state after step t, which is the s-th step of the pass} */
  int nextBlock(boolean reverse, int t, int s) {
    return training ? (reverse ? t : t + 1) : (s + 1) & 1;
  }
}
