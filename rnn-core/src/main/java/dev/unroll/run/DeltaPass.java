package dev.unroll.run;

import dev.unroll.cell.DeltaCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.DeltaGradient;
import dev.unroll.kernel.DeltaRule;
import dev.unroll.kernel.DotProduct;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DeltaLayer} over one shape, sequence by sequence and there block by block of {@value
 * #BLOCK} steps: the products with x first, then each strip of each head's state through the steps
 * of the block, while it is in the L1 cache.
 *
 * <p>For the pass back, the states before the blocks are kept. From there the states between the
 * steps are computed again, to the bit, with what forward has left of v.
 *
 * <p>Threads divide the sequences. Where these are too few they share each block: its steps, while
 * they multiply by x, then the <b>pieces</b>, which are the strips of {@link DeltaRule#STRIP}
 * columns of all heads.
 *
 * <p>Letters: T steps, B batch, N heads, K and V floats of a key and a value, n Householder steps.
 */
final class DeltaPass implements LayerPass {
  /** Steps of a block. Results do not depend on it. */
  private static final int BLOCK = 32;

  private static final int STRIP = DeltaRule.STRIP;

  /** What threads divide among themselves. */
  private enum Split {
    NOTHING,
    SEQUENCES,
    PIECES
  }

  private final DeltaLayer layer;
  private final DeltaCell cell;
  private final DeltaCell.Layout head;
  private final Team team;
  private final boolean training;
  private final int steps;
  private final int batch;
  private final int heads;
  private final int stripsOfHead;
  private final int pieces;
  private final Split split;
  private final int workers;

  /** Floats of a piece of the state, {@code [K][64]}, and of one that lies the other way. */
  private final int pieceSize;

  private final int turnedSize;

  /** Floats of a step of a block: all heads. */
  private final int rowSize;

  // Of the layout of a head, which would compute them at each call.
  private final int headWidth;
  private final int keyAtoms;
  private final int valueAtoms;

  /** From a group of the products with x to the next, and from a step of a sequence to the next. */
  private final int groupStride;

  private final int stepStride;
  private final int[] atomOffset;

  /**
   * Where each strip's v_j, {@code [piece][n]}, lie among the products of a row, or -1 where they
   * do not lie side by side there and are copied to the rows of their head.
   */
  private final int[] valueOffset;

  /**
   * In training, the products with x of all steps, {@code [group][T * B][64]}, v replaced by what
   * forward leaves of it; then gradients.
   */
  private final float[] kept;

  /** In training, the states before the blocks, {@code [block][B][piece]}. */
  private final float[] checkpoints;

  /** In training, each step's part of the gradient to a_log, {@code [T * B][N]}. */
  private final float[] rateGradient;

  private boolean inputProductOnly;
  private final Block[] blocks;
  private final Worker[] each;

  /** Whose steps are taken, in a {@link DeltaStep}; else null. */
  private @Nullable Rows streams;

  /** Sequences in hand: B, but in a {@link DeltaStep} as many as come together. */
  private int count;

  /** For each thread, the sums of the gradient to the weights. */
  private final OuterProducts[] sums;

  DeltaPass(DeltaLayer layer, int steps, int batch, boolean training, Team team) {
    if (training) {
      layer.allocateBackward();
    }
    this.layer = layer;
    cell = layer.cell;
    head = layer.head;
    this.team = team;
    this.training = training;
    this.steps = steps;
    this.batch = batch;
    count = batch;
    heads = layer.heads;
    stripsOfHead = Math.ceilDiv(head.valueSize(), STRIP);
    pieces = heads * stripsOfHead;
    split = split(team.threads());
    workers = split == Split.NOTHING ? 1 : team.threads();
    pieceSize = head.keySize() * STRIP;
    turnedSize = head.keyWidth() * STRIP;
    headWidth = head.width();
    rowSize = heads * headWidth;
    keyAtoms = head.keyWidth() / Columns.ATOM;
    valueAtoms = head.valueWidth() / Columns.ATOM;
    int longest = Math.min(steps, BLOCK);
    int multiplied = steps > 1 ? longest : Math.min(batch, BLOCK);
    long all = (long) steps * batch;
    groupStride = (training ? (int) all : multiplied) * Panels.WIDTH;
    stepStride = (training ? batch : 1) * Panels.WIDTH;
    atomOffset = layer.layout.input.offsets(groupStride);
    valueOffset = new int[pieces * cell.householder()];
    Arrays.setAll(
        valueOffset,
        i -> {
          int p = i / cell.householder();
          int atom = valueAtom(i % cell.householder(), p);
          return sideBySide(atom, columns(p)) ? atomOffset[atom] : -1;
        });
    kept = Buffers.floats(training ? layer.layout.groups * all * Panels.WIDTH : 0);
    long before = (long) Math.ceilDiv(steps, BLOCK) * batch * pieces * pieceSize;
    checkpoints = Buffers.floats(training ? before : 0);
    rateGradient = new float[training ? Math.toIntExact(all * heads) : 0];
    blocks = new Block[split == Split.SEQUENCES ? workers : 1];
    Arrays.setAll(blocks, i -> new Block(longest));
    each = new Worker[workers];
    Arrays.setAll(each, i -> new Worker(i, longest));
    sums = new OuterProducts[training ? team.threads() : 0];
    Arrays.setAll(
        sums, i -> new OuterProducts(layer.inputSize, layer.layout.groups, team.threads()));
  }

  /** The bits do not depend on this. */
  private Split split(int threads) {
    if (threads == 1) {
      return Split.NOTHING;
    }
    if (batch % threads == 0 || batch >= 4 * threads) {
      return Split.SEQUENCES;
    }
    return pieces > 1 ? Split.PIECES : batch > 1 ? Split.SEQUENCES : Split.NOTHING;
  }

  @Override
  public boolean shared(boolean lengths) {
    return workers > 1;
  }

  /** As {@link Workspace#restrictTo}. */
  void restrictToInputProduct(boolean only) {
    inputProductOnly = only;
  }

  /** {@return where a thread's part of some things begins} */
  private int bound(int things, int worker) {
    return (int) ((long) things * worker / workers);
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
    each[worker].forward(x, initial, lengths, y, last);
  }

  /**
   * One step of some streams' sequences, which carries their states on.
   *
   * @param x {@code [rows, I]}
   * @param rows at most B
   * @param y {@code [rows, S]}, written
   */
  void step(float[] x, Rows rows, float[] y) {
    streams = rows;
    count = rows.count();
    each[0].forward(x, null, null, y, null);
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
    each[worker].backward(lengths, gradY, gradLast, gradInitial);
    // A row of x feeds all heads, so it waits for all of their gradients.
    barrier();
    if (gradX != null) {
      int from = bound(steps * batch, worker);
      int to = bound(steps * batch, worker + 1);
      if (!layer.reverse) {
        Arrays.fill(gradX, from * layer.inputSize, to * layer.inputSize, 0f);
      }
      layer.addInputGradient(gradX, kept, groupStride, from, to, each[worker].gathered, scratch);
      barrier();
    }
  }

  @Override
  public int gradientTasks() {
    return sums[0].calls() + 1;
  }

  @Override
  public void addGradient(int worker, int task, float[] x, float[] values, float[] gradient) {
    int rows = steps * batch;
    if (task < sums[0].calls()) {
      layer.addGradient(gradient, x, kept, atomOffset, rows, sums[worker], task);
      return;
    }
    for (int h = 0; h < heads; h++) {
      int alpha = Buffers.BASE + place(layer.alphaAtom, h);
      double rate = 0;
      double bias = 0;
      for (int row = 0; row < rows; row++) {
        rate += rateGradient[row * heads + h];
        bias += kept[alpha + row * Panels.WIDTH];
      }
      gradient[layer.aLog.offset() + h] += (float) rate;
      gradient[layer.dtBias.offset() + h] += (float) bias;
    }
  }

  /** {@return columns of a strip, with those that fill up its last atom} */
  private int columns(int p) {
    return Math.min(STRIP, head.valueWidth() - p % stripsOfHead * STRIP);
  }

  /** {@return the first atom of a head's q, for which j is -1, or k_j} */
  private int keyAtom(int j, int h) {
    int vector = j < 0 ? h : j * heads + h;
    return (j < 0 ? layer.queryAtom : layer.keyAtom) + vector * keyAtoms;
  }

  /** {@return the first atom of a strip's v_j} */
  private int valueAtom(int j, int p) {
    int strip = p % stripsOfHead * STRIP / Columns.ATOM;
    return layer.valueAtom + (j * heads + p / stripsOfHead) * valueAtoms + strip;
  }

  /** {@return whether columns are in one group of the products, where they can be used} */
  private boolean sideBySide(int atom, int width) {
    return atomOffset[atom] % Panels.WIDTH + width <= Panels.WIDTH;
  }

  /** {@return where a column is that lies so many after the first of an atom} */
  private int place(int atom, int column) {
    return atomOffset[atom + column / Columns.ATOM] + column % Columns.ATOM;
  }

  /** A block of a sequence; threads that share it meet after each phase. */
  private final class Block {
    /** The products with x, of all steps as above or of this block. */
    final float[] products;

    /** The numbers of all heads at each step, {@code [step][N][width]}; v where it is copied. */
    final float[] rows;

    /** The state, {@code [piece][K][64]}. */
    final float[] state;

    /** The gradient to it, {@code [piece][64][K padded]}. */
    final float[] gradient;

    /** Each piece's part of the gradients to the rows, {@code [step][piece][width without v]}. */
    final float[] parts;

    Block(int longest) {
      products = training ? kept : Buffers.floats((long) layer.layout.groups * groupStride);
      rows = Buffers.floats((long) longest * rowSize);
      state = Buffers.floats((long) pieces * pieceSize);
      gradient = Buffers.floats(training ? (long) pieces * turnedSize : 0);
      parts = Buffers.floats(training ? (long) longest * pieces * head.withoutValues() : 0);
    }
  }

  /** One thread: what it has in hand, and buffers for it. */
  private final class Worker {
    private final int worker;
    private final Block own;

    /** Sᵀ k of the step to come, of one strip. */
    private final float[] recalled = Buffers.floats(STRIP);

    /** A strip's outputs in the block, or the gradients to them, {@code [step][64]}. */
    private final float[] outputs;

    private final float[] zeros = Buffers.floats(STRIP);
    private final float[] partial = Buffers.floats(DotProduct.LANES);
    private final DeltaCell.Gates gates;

    // For the pass back.
    private final DeltaGradient delta = new DeltaGradient();

    /** A strip's states in the block, each the other way: {@code [n * step][64][K padded]}. */
    private final float[] states;

    private final float[] unused;
    private final float[] gathered;

    // The block in hand.
    private int sequence;
    private int block;
    private int rows;

    // The piece in hand.
    private int piece;
    private int ofHead;
    private int fromColumn;
    private int columns;
    private int values;

    Worker(int worker, int longest) {
      this.worker = worker;
      own = blocks[split == Split.SEQUENCES ? worker : 0];
      outputs = Buffers.floats((long) longest * STRIP);
      gates = cell.new Gates(heads, longest);
      long between = (long) longest * cell.householder() * turnedSize;
      states = Buffers.floats(training ? between : 0);
      unused = Buffers.floats(head.keyWidth());
      gathered =
          Buffers.floats(
              training ? (long) AheadLayer.GATHERED_ROWS * layer.layout.groups * Panels.WIDTH : 0);
    }

    void forward(
        float[] x,
        @Nullable State initial,
        int @Nullable [] lengths,
        float[] y,
        @Nullable State last) {
      for (sequence = begin(Split.SEQUENCES, count);
          sequence < end(Split.SEQUENCES, count);
          sequence++) {
        for (setPiece(firstPiece()); piece < endPiece(); setPiece(piece + 1)) {
          load(matrices(initial));
        }
        int all = Math.ceilDiv(steps, BLOCK);
        for (int i = 0; i < all; i++) {
          setBlock(layer.reverse ? all - 1 - i : i, lengths);
          multiply(x);
          meet();
          for (setPiece(firstPiece());
              piece < endPiece() && !inputProductOnly;
              setPiece(piece + 1)) {
            run();
            write(y);
          }
          meet();
        }
        float[] to = matrices(last);
        for (setPiece(firstPiece()); piece < endPiece() && to != null; setPiece(piece + 1)) {
          store(to);
        }
      }
    }

    void backward(
        int @Nullable [] lengths,
        float[] gradY,
        @Nullable State gradLast,
        @Nullable State gradInitial) {
      for (sequence = begin(Split.SEQUENCES, batch);
          sequence < end(Split.SEQUENCES, batch);
          sequence++) {
        for (setPiece(firstPiece()); piece < endPiece(); setPiece(piece + 1)) {
          loadGradient(gradLast);
        }
        int count = Math.ceilDiv(steps, BLOCK);
        for (int i = 0; i < count; i++) {
          setBlock(layer.reverse ? i : count - 1 - i, lengths);
          activate();
          meet();
          for (setPiece(firstPiece()); piece < endPiece(); setPiece(piece + 1)) {
            read(gradY);
            runBack();
          }
          meet();
          finish();
          meet();
        }
        for (setPiece(firstPiece());
            piece < endPiece() && gradInitial != null;
            setPiece(piece + 1)) {
          storeGradient(gradInitial);
        }
      }
    }

    private void meet() {
      if (split == Split.PIECES) {
        team.barrier();
      }
    }

    private int begin(Split by, int things) {
      return split == by ? bound(things, worker) : 0;
    }

    private int end(Split by, int things) {
      return split == by ? bound(things, worker + 1) : things;
    }

    private int firstPiece() {
      return begin(Split.PIECES, pieces);
    }

    private int endPiece() {
      return end(Split.PIECES, pieces);
    }

    private void setPiece(int next) {
      piece = next;
      ofHead = piece / stripsOfHead;
      fromColumn = piece % stripsOfHead * STRIP;
      columns = columns(piece);
      values = Math.min(STRIP, head.valueSize() - fromColumn);
    }

    private void setBlock(int i, int @Nullable [] lengths) {
      block = i;
      int length = lengths == null ? steps : lengths[sequence];
      rows = Math.clamp(length - (long) block * BLOCK, 0, BLOCK);
    }

    private int stepsOfBlock() {
      return Math.min(BLOCK, steps - block * BLOCK);
    }

    /** {@return the row of the s-th step of the block in the order of the pass} */
    private int row(int s) {
      return layer.reverse ? rows - 1 - s : s;
    }

    private int firstStep() {
      return block * BLOCK * batch + sequence;
    }

    /** Where the products of row 0 are, without the atom's offset. */
    private int product() {
      int row = training ? firstStep() : steps > 1 ? 0 : inChunk();
      return Buffers.BASE + row * Panels.WIDTH;
    }

    /** Of single steps, which of those that are multiplied together this sequence's is. */
    private int inChunk() {
      return (sequence - begin(Split.SEQUENCES, count)) % BLOCK;
    }

    /** Where a head's numbers are at a row. */
    private int at(int row, int h) {
      return Buffers.BASE + row * rowSize + h * headWidth;
    }

    private int part(int row, int p) {
      return Buffers.BASE + (row * pieces + p) * head.withoutValues();
    }

    private int statePiece() {
      return Buffers.BASE + piece * pieceSize;
    }

    private int gradientPiece() {
      return Buffers.BASE + piece * turnedSize;
    }

    private int checkpoint() {
      return Buffers.BASE + ((block * batch + sequence) * pieces + piece) * pieceSize;
    }

    /** {@return where the sequence's state is: in a stream, or in what a pass was given} */
    private float @Nullable [] matrices(@Nullable State given) {
      State state = streams == null ? given : streams.stream(sequence).state();
      return state == null ? null : state.part(0);
    }

    /** Where the piece is in a {@link State}. */
    private int stateOffset() {
      int row = streams == null ? layer.index * batch + sequence : streams.place(layer, sequence);
      int matrix = row * heads + ofHead;
      return matrix * head.keySize() * head.valueSize() + fromColumn;
    }

    /** Where this piece's columns start in a row of y. */
    private int outputOffset() {
      return firstStep() * layer.outputSize
          + layer.outputOffset
          + ofHead * head.valueSize()
          + fromColumn;
    }

    private void load(float @Nullable [] initial) {
      int to = statePiece();
      if (initial == null || values < STRIP) {
        Arrays.fill(own.state, to, to + pieceSize, 0f);
      }
      for (int i = 0; i < head.keySize() && initial != null; i++) {
        System.arraycopy(
            initial, stateOffset() + i * head.valueSize(), own.state, to + i * STRIP, values);
      }
    }

    private void store(float[] last) {
      for (int i = 0; i < head.keySize(); i++) {
        System.arraycopy(
            own.state,
            statePiece() + i * STRIP,
            last,
            stateOffset() + i * head.valueSize(),
            values);
      }
    }

    private void loadGradient(@Nullable State gradLast) {
      int to = gradientPiece();
      Arrays.fill(own.gradient, to, to + turnedSize, 0f);
      for (int i = 0; i < head.keySize() && gradLast != null; i++) {
        int from = stateOffset() + i * head.valueSize();
        for (int j = 0; j < values; j++) {
          own.gradient[to + j * head.keyWidth() + i] = gradLast.part(0)[from + j];
        }
      }
    }

    private void storeGradient(State gradInitial) {
      for (int i = 0; i < head.keySize(); i++) {
        int to = stateOffset() + i * head.valueSize();
        for (int j = 0; j < values; j++) {
          gradInitial.part(0)[to + j] = own.gradient[gradientPiece() + j * head.keyWidth() + i];
        }
      }
    }

    /** This thread's rows of the block: the products with x, and what follows from them. */
    private void multiply(float[] x) {
      int from = begin(Split.PIECES, rows);
      int to = end(Split.PIECES, rows);
      if (steps > 1 && from < to) {
        multiply(x, from, batch, to - from);
      } else if (from < to && inChunk() == 0) {
        // Single steps of some sequences together, which read the weights once.
        multiply(x, 0, 1, Math.min(BLOCK, end(Split.SEQUENCES, count) - sequence));
      }
      if (!inputProductOnly) {
        activate();
      }
    }

    /**
     * The products of some rows with x.
     *
     * @param from the first row of the block
     * @param stride rows of x from one to the next
     */
    private void multiply(float[] x, int from, int stride, int count) {
      layer.preActivations(
          own.products,
          product() + from * stepStride,
          atomOffset,
          steps > 1 ? stepStride : Panels.WIDTH,
          x,
          (firstStep() + from * batch) * layer.inputSize,
          stride * layer.inputSize,
          0,
          layer.layout.groups,
          count);
    }

    /** q, k, beta and the decay of this thread's rows, and v where it is copied. */
    private void activate() {
      int from = begin(Split.PIECES, rows);
      int to = end(Split.PIECES, rows);
      int betas = gates.betaWidth();
      int alphas = gates.alphaWidth();
      for (int row = from; row < to; row++) {
        int product = product() + row * stepStride;
        int beta = Buffers.BASE + (row - from) * betas;
        int alpha = Buffers.BASE + (row - from) * alphas;
        moveAtoms(product, layer.betaAtom, betas, gates.beta(), beta, false);
        moveAtoms(product, layer.alphaAtom, alphas, gates.alpha(), alpha, false);
      }
      gates.activate(to - from, layer.rate, layer.dt);
      for (int row = from; row < to; row++) {
        for (int h = 0; h < heads; h++) {
          for (int j = -1; j < cell.householder(); j++) {
            normalize(row, h, j);
          }
          gates.copy(row - from, h, own.rows, at(row, h), head);
        }
        moveValues(row, 0, pieces, false);
      }
    }

    /** A head's q, for which j is -1, or k_j, at a row. */
    private void normalize(int row, int h, int j) {
      int at = at(row, h);
      int atom = keyAtom(j, h);
      int product = product() + row * stepStride;
      if (sideBySide(atom, head.keyWidth())) {
        int x = product + atomOffset[atom];
        cell.normalize(own.rows, at, head, j, own.products, x, partial);
      } else {
        int x = at + head.k(j);
        moveAtoms(product, atom, head.keyWidth(), own.rows, x, false);
        cell.normalize(own.rows, at, head, j, own.rows, x, partial);
      }
    }

    /** Copies those v_j of some strips that do not lie side by side from the products, or back. */
    private void moveValues(int row, int fromPiece, int toPiece, boolean back) {
      for (int p = fromPiece; p < toPiece; p++) {
        for (int j = 0; j < cell.householder(); j++) {
          if (copied(p, j)) {
            int product = product() + row * stepStride;
            moveAtoms(product, valueAtom(j, p), columns(p), own.rows, copy(row, p, j), back);
          }
        }
      }
    }

    private boolean copied(int p, int j) {
      return valueOffset[p * cell.householder() + j] < 0;
    }

    /** Where the copy of a strip's v_j is. */
    private int copy(int row, int p, int j) {
      return at(row, p / stripsOfHead) + head.v(j) + p % stripsOfHead * STRIP;
    }

    /** In as few pieces as there are groups. */
    private void moveAtoms(
        int product, int atom, int width, float[] numbers, int at, boolean back) {
      int moved = 0;
      while (moved < width) {
        int next = atom + moved / Columns.ATOM;
        int from = product + atomOffset[next];
        int count = Math.min(width - moved, Panels.WIDTH - atomOffset[next] % Panels.WIDTH);
        if (back) {
          System.arraycopy(numbers, at + moved, own.products, from, count);
        } else {
          System.arraycopy(own.products, from, numbers, at + moved, count);
        }
        moved += count;
      }
    }

    /** What holds the v_j of the piece in hand, and what replaces them. */
    private float[] valueArray(int j) {
      return copied(piece, j) ? own.rows : own.products;
    }

    /** Where they are in it at a row. */
    private int valueAt(int row, int j) {
      return copied(piece, j)
          ? copy(row, piece, j)
          : product() + row * stepStride + valueOffset[piece * cell.householder() + j];
    }

    /** The piece in hand through the steps of the block. */
    private void run() {
      int state = statePiece();
      if (training) {
        System.arraycopy(own.state, state, checkpoints, checkpoint(), pieceSize);
      }
      if (rows == 0) {
        return;
      }
      int keys = head.keySize();
      int at = at(row(0), ofHead);
      DeltaRule.recall(
          recalled, Buffers.BASE, own.state, state, keys, columns, own.rows, at + head.k(0));
      for (int s = 0; s < rows; s++) {
        float decay = own.rows[at + head.decay()];
        int lastOne = cell.householder() - 1;
        for (int j = 0; j < lastOne; j++) {
          DeltaRule.step(
              recalled,
              Buffers.BASE,
              own.state,
              state,
              keys,
              columns,
              decay,
              own.rows[at + head.beta(j)],
              own.rows,
              at + head.k(j),
              valueArray(j),
              valueAt(row(s), j),
              at + head.k(j + 1),
              recalled,
              Buffers.BASE);
          decay = 1f;
        }
        int output = Buffers.BASE + row(s) * STRIP;
        float beta = own.rows[at + head.beta(lastOne)];
        int k = at + head.k(lastOne);
        float[] target = valueArray(lastOne);
        int v = valueAt(row(s), lastOne);
        int q = at + head.q();
        if (s + 1 == rows) {
          DeltaRule.step(
              outputs,
              output,
              own.state,
              state,
              keys,
              columns,
              decay,
              beta,
              own.rows,
              k,
              target,
              v,
              q,
              recalled,
              Buffers.BASE);
        } else {
          at = at(row(s + 1), ofHead);
          DeltaRule.stepAndRecall(
              outputs,
              output,
              own.state,
              state,
              keys,
              columns,
              decay,
              beta,
              own.rows,
              k,
              target,
              v,
              q,
              at + head.k(0),
              recalled,
              Buffers.BASE);
        }
      }
    }

    /**
     * Copies the piece's outputs to y, zeros past the end; in training keeps what is left of copied
     * v.
     */
    private void write(float[] y) {
      int to = outputOffset();
      int stride = batch * layer.outputSize;
      for (int row = 0; row < rows; row++) {
        System.arraycopy(outputs, Buffers.BASE + row * STRIP, y, to + row * stride, values);
      }
      for (int row = rows; row < stepsOfBlock(); row++) {
        Arrays.fill(y, to + row * stride, to + row * stride + values, 0f);
      }
      for (int row = 0; row < rows && training; row++) {
        moveValues(row, piece, piece + 1, true);
      }
    }

    /** The gradients to the piece's outputs. */
    private void read(float[] gradY) {
      int from = outputOffset();
      for (int row = 0; row < rows; row++) {
        int to = Buffers.BASE + row * STRIP;
        System.arraycopy(gradY, from + row * batch * layer.outputSize, outputs, to, values);
        Arrays.fill(outputs, to + values, to + STRIP, 0f);
      }
    }

    /** The piece in hand back through the steps of the block. */
    private void runBack() {
      replay();
      int ldk = head.keyWidth();
      for (int s = rows - 1; s >= 0; s--) {
        int row = row(s);
        int at = at(row, ofHead);
        int part = part(row, piece);
        for (int j = cell.householder() - 1; j >= 0; j--) {
          boolean outputs = j == cell.householder() - 1;
          delta.back(
              own.gradient,
              gradientPiece(),
              states,
              Buffers.BASE + (s * cell.householder() + j) * turnedSize,
              columns,
              ldk,
              j == 0 ? own.rows[at + head.decay()] : 1f,
              own.rows[at + head.beta(j)],
              own.rows,
              at + head.k(j),
              at + head.q(),
              valueArray(j),
              valueAt(row, j),
              outputs ? this.outputs : zeros,
              outputs ? Buffers.BASE + row * STRIP : Buffers.BASE,
              own.parts,
              part + head.k(j),
              outputs ? own.parts : unused,
              outputs ? part + head.q() : Buffers.BASE);
          own.parts[part + head.beta(j)] = delta.dBeta();
        }
        own.parts[part + head.decay()] = delta.dLogDecay();
      }
    }

    /** The states before each Householder step of the block. */
    private void replay() {
      int ldk = head.keyWidth();
      int from = checkpoint();
      Arrays.fill(states, Buffers.BASE, Buffers.BASE + turnedSize, 0f);
      for (int i = 0; i < head.keySize(); i++) {
        for (int j = 0; j < columns; j++) {
          states[Buffers.BASE + j * ldk + i] = checkpoints[from + i * STRIP + j];
        }
      }
      int count = rows * cell.householder();
      for (int i = 0; i + 1 < count; i++) {
        int j = i % cell.householder();
        int at = at(row(i / cell.householder()), ofHead);
        int state = Buffers.BASE + i * turnedSize;
        delta.replay(
            states,
            state + turnedSize,
            states,
            state,
            columns,
            ldk,
            j == 0 ? own.rows[at + head.decay()] : 1f,
            own.rows[at + head.beta(j)],
            own.rows,
            at + head.k(j),
            valueArray(j),
            valueAt(row(i / cell.householder()), j));
      }
    }

    /** Puts the gradients of this thread's rows where their products were; zeros past the end. */
    private void finish() {
      int to = end(Split.PIECES, rows);
      for (int row = begin(Split.PIECES, rows); row < to; row++) {
        for (int h = 0; h < heads; h++) {
          finish(row, h);
        }
        moveValues(row, 0, pieces, true);
      }
      boolean first = split != Split.PIECES || worker == 0;
      for (int row = rows; row < stepsOfBlock() && first; row++) {
        clear(row);
      }
    }

    private void finish(int row, int h) {
      int part = part(row, h * stripsOfHead);
      for (int strip = 1; strip < stripsOfHead; strip++) {
        int other = part + strip * head.withoutValues();
        for (int i = 0; i <= head.decay(); i++) {
          own.parts[part + i] += own.parts[other + i];
        }
      }
      cell.backward(own.parts, part, own.rows, at(row, h), head, layer.rate[h], partial);
      int product = product() + row * stepStride;
      for (int j = -1; j < cell.householder(); j++) {
        moveAtoms(product, keyAtom(j, h), head.keyWidth(), own.parts, part + head.k(j), true);
      }
      for (int j = 0; j < cell.householder(); j++) {
        own.products[product + place(layer.betaAtom, j * heads + h)] =
            own.parts[part + head.beta(j)];
      }
      own.products[product + place(layer.alphaAtom, h)] = own.parts[part + head.decay()];
      rateGradient[(firstStep() + row * batch) * heads + h] = own.parts[part + head.logDecay()];
    }

    private void clear(int row) {
      for (int offset : atomOffset) {
        int from = product() + row * stepStride + offset;
        Arrays.fill(kept, from, from + Columns.ATOM, 0f);
      }
      int rate = (firstStep() + row * batch) * heads;
      Arrays.fill(rateGradient, rate, rate + heads, 0f);
    }
  }
}
