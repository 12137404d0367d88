package dev.unroll.run;

import dev.unroll.cell.LinearCell;

/**
 * A network in one direction, one step at a time: what came before a step is in the stream's state.
 *
 * <pre>
 * Stream stream = network.stream(1);
 * stream.warmUp();
 * stream.step(x, y);
 * </pre>
 *
 * <p>The outputs have the bits of one {@link Recurrent#forward pass} over all steps since the
 * stream was made, reset or given a state. A step allocates nothing and takes no lock.
 *
 * <p>All streams of a network read the same packed weights. They are packed when a stream is made,
 * and again in the first step after {@link dev.unroll.cell.Parameters#changed()}. While the
 * parameters stay as they are, each stream may be used by a thread of its own; make the streams on
 * one thread, then hand them over. A stream itself is not thread-safe.
 *
 * <p>A step costs more than one inside a long pass: it reads weight_ih for one row of x, where a
 * pass reads it once for many steps.
 */
public final class Stream {
  /** The steps of {@link #warmUp}: by then C2 has been asked for every method of a step. */
  public static final int WARM_UP_STEPS = 5_000;

  private final Recurrent network;
  private final int batch;
  private final LayerPass[] passes;
  private final ForwardPass forward;
  private final State state;

  Stream(Recurrent network, int batch) {
    RecurrentConfig config = network.config();
    if (config.bidirectional()) {
      throw new IllegalArgumentException(
          "A bidirectional network reads each sequence from its last step too, so it cannot run one"
              + " step at a time: give forward() whole sequences.");
    }
    this.network = network;
    this.batch = batch;
    state = State.zeros(config, batch);
    passes = new LayerPass[network.layers.length];
    for (int i = 0; i < passes.length; i++) {
      passes[i] =
          switch (network.layers[i]) {
            case StepLayer layer -> new UnrollPass(layer, 1, batch, false, Team.single());
            case StripLayer layer -> StripPass.stream(layer, batch);
            case DeltaLayer layer -> new DeltaPass(layer, 1, batch, false, Team.single());
          };
    }
    int width = config.outputSize();
    forward =
        new ForwardPass(
            passes,
            1,
            new float[passes.length - 1][batch * width],
            new Dropout(0, 1, batch, width));
    network.pack(Team.single());
  }

  /** {@return B} */
  public int batch() {
    return batch;
  }

  /**
   * Takes one step and carries the state on.
   *
   * @param x {@code [B, I]}
   * @param y {@code [B, S]}, written
   * @throws IllegalArgumentException if an array is too short
   */
  public void step(float[] x, float[] y) {
    Sizes.check("x", x.length, (long) batch * network.config().inputSize(), "B * I");
    Sizes.check("y", y.length, (long) batch * network.layers[0].outputSize, "B * outputSize");
    network.pack(Team.single());
    forward.run(Team.single(), x, state, null, y, state);
  }

  /**
   * {@return the state after the last step, live: {@link State#copy} keeps it, nobody writes it}
   */
  public State state() {
    return state;
  }

  /** Goes back to the state of zeros in which a new sequence begins. */
  public void reset() {
    state.clear();
    restart();
  }

  /**
   * Goes on from another state. With a {@link LinearCell} the steps that follow have the bits of a
   * pass that begins there, which may round otherwise than one that leads there.
   *
   * @param from copied
   * @throws IllegalArgumentException if it is that of a smaller batch or network
   */
  public void restore(State from) {
    network.checkState("from", from, batch);
    state.set(from);
    restart();
  }

  private void restart() {
    for (LayerPass pass : passes) {
      if (pass instanceof StripPass scan) {
        scan.restart();
      }
    }
  }

  /**
   * Runs {@value #WARM_UP_STEPS} steps of zeros on a state and buffers of their own, so that the
   * classes of a step are loaded and its methods compiled before the first step that counts. It
   * takes as long as these steps do and leaves this stream as it is; once in a process is enough
   * for streams of the same kind of cell and about the same size of batch.
   */
  public void warmUp() {
    Stream scratch = new Stream(network, batch);
    float[] x = new float[batch * network.config().inputSize()];
    float[] y = new float[batch * network.config().outputSize()];
    for (int i = 0; i < WARM_UP_STEPS; i++) {
      scratch.step(x, y);
    }
  }
}
