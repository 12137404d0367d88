package dev.unroll.run;

import dev.unroll.cell.LinearCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Scan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LinearLayer} over one shape. Words: {@link GateLayout}.
 *
 * <p>Each block of each chain is visited. A forward visit computes the gates from x and solves the
 * block while they are in the cache. Chains are independent; a block needs the state before it.
 * Blocks begin at multiples of {@link Scan#BLOCK} in t, whatever the direction and the lengths.
 *
 * <p>Threads divide the sequences or the strips where those are enough to go round. Else they
 * divide the blocks and visit them twice: first for what each does to the state before it, then,
 * when the states between them are known, to solve it ({@link Scan} says why the bits are the
 * same).
 *
 * <p>Letters: T steps, B batch, H units, ld the padded width of a state row.
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

  private final LinearLayer layer;
  private final GateLayout layout;
  private final LinearCell cell;
  private final Team team;
  private final boolean serial;
  private final boolean training;
  private final boolean reverse;
  private final int steps;
  private final int batch;
  private final int blocks;
  private final int chains;
  private final int ld;
  private final Split split;
  private final int workers;

  /** Whether the gates of all steps are kept, for a backward pass or a second visit. */
  private final boolean keepGates;

  private final int groupStride;

  /** Where the atoms of all groups are; where gates are not kept, all strips take turns. */
  private final int[] atomOffset;

  /** The kept gates, {@code [group][T * B][64]}. */
  private final float[] gates;

  /** In training, states {@code [T + 1][B][ld]}, where row t + 1 (in reverse: t) holds h_t. */
  private final float[] h;

  /** The running state, or gradient, of each chain: {@code [B][strips][64]}. */
  private final float[] state;

  /**
   * What each block does to the state before it, and then that state: {@code [block][chain][64]}.
   */
  private final float[] product;

  private final float[] solution;

  private final Visits[] visits;

  /** For each thread, the sums of the gradient to the weights. */
  private final OuterProducts[] sums;

  ScanPass(LinearLayer layer, int steps, int batch, boolean training, Team team, ScanForm form) {
    if (training) {
      layer.allocateBackward();
    }
    this.layer = layer;
    layout = layer.layout;
    cell = layer.cell;
    this.team = team;
    this.steps = steps;
    this.batch = batch;
    this.training = training;
    serial = form == ScanForm.SERIAL;
    reverse = layer.reverse;
    blocks = Math.ceilDiv(steps, Scan.BLOCK);
    chains = batch * layout.strips;
    ld = layout.strips * WIDTH;
    split = split(team.threads());
    workers = split == Split.NOTHING ? 1 : team.threads();
    keepGates = training || split == Split.BLOCKS;
    long all = (long) steps * batch;
    gates = Buffers.floats(keepGates ? layout.groups * all * WIDTH : 0);
    groupStride = (keepGates ? (int) all : Scan.BLOCK) * WIDTH;
    atomOffset = new int[layout.groups * (WIDTH / Columns.ATOM)];
    for (int i = 0; i < atomOffset.length; i++) {
      int column = i * Columns.ATOM;
      int group = keepGates ? column / WIDTH : column / WIDTH % cell.gates();
      atomOffset[i] = group * groupStride + column % WIDTH;
    }
    h = Buffers.floats(training ? (steps + 1L) * batch * ld : 0);
    state = Buffers.floats((long) chains * WIDTH);
    long between = split == Split.BLOCKS ? (long) blocks * chains * WIDTH : 0;
    product = Buffers.floats(between);
    solution = Buffers.floats(between);
    visits = new Visits[workers];
    Arrays.setAll(visits, Visits::new);
    sums = new OuterProducts[training ? team.threads() : 0];
    Arrays.setAll(sums, i -> new OuterProducts(layer.inputSize, layout.groups, team.threads()));
  }

  /** The bits do not depend on this. */
  private Split split(int threads) {
    if (threads == 1) {
      return Split.NOTHING;
    }
    if (divides(batch, threads)) {
      return Split.SEQUENCES;
    }
    if (divides(layout.strips, threads)) {
      return Split.STRIPS;
    }
    if (!serial && blocks >= threads) {
      return Split.BLOCKS;
    }
    return batch > 1 ? Split.SEQUENCES : layout.strips > 1 ? Split.STRIPS : Split.NOTHING;
  }

  private static boolean divides(int pieces, int threads) {
    return pieces % threads == 0 || pieces >= 4 * threads;
  }

  @Override
  public boolean shared(boolean lengths) {
    return workers > 1;
  }

  /** {@return where a thread's part of some pieces begins} */
  private int bound(int pieces, int worker) {
    return (int) ((long) pieces * worker / workers);
  }

  private void barrier() {
    if (workers > 1) {
      team.barrier();
    }
  }

  @Override
  public void forward(
      int worker,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    visits[worker].pass(!reverse, x, y, lengths, initial, last);
    if (split != Split.SEQUENCES) {
      barrier();
    }
  }

  @Override
  public void backward(
      int worker,
      int @Nullable [] lengths,
      float[] gradY,
      @Nullable State gradLast,
      float @Nullable [] gradX,
      @Nullable State gradInitial,
      float[] scratch) {
    visits[worker].pass(reverse, null, gradY, lengths, gradLast, gradInitial);
    // A row of x feeds all units, so it waits for all of their gradients.
    barrier();
    if (gradX != null) {
      int from = bound(steps * batch, worker);
      int to = bound(steps * batch, worker + 1);
      if (!reverse) {
        Arrays.fill(gradX, from * layer.inputSize, to * layer.inputSize, 0f);
      }
      float[] gathered = visits[worker].gathered;
      layer.addInputGradient(gradX, gates, groupStride, from, to, gathered, scratch);
      barrier();
    }
  }

  @Override
  public int gradientTasks() {
    return sums[0].calls();
  }

  @Override
  public void addGradient(int worker, int task, float[] x, float[] gradient) {
    layer.addGradient(gradient, x, gates, atomOffset, steps * batch, sums[worker], task);
  }

  /** One thread's visits: the one in hand, and buffers for it. */
  private final class Visits {
    private final int worker;

    /** The kept gates; else this visit's, {@code [gate][BLOCK][64]}. */
    private final float[] gates;

    // BLOCK rows of 64.
    private final float[] a = Buffers.floats((long) Scan.BLOCK * WIDTH);
    private final float[] b = Buffers.floats((long) Scan.BLOCK * WIDTH);
    private final float[] d = Buffers.floats((long) Scan.BLOCK * WIDTH);
    private final float[] gathered;

    // The pass under way.
    private boolean toLaterSteps;
    private int @Nullable [] lengths;

    // The visit in hand.
    private int block;
    private int sequence;
    private int strip;

    Visits(int worker) {
      this.worker = worker;
      gates =
          keepGates
              ? ScanPass.this.gates
              : Buffers.floats((long) cell.gates() * Scan.BLOCK * WIDTH);
      gathered =
          Buffers.floats(training ? (long) LinearLayer.GATHERED_ROWS * layout.groups * WIDTH : 0);
    }

    /**
     * This thread's part of a pass over all steps.
     *
     * @param x null for a pass back through time
     * @param y written, or read as the gradient to it
     * @param from the state that the pass begins with, or the gradient to it
     * @param to the one that it ends with, written
     */
    void pass(
        boolean toLaterSteps,
        float @Nullable [] x,
        float[] y,
        int @Nullable [] lengths,
        @Nullable State from,
        @Nullable State to) {
      this.toLaterSteps = toLaterSteps;
      this.lengths = lengths;
      visitAll(x, y, from, to, false);
      if (split != Split.BLOCKS) {
        return;
      }
      barrier();
      if (worker == 0) {
        for (sequence = 0; sequence < batch; sequence++) {
          for (strip = 0; strip < layout.strips; strip++) {
            connect();
            finish(to);
          }
        }
      }
      barrier();
      visitAll(x, y, from, to, true);
    }

    /** The one loop: over this thread's sequences, their blocks in the pass's order, and strips. */
    private void visitAll(
        float @Nullable [] x, float[] y, @Nullable State from, @Nullable State to, boolean again) {
      int toSequence = end(Split.SEQUENCES, batch);
      int fromBlock = begin(Split.BLOCKS, blocks);
      int toBlock = end(Split.BLOCKS, blocks);
      int toStrip = end(Split.STRIPS, layout.strips);
      // Short sequences in chunks, so that a strip's weights stay in the cache for as many rows.
      int chunk = Math.ceilDiv(Scan.BLOCK, steps);
      for (int s = begin(Split.SEQUENCES, batch); s < toSequence; s += chunk) {
        int chunkEnd = Math.min(s + chunk, toSequence);
        for (int i = fromBlock; i < toBlock; i++) {
          block = toLaterSteps ? i : fromBlock + toBlock - 1 - i;
          for (strip = begin(Split.STRIPS, layout.strips); strip < toStrip; strip++) {
            for (sequence = s; sequence < chunkEnd; sequence++) {
              visit(x, y, from, to, again);
            }
          }
        }
      }
    }

    private int begin(Split by, int pieces) {
      return split == by ? bound(pieces, worker) : 0;
    }

    private int end(Split by, int pieces) {
      return split == by ? bound(pieces, worker + 1) : pieces;
    }

    private void visit(
        float @Nullable [] x, float[] y, @Nullable State from, @Nullable State to, boolean again) {
      boolean first = first();
      if (first && again) {
        return;
      }
      if (first) {
        start(from, x != null);
      }
      if (rows() > 0) {
        if (x == null) {
          upstream(y);
        } else if (!again) {
          activate(x);
        }
        cell.coefficients(
            rows(), gates, gateRow(), groupStride, gateStride(), a, Buffers.BASE, b, Buffers.BASE);
      }
      boolean carried = split == Split.BLOCKS && !first;
      float[] carry = carried ? product : state;
      int at = carried ? between() : chain();
      if (carried && !again) {
        reduce(x != null);
      } else if (x == null) {
        solveBackward(carry, at);
      } else {
        solveForward(y, carry, at);
      }
      if (split != Split.BLOCKS && block == (toLaterSteps ? blocks - 1 : 0)) {
        finish(to);
      }
    }

    /** The state, or gradient, before the first block of a pass. */
    private void start(@Nullable State from, boolean forward) {
      int at = chain();
      Arrays.fill(state, at, at + WIDTH, 0f);
      if (from != null) {
        System.arraycopy(from.h(), stateOffset(), state, at, units());
      }
      if (training && forward) {
        System.arraycopy(state, at, h, stateRow(reverse ? length() - 1 : 0, 0), WIDTH);
      }
    }

    /** The state, or gradient, after the last block of a pass. */
    private void finish(@Nullable State to) {
      if (to != null) {
        System.arraycopy(state, chain(), to.h(), stateOffset(), units());
      }
    }

    /** The activations from x. */
    private void activate(float[] x) {
      int row = block * Scan.BLOCK * batch + sequence;
      layer.preActivations(
          gates,
          gateBase(),
          atomOffset,
          gateStride(),
          x,
          row * layer.inputSize,
          batch * layer.inputSize,
          strip,
          rows());
      cell.activate(rows(), gates, gateRow(), groupStride, gateStride());
    }

    /** The gradients to h from outside. */
    private void upstream(float[] gradY) {
      int units = units();
      for (int r = 0; r < rows(); r++) {
        int to = Buffers.BASE + r * WIDTH;
        System.arraycopy(gradY, outputRow() + r * batch * layer.outputSize, d, to, units);
        Arrays.fill(d, to + units, to + WIDTH, 0f);
      }
    }

    /** What the block does to the state before it, or to the gradient. */
    private void reduce(boolean forward) {
      int at = between();
      if (forward) {
        Scan.forwardLocal(product, solution, at, a, b, firstRow(), rowStride(), rows(), WIDTH);
      } else {
        Scan.backwardLocal(product, solution, at, a, d, firstRow(), rowStride(), rows(), WIDTH);
      }
    }

    /** Takes a chain's state, the one after its first block, through the others. */
    private void connect() {
      for (int i = 0; i < blocks; i++) {
        block = toLaterSteps ? i : blocks - 1 - i;
        if (rows() > 0 && !first()) {
          Scan.connect(state, chain(), product, solution, between(), WIDTH);
        }
      }
    }

    /**
     * The states, copied to y; zeros past the end of a short sequence.
     *
     * @param carry holds the state before, or on the way back the gradient, from {@code at}
     */
    private void solveForward(float[] y, float[] carry, int at) {
      int rows = rows();
      int units = units();
      int out = outputRow();
      int outStride = batch * layer.outputSize;
      // States that are not kept and fill a strip go straight to y.
      boolean direct = !training && units == WIDTH;
      float[] to = training ? h : direct ? y : d;
      int row = training ? stateRow(block * Scan.BLOCK, 1) : direct ? out : Buffers.BASE;
      int stride = training ? batch * ld : direct ? outStride : WIDTH;
      int first = toLaterSteps ? row : row + (rows - 1) * stride;
      int next = toLaterSteps ? stride : -stride;
      if (rows > 0 && (serial || first())) {
        Scan.forwardSerial(to, first, next, carry, at, a, b, firstRow(), rowStride(), rows, WIDTH);
      } else if (rows > 0) {
        Scan.forward(to, first, next, carry, at, a, b, firstRow(), rowStride(), rows, WIDTH);
      }
      for (int r = direct ? rows : 0; r < rows; r++) {
        System.arraycopy(to, row + r * stride, y, out + r * outStride, units);
      }
      for (int r = rows; r < stepsOfBlock(); r++) {
        Arrays.fill(y, out + r * outStride, out + r * outStride + units, 0f);
      }
    }

    /** Replaces the activations by the gradients to pre-activations; zeros past the end. */
    private void solveBackward(float[] carry, int at) {
      int rows = rows();
      if (rows > 0) {
        if (serial || first()) {
          Scan.backwardSerial(d, carry, at, a, firstRow(), rowStride(), rows, WIDTH);
        } else {
          Scan.backward(d, carry, at, a, firstRow(), rowStride(), rows, WIDTH);
        }
        cell.backward(
            rows,
            gates,
            gateRow(),
            groupStride,
            gateStride(),
            h,
            stateRow(block * Scan.BLOCK, 0),
            batch * ld,
            d,
            Buffers.BASE);
      }
      for (int gate = 0; gate < cell.gates(); gate++) {
        for (int r = rows; r < stepsOfBlock(); r++) {
          int row = gateRow() + gate * groupStride + r * gateStride();
          Arrays.fill(gates, row, row + WIDTH, 0f);
        }
      }
    }

    private int length() {
      return lengths == null ? steps : lengths[sequence];
    }

    private int stepsOfBlock() {
      return Math.min(Scan.BLOCK, steps - block * Scan.BLOCK);
    }

    /** Steps of the block that the sequence has. */
    private int rows() {
      return Math.max(0, Math.min(Scan.BLOCK, length() - block * Scan.BLOCK));
    }

    /**
     * Whether the block is the first that the pass comes to in this sequence. It is solved step by
     * step: a sequence of one block then has the bits of the plain loop, and can be cut in two that
     * carry the state on.
     */
    private boolean first() {
      return block == (toLaterSteps ? 0 : (length() - 1) / Scan.BLOCK);
    }

    private int units() {
      return Math.min(WIDTH, layer.hiddenSize - strip * WIDTH);
    }

    /** Where the strip is in a {@link State}. */
    private int stateOffset() {
      return (layer.index * batch + sequence) * layer.hiddenSize + strip * WIDTH;
    }

    private int chain() {
      return Buffers.BASE + (sequence * layout.strips + strip) * WIDTH;
    }

    private int between() {
      return chain() + block * chains * WIDTH;
    }

    /** Where gate 0 starts. */
    private int gateRow() {
      return gateBase() + atomOffset[strip * atomOffset.length / layout.strips];
    }

    private int gateBase() {
      return Buffers.BASE + (keepGates ? (block * Scan.BLOCK * batch + sequence) * WIDTH : 0);
    }

    private int gateStride() {
      return keepGates ? batch * WIDTH : WIDTH;
    }

    /** Where the row of a, b and d is that the recurrence begins with. */
    private int firstRow() {
      return Buffers.BASE + (toLaterSteps ? 0 : (rows() - 1) * WIDTH);
    }

    private int rowStride() {
      return toLaterSteps ? WIDTH : -WIDTH;
    }

    /** Where the state before (0) or after (1) step t is. */
    private int stateRow(int t, int after) {
      int row = reverse ? t + 1 - after : t + after;
      return Buffers.BASE + (row * batch + sequence) * ld + strip * WIDTH;
    }

    private int outputRow() {
      return (block * Scan.BLOCK * batch + sequence) * layer.outputSize
          + layer.outputOffset
          + strip * WIDTH;
    }
  }
}
