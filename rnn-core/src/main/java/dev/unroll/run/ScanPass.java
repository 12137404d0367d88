package dev.unroll.run;

import dev.unroll.cell.LinearCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Scan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ScanUnroll} over one shape.
 *
 * <p>The work is cut into tasks: {@link Scan#BLOCK} steps of one sequence and one strip of 64
 * units. A task computes its gates from x and solves its part of the recurrence while they are in
 * the cache. Tasks of other sequences and strips are independent; those of later blocks need the
 * state before them. Blocks begin at multiples of {@link Scan#BLOCK} in t, whatever the direction
 * and the lengths.
 *
 * <p>Threads take sequences or strips where those are enough to go round, which needs no carries.
 * Else they take blocks: all blocks are solved from zero, the states between them are put together,
 * and each block adds what came into it ({@link Scan} says why the bits are the same).
 *
 * <p>Letters: T steps, B batch, H units, G gates, ld the padded width of a state row.
 */
final class ScanPass implements LayerPass {
  private static final int WIDTH = LinearCell.UNITS;

  /** What threads divide among themselves. */
  private enum Split {
    NOTHING,
    SEQUENCES,
    STRIPS,
    BLOCKS
  }

  private final ScanUnroll unroll;
  private final LinearCell cell;
  private final Team team;
  private final boolean serial;
  private final boolean reverse;
  private final int steps;
  private final int batch;
  private final int blocks;
  private final int chains;
  private final int ld;
  private final int yStride;
  private final int yOffset;
  private final Split split;
  private final int workers;

  /** Whether gates and states of all steps are kept: for a backward pass or a second visit. */
  private final boolean keep;

  /** Gates {@code [group][T * B][64]}, the same for all threads; else {@code [gate][BLOCK][64]}. */
  private final float[][] gates;

  private final int groupStride;
  private final int[] atomOffset;

  /** States {@code [T + 1][B][ld]}, where block t + 1 (in reverse: t) holds h_t. */
  private final float[] h;

  /**
   * The running state, or gradient, of each chain, a strip of a sequence: {@code [B][strips][64]}.
   */
  private final float[] state;

  /** Products of a, replaced by the states before the blocks: {@code [block][chain][64]}. */
  private final float[] product;

  /** Solutions from zero after the blocks. */
  private final float[] solution;

  // Each thread's, BLOCK rows of 64.
  private final float[][] a;
  private final float[][] b;
  private final float[][] d;

  /** For each thread, the sums of the gradient to the weights. */
  private final OuterProducts[] sums;

  ScanPass(
      ScanUnroll unroll,
      RecurrentConfig config,
      int steps,
      int batch,
      boolean training,
      Team team,
      ScanForm form) {
    if (training) {
      unroll.allocateBackward();
    }
    this.unroll = unroll;
    this.cell = unroll.cell;
    this.team = team;
    this.steps = steps;
    this.batch = batch;
    serial = form == ScanForm.SERIAL;
    reverse = unroll.reverse;
    blocks = Math.ceilDiv(steps, Scan.BLOCK);
    chains = batch * unroll.strips;
    ld = unroll.strips * WIDTH;
    yStride = config.outputSize();
    yOffset = reverse ? config.stateSize() : 0;
    split = split(team.threads());
    workers = split == Split.NOTHING ? 1 : team.threads();
    keep = training || split == Split.BLOCKS;
    long all = (long) steps * batch;
    long size = keep ? unroll.groups * all * WIDTH : (long) cell.gates() * Scan.BLOCK * WIDTH;
    gates = buffers(keep ? 1 : workers, size);
    groupStride = keep ? (int) all * WIDTH : Scan.BLOCK * WIDTH;
    atomOffset = unroll.layout.input.offsets(groupStride);
    h = Buffers.floats(keep ? (steps + 1L) * batch * ld : 0);
    state = Buffers.floats((long) chains * WIDTH);
    long between = split == Split.BLOCKS ? (long) blocks * chains * WIDTH : 0;
    product = Buffers.floats(between);
    solution = Buffers.floats(between);
    a = buffers(workers, (long) Scan.BLOCK * WIDTH);
    b = buffers(workers, (long) Scan.BLOCK * WIDTH);
    d = buffers(workers, (long) Scan.BLOCK * WIDTH);
    sums = new OuterProducts[training ? team.threads() : 0];
    Arrays.setAll(sums, i -> new OuterProducts(unroll.inputSize, unroll.groups, team.threads()));
  }

  private static float[][] buffers(int count, long size) {
    float[][] buffers = new float[count][];
    for (int i = 0; i < count; i++) {
      buffers[i] = Buffers.floats(size);
    }
    return buffers;
  }

  /** The bits do not depend on this. */
  private Split split(int threads) {
    if (threads == 1) {
      return Split.NOTHING;
    }
    if (divides(batch, threads)) {
      return Split.SEQUENCES;
    }
    if (divides(unroll.strips, threads)) {
      return Split.STRIPS;
    }
    if (!serial && blocks >= threads) {
      return Split.BLOCKS;
    }
    return batch > 1 ? Split.SEQUENCES : unroll.strips > 1 ? Split.STRIPS : Split.NOTHING;
  }

  private static boolean divides(int pieces, int threads) {
    return pieces % threads == 0 || pieces >= 4 * threads;
  }

  @Override
  public boolean shared(boolean lengths) {
    return workers > 1;
  }

  private int share(int pieces, int worker) {
    return (int) ((long) pieces * worker / workers);
  }

  private void barrier() {
    if (workers > 1) {
      team.barrier();
    }
  }

  /**
   * Whether a block is the first that a pass over a sequence comes to: the state before it is
   * known, so it needs no carry. A sequence of one block then has the bits of the plain loop, and
   * can be cut in two that carry the state on.
   *
   * @param toLaterSteps which way the pass goes
   */
  private static boolean first(int block, int length, boolean toLaterSteps) {
    return block == (toLaterSteps ? 0 : (length - 1) / Scan.BLOCK);
  }

  /** Steps of a block that a sequence has. */
  private int rows(int block, int length) {
    return Math.max(0, Math.min(Scan.BLOCK, length - block * Scan.BLOCK));
  }

  private int length(int @Nullable [] lengths, int sequence) {
    return lengths == null ? steps : lengths[sequence];
  }

  private int units(int strip) {
    return Math.min(WIDTH, unroll.hiddenSize - strip * WIDTH);
  }

  private int chain(int sequence, int strip) {
    return Buffers.BASE + (sequence * unroll.strips + strip) * WIDTH;
  }

  private int between(int block, int sequence, int strip) {
    return chain(sequence, strip) + block * chains * WIDTH;
  }

  /** Where gate 0 of a task starts. */
  private int gateRow(int block, int sequence, int strip) {
    return gateBase(block, sequence, strip) + strip * cell.gates() * groupStride;
  }

  private int gateBase(int block, int sequence, int strip) {
    return Buffers.BASE
        + (keep
            ? (block * Scan.BLOCK * batch + sequence) * WIDTH
            : -strip * cell.gates() * groupStride);
  }

  private int gateRowStride() {
    return keep ? batch * WIDTH : WIDTH;
  }

  /** Where a strip of the state before (0) or after (1) step t lies. */
  private int stateRow(int t, int after, int sequence, int strip) {
    int slot = reverse ? t + 1 - after : t + after;
    return Buffers.BASE + (slot * batch + sequence) * ld + strip * WIDTH;
  }

  // ---- forward ----

  @Override
  public void forward(
      int worker,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    if (split == Split.BLOCKS) {
      forwardBlocks(worker, x, initial, lengths, y, last);
      return;
    }
    int b0 = split == Split.SEQUENCES ? share(batch, worker) : 0;
    int b1 = split == Split.SEQUENCES ? share(batch, worker + 1) : batch;
    int s0 = split == Split.STRIPS ? share(unroll.strips, worker) : 0;
    int s1 = split == Split.STRIPS ? share(unroll.strips, worker + 1) : unroll.strips;
    for (int sequence = b0; sequence < b1; sequence++) {
      for (int strip = s0; strip < s1; strip++) {
        start(initial, sequence, strip, length(lengths, sequence));
      }
    }
    // Short sequences in bunches, so that a strip's weights stay in the cache for as many rows.
    int bunch = Math.ceilDiv(Scan.BLOCK, steps);
    for (int from = b0; from < b1; from += bunch) {
      int to = Math.min(from + bunch, b1);
      for (int i = 0; i < blocks; i++) {
        int block = reverse ? blocks - 1 - i : i;
        for (int strip = s0; strip < s1; strip++) {
          for (int sequence = from; sequence < to; sequence++) {
            solve(worker, x, block, sequence, strip, length(lengths, sequence), y);
          }
        }
      }
    }
    if (last != null) {
      for (int sequence = b0; sequence < b1; sequence++) {
        for (int strip = s0; strip < s1; strip++) {
          finish(last.h(), sequence, strip);
        }
      }
    }
    if (split == Split.STRIPS) {
      barrier();
    }
  }

  private void forwardBlocks(
      int worker,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    int from = share(blocks, worker);
    int to = share(blocks, worker + 1);
    for (int block = from; block < to; block++) {
      for (int sequence = 0; sequence < batch; sequence++) {
        for (int strip = 0; strip < unroll.strips; strip++) {
          int length = length(lengths, sequence);
          if (first(block, length, !reverse)) {
            start(initial, sequence, strip, length);
            solve(worker, x, block, sequence, strip, length, y);
          } else {
            solveFromZero(worker, x, block, sequence, strip, length);
          }
        }
      }
    }
    barrier();
    if (worker == 0) {
      for (int sequence = 0; sequence < batch; sequence++) {
        for (int strip = 0; strip < unroll.strips; strip++) {
          connect(sequence, strip, !reverse, length(lengths, sequence));
          if (last != null) {
            finish(last.h(), sequence, strip);
          }
        }
      }
    }
    barrier();
    for (int block = from; block < to; block++) {
      for (int sequence = 0; sequence < batch; sequence++) {
        for (int strip = 0; strip < unroll.strips; strip++) {
          int length = length(lengths, sequence);
          if (!first(block, length, !reverse)) {
            carry(worker, block, sequence, strip, length, y);
          }
        }
      }
    }
    barrier();
  }

  /** The state before the first step. */
  private void start(@Nullable State initial, int sequence, int strip, int length) {
    int at = chain(sequence, strip);
    load(initial, sequence, strip, at);
    if (keep) {
      int first = reverse ? length - 1 : 0;
      System.arraycopy(state, at, h, stateRow(first, 0, sequence, strip), WIDTH);
    }
  }

  private void load(@Nullable State from, int sequence, int strip, int at) {
    Arrays.fill(state, at, at + WIDTH, 0f);
    if (from != null) {
      int row = (unroll.index * batch + sequence) * unroll.hiddenSize + strip * WIDTH;
      System.arraycopy(from.h(), row, state, at, units(strip));
    }
  }

  /** The state of a chain, or its gradient, as the caller wants it. */
  private void finish(float[] to, int sequence, int strip) {
    int row = (unroll.index * batch + sequence) * unroll.hiddenSize + strip * WIDTH;
    System.arraycopy(state, chain(sequence, strip), to, row, units(strip));
  }

  /** A block's gates and coefficients. */
  private void coefficients(int worker, float[] x, int block, int sequence, int strip, int rows) {
    float[] to = gates[keep ? 0 : worker];
    int row = block * Scan.BLOCK * batch + sequence;
    unroll.preActivations(
        strip,
        rows,
        x,
        row * unroll.inputSize,
        batch * unroll.inputSize,
        to,
        gateBase(block, sequence, strip),
        atomOffset,
        gateRowStride());
    cell.activate(rows, to, gateRow(block, sequence, strip), groupStride, gateRowStride());
    coefficients(worker, block, sequence, strip, rows);
  }

  /** A block's coefficients from its activations. */
  private void coefficients(int worker, int block, int sequence, int strip, int rows) {
    cell.coefficients(
        rows,
        gates[keep ? 0 : worker],
        gateRow(block, sequence, strip),
        groupStride,
        gateRowStride(),
        a[worker],
        Buffers.BASE,
        b[worker],
        Buffers.BASE);
  }

  /** One task where the state before it is known. */
  private void solve(
      int worker, float[] x, int block, int sequence, int strip, int length, float[] y) {
    int rows = rows(block, length);
    if (rows == 0) {
      output(null, 0, 0, block, sequence, strip, 0, y);
      return;
    }
    coefficients(worker, x, block, sequence, strip, rows);
    // Backward in time the last row is the first.
    int first = reverse ? rows - 1 : 0;
    int sign = reverse ? -1 : 1;
    // States that are not kept and fill a strip go straight to y.
    boolean direct = !keep && units(strip) == WIDTH;
    float[] to = keep ? h : direct ? y : d[worker];
    int row = keep ? stateRow(block * Scan.BLOCK, 1, sequence, strip) : Buffers.BASE;
    int stride = keep ? batch * ld : WIDTH;
    if (direct) {
      row = outputRow(block, sequence, strip);
      stride = batch * yStride;
    }
    int from = Buffers.BASE + first * WIDTH;
    if (serial || first(block, length, !reverse)) {
      Scan.serial(
          WIDTH,
          rows,
          a[worker],
          from,
          sign * WIDTH,
          b[worker],
          from,
          sign * WIDTH,
          to,
          row + first * stride,
          sign * stride,
          state,
          chain(sequence, strip));
    } else {
      Scan.forward(
          WIDTH,
          rows,
          a[worker],
          from,
          sign * WIDTH,
          b[worker],
          from,
          sign * WIDTH,
          to,
          row + first * stride,
          sign * stride,
          state,
          chain(sequence, strip));
    }
    if (!direct || rows < Math.min(Scan.BLOCK, steps - block * Scan.BLOCK)) {
      output(direct ? null : to, row, stride, block, sequence, strip, rows, y);
    }
  }

  private void solveFromZero(
      int worker, float[] x, int block, int sequence, int strip, int length) {
    int rows = rows(block, length);
    if (rows == 0) {
      return;
    }
    coefficients(worker, x, block, sequence, strip, rows);
    int first = reverse ? rows - 1 : 0;
    int sign = reverse ? -1 : 1;
    int from = Buffers.BASE + first * WIDTH;
    Scan.local(
        WIDTH,
        rows,
        a[worker],
        from,
        sign * WIDTH,
        b[worker],
        from,
        sign * WIDTH,
        h,
        stateRow(block * Scan.BLOCK + first, 1, sequence, strip),
        sign * batch * ld,
        product,
        between(block, sequence, strip),
        solution,
        between(block, sequence, strip));
  }

  /**
   * Replaces the products of a chain's blocks by the states before them, and its state, the one
   * after the first block, by the one after all.
   *
   * @param toLaterSteps which way the pass goes
   */
  private void connect(int sequence, int strip, boolean toLaterSteps, int length) {
    int at = chain(sequence, strip);
    for (int i = 0; i < blocks; i++) {
      int block = toLaterSteps ? i : blocks - 1 - i;
      if (rows(block, length) == 0 || first(block, length, toLaterSteps)) {
        continue;
      }
      int from = between(block, sequence, strip);
      for (int u = 0; u < WIDTH; u++) {
        float before = state[at + u];
        state[at + u] = Math.fma(product[from + u], before, solution[from + u]);
        product[from + u] = before;
      }
    }
  }

  private void carry(int worker, int block, int sequence, int strip, int length, float[] y) {
    int rows = rows(block, length);
    int row = stateRow(block * Scan.BLOCK, 1, sequence, strip);
    if (rows > 0) {
      coefficients(worker, block, sequence, strip, rows);
      int first = reverse ? rows - 1 : 0;
      int sign = reverse ? -1 : 1;
      Scan.carry(
          WIDTH,
          rows,
          a[worker],
          Buffers.BASE + first * WIDTH,
          sign * WIDTH,
          h,
          row + first * batch * ld,
          sign * batch * ld,
          product,
          between(block, sequence, strip));
    }
    output(h, row, batch * ld, block, sequence, strip, rows, y);
  }

  /**
   * Copies a block's states to y; zeros past the end of a short sequence.
   *
   * @param from where the states are; null if they are in y
   */
  private void output(
      float @Nullable [] from,
      int row,
      int stride,
      int block,
      int sequence,
      int strip,
      int rows,
      float[] y) {
    int t0 = block * Scan.BLOCK;
    int count = Math.min(Scan.BLOCK, steps - t0);
    int to = outputRow(block, sequence, strip);
    int units = units(strip);
    for (int r = 0; r < count; r++) {
      int at = to + r * batch * yStride;
      if (r >= rows) {
        Arrays.fill(y, at, at + units, 0f);
      } else if (from != null) {
        System.arraycopy(from, row + r * stride, y, at, units);
      }
    }
  }

  private int outputRow(int block, int sequence, int strip) {
    return (block * Scan.BLOCK * batch + sequence) * yStride + yOffset + strip * WIDTH;
  }

  // ---- backward ----

  @Override
  public void backward(
      int worker,
      int @Nullable [] lengths,
      float[] gradY,
      @Nullable State gradLast,
      float @Nullable [] gradX,
      @Nullable State gradInitial,
      float[] scratch) {
    if (split == Split.BLOCKS) {
      backwardBlocks(worker, lengths, gradY, gradLast, gradInitial);
    } else {
      int b0 = split == Split.SEQUENCES ? share(batch, worker) : 0;
      int b1 = split == Split.SEQUENCES ? share(batch, worker + 1) : batch;
      int s0 = split == Split.STRIPS ? share(unroll.strips, worker) : 0;
      int s1 = split == Split.STRIPS ? share(unroll.strips, worker + 1) : unroll.strips;
      for (int sequence = b0; sequence < b1; sequence++) {
        int length = length(lengths, sequence);
        for (int strip = s0; strip < s1; strip++) {
          load(gradLast, sequence, strip, chain(sequence, strip));
          for (int i = 0; i < blocks; i++) {
            int block = reverse ? i : blocks - 1 - i;
            int at = chain(sequence, strip);
            differentiate(worker, gradY, block, sequence, strip, length, state, at);
          }
          if (gradInitial != null) {
            finish(gradInitial.h(), sequence, strip);
          }
        }
      }
    }
    // A row of x feeds all units, so it waits for all of their gradients.
    barrier();
    if (gradX != null) {
      int from = share(steps * batch, worker);
      int to = share(steps * batch, worker + 1);
      if (!reverse) {
        Arrays.fill(gradX, from * unroll.inputSize, to * unroll.inputSize, 0f);
      }
      unroll.addInputGradient(from, to, gates[0], groupStride, gradX, scratch);
      barrier();
    }
  }

  private void backwardBlocks(
      int worker,
      int @Nullable [] lengths,
      float[] gradY,
      @Nullable State gradLast,
      @Nullable State gradInitial) {
    int from = share(blocks, worker);
    int to = share(blocks, worker + 1);
    for (int block = from; block < to; block++) {
      for (int sequence = 0; sequence < batch; sequence++) {
        for (int strip = 0; strip < unroll.strips; strip++) {
          int length = length(lengths, sequence);
          int rows = rows(block, length);
          if (first(block, length, reverse)) {
            int at = chain(sequence, strip);
            load(gradLast, sequence, strip, at);
            differentiate(worker, gradY, block, sequence, strip, length, state, at);
          } else if (rows > 0) {
            upstream(worker, gradY, block, sequence, strip, rows);
            coefficients(worker, block, sequence, strip, rows);
            int last = Buffers.BASE + (reverse ? 0 : rows - 1) * WIDTH;
            int stride = reverse ? WIDTH : -WIDTH;
            int at = between(block, sequence, strip);
            Scan.backwardLocal(
                WIDTH, rows, a[worker], last, stride, d[worker], last, stride, product, at,
                solution, at);
          }
        }
      }
    }
    barrier();
    if (worker == 0) {
      for (int sequence = 0; sequence < batch; sequence++) {
        for (int strip = 0; strip < unroll.strips; strip++) {
          connect(sequence, strip, reverse, length(lengths, sequence));
          if (gradInitial != null) {
            finish(gradInitial.h(), sequence, strip);
          }
        }
      }
    }
    barrier();
    for (int block = from; block < to; block++) {
      for (int sequence = 0; sequence < batch; sequence++) {
        for (int strip = 0; strip < unroll.strips; strip++) {
          int at = between(block, sequence, strip);
          int length = length(lengths, sequence);
          if (!first(block, length, reverse)) {
            differentiate(worker, gradY, block, sequence, strip, length, product, at);
          }
        }
      }
    }
  }

  /** The gradients to h from outside. */
  private void upstream(int worker, float[] gradY, int block, int sequence, int strip, int rows) {
    int row = block * Scan.BLOCK * batch + sequence;
    int from = row * yStride + yOffset + strip * WIDTH;
    int units = units(strip);
    for (int r = 0; r < rows; r++) {
      int to = Buffers.BASE + r * WIDTH;
      System.arraycopy(gradY, from + r * batch * yStride, d[worker], to, units);
      Arrays.fill(d[worker], to + units, to + WIDTH, 0f);
    }
  }

  /**
   * One task back through time: its activations are replaced by the gradients to pre-activations.
   *
   * @param carry holds the gradient from later steps, replaced by that to earlier ones
   * @param at where
   */
  private void differentiate(
      int worker,
      float[] gradY,
      int block,
      int sequence,
      int strip,
      int length,
      float[] carry,
      int at) {
    int rows = rows(block, length);
    int t0 = block * Scan.BLOCK;
    int gateRow = gateRow(block, sequence, strip);
    if (rows > 0) {
      upstream(worker, gradY, block, sequence, strip, rows);
      coefficients(worker, block, sequence, strip, rows);
      int last = Buffers.BASE + (reverse ? 0 : rows - 1) * WIDTH;
      int stride = reverse ? WIDTH : -WIDTH;
      if (serial || first(block, length, reverse)) {
        Scan.backwardSerial(
            WIDTH, rows, a[worker], last, stride, d[worker], last, stride, carry, at);
      } else {
        Scan.backward(WIDTH, rows, a[worker], last, stride, d[worker], last, stride, carry, at);
      }
      cell.backward(
          rows,
          gates[0],
          gateRow,
          groupStride,
          gateRowStride(),
          h,
          stateRow(t0, 0, sequence, strip),
          batch * ld,
          d[worker],
          Buffers.BASE);
    }
    // Steps past the end of a sequence add nothing to the gradients.
    int count = Math.min(Scan.BLOCK, steps - t0);
    for (int gate = 0; gate < cell.gates(); gate++) {
      for (int r = rows; r < count; r++) {
        int row = gateRow + gate * groupStride + r * gateRowStride();
        Arrays.fill(gates[0], row, row + WIDTH, 0f);
      }
    }
  }

  @Override
  public int gradientTasks() {
    return sums[0].calls();
  }

  @Override
  public void addGradient(int worker, int task, float[] x, float[] gradient) {
    unroll.addGradient(sums[worker], task, steps * batch, x, gates[0], atomOffset, gradient);
  }
}
