package dev.unroll.run;

import dev.unroll.cell.LinearCell;
import dev.unroll.kernel.Scan;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * One sequence that goes on step by step, or some that go on together: what a network has to keep
 * of them from one step to the next. That is their {@link State}, and with a {@link LinearCell}
 * three times as much again; weights and buffers are elsewhere, so a program can have as many
 * streams as it has room for states. A {@link Stepper} takes the steps.
 *
 * <p>The outputs have the bits of one {@link Recurrent#forward pass} over all steps since the
 * stream was made, reset or given a state.
 *
 * <p>Any thread may use a stream, with any stepper of a network of the same configuration, but one
 * at a time. Who uses it claims it until he is done; who finds it claimed gets an {@link
 * IllegalStateException} and has changed nothing. So nobody waits, and a thread sees all that the
 * one before it did to the stream.
 */
public final class Stream {
  private static final VarHandle CLAIMED;

  static {
    try {
      CLAIMED = MethodHandles.lookup().findVarHandle(Stream.class, "claimed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * All that a stream keeps, copied.
   *
   * @param state its state
   * @param steps how far it is in a block of a scan
   * @param block with a {@link LinearCell} the state before that block and the block's product and
   *     solution so far, each {@code [numLayers, B, hiddenSize]}; else empty
   */
  public record Snapshot(State state, int steps, float[][] block) {}

  /** Arrays of {@link #block}. */
  private static final int PARTS = 3;

  private final RecurrentConfig config;
  private final int batch;
  private final State state;

  /** As {@link Snapshot#block}. */
  final float[][] block;

  /** The steps so far; after two blocks of a scan those of the last one and the one under way. */
  int steps;

  @SuppressWarnings("unused") // by its handle
  private boolean claimed;

  /**
   * A stream at a state of zeros, in which a sequence begins.
   *
   * @param config of the network
   * @param batch B, the sequences that go on together; 1 for most uses
   * @throws IllegalArgumentException if the batch is not positive or too large for Java arrays, or
   *     if the network is bidirectional
   */
  public Stream(RecurrentConfig config, int batch) {
    requireOneDirection(config);
    this.config = config;
    this.batch = batch;
    state = State.zeros(config, batch);
    int values = config.numLayers() * batch * config.hiddenSize();
    block = new float[config.cell() instanceof LinearCell ? PARTS : 0][values];
  }

  static void requireOneDirection(RecurrentConfig config) {
    if (config.bidirectional()) {
      throw new IllegalArgumentException(
          "A bidirectional network reads each sequence from its last step too, so it cannot run one"
              + " step at a time: give forward() whole sequences.");
    }
  }

  /** {@return the configuration of its networks} */
  public RecurrentConfig config() {
    return config;
  }

  /** {@return B} */
  public int batch() {
    return batch;
  }

  /**
   * {@return the state after the last step, live: {@link State#copy} keeps it, nobody writes it}
   */
  public State state() {
    return state;
  }

  /**
   * Goes back to the state of zeros in which a new sequence begins.
   *
   * @throws IllegalStateException if somebody else uses the stream
   */
  public void reset() {
    claim();
    state.clear();
    steps = 0;
    release();
  }

  /**
   * Goes on from another state. With a {@link LinearCell} the steps that follow have the bits of a
   * pass that begins there, which may round otherwise than one that leads there; a {@link Snapshot}
   * goes on to the bit.
   *
   * @param from copied
   * @throws IllegalArgumentException if it is that of a smaller batch or network
   * @throws IllegalStateException if somebody else uses the stream
   */
  public void restore(State from) {
    restore(new Snapshot(from, 0, block));
  }

  /**
   * Goes on as the stream would have that was saved: with the same bits.
   *
   * @param from copied
   * @throws IllegalArgumentException if it is that of a smaller batch or network
   * @throws IllegalStateException if somebody else uses the stream
   */
  public void restore(Snapshot from) {
    state.requireLike("from", from.state);
    if (from.block.length < block.length) {
      throw new IllegalArgumentException(
          "The snapshot is not one of a '"
              + config.cell().name()
              + "': it has no block of a scan.");
    }
    if (from.steps < 0 || from.steps >= 2 * Scan.BLOCK) {
      throw new IllegalArgumentException(
          "from.steps is " + from.steps + ", but must be 0 to " + (2 * Scan.BLOCK - 1) + ".");
    }
    for (int i = 0; i < block.length; i++) {
      Sizes.check("from.block", from.block[i].length, block[i].length, "layers * B * hiddenSize");
    }
    claim();
    state.set(from.state);
    steps = from.steps;
    for (int i = 0; i < block.length; i++) {
      System.arraycopy(from.block[i], 0, block[i], 0, block[i].length);
    }
    release();
  }

  /**
   * {@return all that has to be kept to go on later, or in another stream}
   *
   * @throws IllegalStateException if somebody else uses the stream
   */
  public Snapshot snapshot() {
    claim();
    try {
      return new Snapshot(
          state.copy(), steps, Arrays.stream(block).map(float[]::clone).toArray(float[][]::new));
    } finally {
      release();
    }
  }

  /** Counts a step that all layers have taken. */
  void count() {
    if (++steps == 2 * Scan.BLOCK) {
      steps = Scan.BLOCK;
    }
  }

  /** Takes the stream for one user, or throws where it is taken. */
  void claim() {
    if (!CLAIMED.compareAndSet(this, false, true)) {
      throw new IllegalStateException(
          "The stream is in use: it is twice in one batch, or another thread is at it. Let each"
              + " step end before the next one of the same stream begins.");
    }
  }

  /** Lets others have the stream as it is now. */
  void release() {
    CLAIMED.setRelease(this, false);
  }
}
