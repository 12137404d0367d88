package dev.unroll.run;

import dev.unroll.cell.DiagonalCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.StripCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Scan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StripLayer} over one shape. Words: {@link GateLayout}.
 *
 * <p>Each block of each chain is visited. A forward visit computes the gates from x and solves the
 * block while they are in the cache: by a scan, or by the steps of a {@link DiagonalCell}. Chains
 * are independent; a block needs the state before it. Blocks begin at multiples of {@link
 * Scan#BLOCK} in t, whatever the direction and the lengths.
 *
 * <p>Threads divide the sequences or the strips where those are enough to go round. Else, of a
 * {@link LinearCell}, they divide the blocks and visit them twice: first for what each does to the
 * state before it, then, when the states between them are known, to solve it ({@link Scan} says why
 * the bits are the same).
 *
 * <p>Letters: T steps, B batch, H units, ld the padded width of a state row. A plane is H floats of
 * the states of a sequence, see {@link DiagonalCell}.
 */
final class StripPass implements LayerPass {
  private static final int WIDTH = StripCell.UNITS;
  private static final int BLOCK_PLANE = Scan.BLOCK * WIDTH;
  private static final int RUN_PLANE = BLOCK_PLANE + WIDTH;

  /** What threads divide among themselves. */
  private enum Split {
    NOTHING,
    SEQUENCES,
    STRIPS,
    BLOCKS
  }

  private final StripLayer layer;
  private final GateLayout layout;
  private final StripCell cell;

  /** The part of a {@link State} that each plane is in, where in a row, and how long a row is. */
  private final int[] part;

  private final int[] partOffset;
  private final int[] partWidth;

  /** The first planes, which are the output. */
  private final int outputs;

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

  /**
   * In training, states {@code [plane][T + 1][B][ld]}, where row t + 1 (in reverse: t) holds h_t.
   */
  private final float[] h;

  private final int hPlane;

  /** The running state, or gradient, of each chain: {@code [plane][B][strips][64]}. */
  private final float[] state;

  private final int statePlane;

  /** In training, what each visit adds to the gradient to the constants: {@code [block][chain]}. */
  private final float[] constantSums;

  /**
   * What each block does to the state before it, and then that state: {@code [block][chain][64]}.
   */
  private final float[] product;

  private final float[] solution;

  private boolean inputProductOnly;

  private final Visits[] visits;

  /** For each thread, the sums of the gradient to the weights. */
  private final OuterProducts[] sums;

  StripPass(StripLayer layer, int steps, int batch, boolean training, Team team, ScanForm form) {
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
    part = new int[planes(layer)];
    partOffset = new int[part.length];
    partWidth = new int[part.length];
    int plane = 0;
    for (int i = 0; i < layer.widths.length; i++) {
      for (int at = 0; at < layer.widths[i]; at += layer.hiddenSize, plane++) {
        part[plane] = i;
        partOffset[plane] = at;
        partWidth[plane] = layer.widths[i];
      }
    }
    outputs = layer.stateSize / layer.hiddenSize;
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
    long plane0 = training ? (steps + 1L) * batch * ld : 0;
    h = Buffers.floats(part.length * plane0);
    hPlane = (int) plane0;
    statePlane = chains * WIDTH;
    state = Buffers.floats((long) part.length * statePlane);
    constantSums = Buffers.floats(training ? (long) blocks * chains * layer.perUnit * WIDTH : 0);
    long between = split == Split.BLOCKS ? (long) blocks * chains * WIDTH : 0;
    product = Buffers.floats(between);
    solution = Buffers.floats(between);
    visits = new Visits[workers];
    Arrays.setAll(visits, Visits::new);
    sums = new OuterProducts[training ? team.threads() : 0];
    Arrays.setAll(sums, i -> new OuterProducts(layer.inputSize, layout.groups, team.threads()));
  }

  private static int planes(StripLayer layer) {
    return Arrays.stream(layer.widths).sum() / layer.hiddenSize;
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
    if (!serial && cell instanceof LinearCell && blocks >= threads) {
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

  /** As {@link Workspace#restrictTo}. */
  void restrictToInputProduct(boolean only) {
    inputProductOnly = only;
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
      float[] x,
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
    return sums[0].calls() + (layer.perUnit > 0 ? 1 : 0);
  }

  @Override
  public void addGradient(int worker, int task, float[] x, float[] values, float[] gradient) {
    if (task < sums[0].calls()) {
      layer.addGradient(gradient, x, gates, atomOffset, steps * batch, sums[worker], task);
    } else {
      layer.addOwnGradient(gradient, constantSums, blocks * batch, values);
    }
  }

  /** One thread's visits: the one in hand, and buffers for it. */
  private final class Visits {
    private final int worker;

    /** The kept gates; else this visit's, {@code [gate][BLOCK][64]}. */
    private final float[] gates;

    // BLOCK rows of 64.
    private final float[] a = Buffers.floats((long) Scan.BLOCK * WIDTH);
    private final float[] b = Buffers.floats((long) Scan.BLOCK * WIDTH);
    private final float[] d = Buffers.floats((long) Scan.BLOCK * WIDTH * outputs);

    /** In inference, the states of a {@link DiagonalCell}, {@code [plane][BLOCK + 1][64]}. */
    private final float[] run =
        Buffers.floats(training || cell instanceof LinearCell ? 0 : (long) RUN_PLANE * part.length);

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
              ? StripPass.this.gates
              : Buffers.floats((long) cell.gates() * Scan.BLOCK * WIDTH);
      gathered =
          Buffers.floats(training ? (long) AheadLayer.GATHERED_ROWS * layout.groups * WIDTH : 0);
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
          inputProduct(x);
          if (inputProductOnly) {
            return;
          }
          activate();
        }
        if (cell instanceof LinearCell linear) {
          linear.coefficients(
              rows(),
              gates,
              gateRow(),
              groupStride,
              gateStride(),
              layer.constants,
              layer.constant(strip, 0),
              a,
              Buffers.BASE,
              b,
              Buffers.BASE);
        }
      }
      boolean carried = split == Split.BLOCKS && !first;
      float[] carry = carried ? product : state;
      int at = carried ? between() : chain();
      if (carried && !again) {
        reduce(x != null);
      } else if (x == null) {
        backward(carry, at);
      } else {
        forward(y, carry, at);
      }
      if (split != Split.BLOCKS && block == (toLaterSteps ? blocks - 1 : 0)) {
        finish(to);
      }
    }

    /** The state, or gradient, before the first block of a pass. */
    private void start(@Nullable State from, boolean forward) {
      int at = chain();
      for (int plane = 0; plane < part.length; plane++, at += statePlane) {
        Arrays.fill(state, at, at + WIDTH, 0f);
        if (from != null) {
          System.arraycopy(from.part(part[plane]), stateOffset(plane), state, at, units());
        }
        if (training && forward) {
          int to = stateRow(reverse ? length() - 1 : 0, 0) + plane * hPlane;
          System.arraycopy(state, at, h, to, WIDTH);
        }
      }
    }

    /** The state, or gradient, after the last block of a pass. */
    private void finish(@Nullable State to) {
      for (int plane = 0; plane < part.length && to != null; plane++) {
        int at = chain() + plane * statePlane;
        System.arraycopy(state, at, to.part(part[plane]), stateOffset(plane), units());
      }
    }

    /** The pre-activations from x. */
    private void inputProduct(float[] x) {
      int row = block * Scan.BLOCK * batch + sequence;
      layer.preActivations(
          gates,
          gateBase(),
          atomOffset,
          gateStride(),
          x,
          row * layer.inputSize,
          batch * layer.inputSize,
          strip * cell.gates(),
          (strip + 1) * cell.gates(),
          rows());
    }

    /** The activations, where they do not depend on the state. */
    private void activate() {
      if (cell instanceof LinearCell linear) {
        linear.activate(rows(), gates, gateRow(), groupStride, gateStride());
      }
    }

    /** The gradients to h from outside. */
    private void upstream(float[] gradY) {
      int units = units();
      for (int plane = 0; plane < outputs; plane++) {
        for (int r = 0; r < rows(); r++) {
          int to = Buffers.BASE + plane * BLOCK_PLANE + r * WIDTH;
          int from = outputRow(plane) + r * batch * layer.outputSize;
          System.arraycopy(gradY, from, d, to, units);
          Arrays.fill(d, to + units, to + WIDTH, 0f);
        }
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

    /** The states, copied to y; zeros past the end of a short sequence. */
    private void forward(float[] y, float[] carry, int at) {
      if (cell instanceof DiagonalCell diagonal) {
        if (rows() > 0) {
          stepForward(diagonal, y);
        }
      } else {
        solveForward(y, carry, at);
      }
      for (int plane = 0; plane < outputs; plane++) {
        for (int r = rows(); r < stepsOfBlock(); r++) {
          int out = outputRow(plane) + r * batch * layer.outputSize;
          Arrays.fill(y, out, out + units(), 0f);
        }
      }
    }

    private void stepForward(DiagonalCell diagonal, float[] y) {
      int rows = rows();
      float[] states = training ? h : run;
      int plane = training ? hPlane : RUN_PLANE;
      int stride = training ? (reverse ? -batch * ld : batch * ld) : WIDTH;
      int first = training ? stateRow(firstStep(), 0) : Buffers.BASE;
      for (int p = 0; p < part.length && !training; p++) {
        System.arraycopy(state, chain() + p * statePlane, run, first + p * plane, WIDTH);
      }
      diagonal.forward(
          rows,
          gates,
          firstGateRow(),
          groupStride,
          reverse ? -gateStride() : gateStride(),
          layer.constants,
          layer.constant(strip, 0),
          states,
          first,
          plane,
          stride);
      for (int p = 0; p < part.length; p++) {
        int last = first + p * plane + rows * stride;
        System.arraycopy(states, last, state, chain() + p * statePlane, WIDTH);
      }
      int units = units();
      for (int p = 0; p < outputs; p++) {
        int out = outputRow(p);
        for (int r = 0; r < rows; r++) {
          int step = reverse ? rows - 1 - r : r;
          System.arraycopy(
              states,
              first + p * plane + (r + 1) * stride,
              y,
              out + step * batch * layer.outputSize,
              units);
        }
      }
    }

    /**
     * The solution of a block.
     *
     * @param carry holds the state before, or on the way back the gradient, from {@code at}
     */
    private void solveForward(float[] y, float[] carry, int at) {
      int rows = rows();
      int units = units();
      int out = outputRow(0);
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
    }

    /** Replaces the activations by the gradients to pre-activations; zeros past the end. */
    private void backward(float[] carry, int at) {
      int rows = rows();
      int sums = constantSums();
      Arrays.fill(constantSums, sums, sums + layer.perUnit * WIDTH, 0f);
      if (rows > 0) {
        switch (cell) {
          case DiagonalCell diagonal -> stepBackward(diagonal, sums);
          case LinearCell linear -> solveBackward(linear, carry, at, sums);
        }
      }
      for (int gate = 0; gate < cell.gates(); gate++) {
        for (int r = rows; r < stepsOfBlock(); r++) {
          int row = gateRow() + gate * groupStride + r * gateStride();
          Arrays.fill(gates, row, row + WIDTH, 0f);
        }
      }
    }

    private void stepBackward(DiagonalCell diagonal, int sums) {
      int last = reverse ? (rows() - 1) * WIDTH : 0;
      diagonal.backward(
          rows(),
          gates,
          firstGateRow(),
          groupStride,
          reverse ? -gateStride() : gateStride(),
          layer.constants,
          layer.constant(strip, 0),
          h,
          stateRow(firstStep(), 0),
          hPlane,
          reverse ? -batch * ld : batch * ld,
          state,
          chain(),
          statePlane,
          d,
          Buffers.BASE + last,
          BLOCK_PLANE,
          reverse ? -WIDTH : WIDTH,
          constantSums,
          sums);
    }

    private void solveBackward(LinearCell linear, float[] carry, int at, int sums) {
      int rows = rows();
      if (serial || first()) {
        Scan.backwardSerial(d, carry, at, a, firstRow(), rowStride(), rows, WIDTH);
      } else {
        Scan.backward(d, carry, at, a, firstRow(), rowStride(), rows, WIDTH);
      }
      linear.backward(
          rows,
          gates,
          gateRow(),
          groupStride,
          gateStride(),
          h,
          stateRow(block * Scan.BLOCK, 0),
          batch * ld,
          d,
          Buffers.BASE,
          layer.constants,
          layer.constant(strip, 0),
          a,
          Buffers.BASE,
          b,
          Buffers.BASE,
          constantSums,
          sums);
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
    private int stateOffset(int plane) {
      return (layer.index * batch + sequence) * partWidth[plane]
          + partOffset[plane]
          + strip * WIDTH;
    }

    /** Where this visit's sums of gradients to constants start. */
    private int constantSums() {
      return Buffers.BASE
          + ((block * batch + sequence) * layout.strips + strip) * layer.perUnit * WIDTH;
    }

    /** The step that a forward pass comes to first in the block. */
    private int firstStep() {
      return block * Scan.BLOCK + (reverse ? rows() - 1 : 0);
    }

    /** Where gate 0 of that step starts. */
    private int firstGateRow() {
      return gateRow() + (reverse ? (rows() - 1) * gateStride() : 0);
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

    private int outputRow(int plane) {
      return (block * Scan.BLOCK * batch + sequence) * layer.outputSize
          + layer.outputOffset
          + plane * layer.hiddenSize
          + strip * WIDTH;
    }
  }
}
