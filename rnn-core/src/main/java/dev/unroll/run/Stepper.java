package dev.unroll.run;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Takes steps of streams: one of them, or some that have arrived together, in any choice and order.
 * It has the buffers of a step and the network has the weights; the streams have only their states.
 *
 * <pre>
 * Stepper stepper = network.stepper(64);           // one for each thread
 * stepper.warmUp();
 * Stream[] streams = {network.stream(1), network.stream(1)};
 * stepper.step(streams, 2, x, y);                  // x [2, I], y [2, S]
 * stepper.step(streams[1], x, y);
 * </pre>
 *
 * <p>A stream has the same bits in any company: those of one {@link Recurrent#forward pass} over
 * its steps. A step allocates nothing and takes no lock. More rows at once share the reading of the
 * weights, so they cost less each, up to some dozens.
 *
 * <p>A stepper serves one thread at a time, and a second one that comes meanwhile gets an {@link
 * IllegalStateException}: make one for each thread. All steppers of a network read the same packed
 * weights, which are packed when the first is made, and again in the first step after {@link
 * dev.unroll.cell.Parameters#changed()}. Change parameters only while no step is under way.
 */
public final class Stepper {
  /** The steps of {@link #warmUp}: by then C2 has been asked for every method of a step. */
  public static final int WARM_UP_STEPS = 5_000;

  private static final VarHandle BUSY;

  static {
    try {
      BUSY = MethodHandles.lookup().findVarHandle(Stepper.class, "busy", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Recurrent network;
  private final int largest;
  private final LayerStep[] layers;

  /** Output of each layer but the last, {@code [rows, S]}. */
  private final float[][] layerY;

  private final Rows rows;
  private final Stream[] one = new Stream[1];

  @SuppressWarnings("unused") // by its handle
  private boolean busy;

  Stepper(Recurrent network, int largest) {
    RecurrentConfig config = network.config();
    Stream.requireOneDirection(config);
    if (largest < 1) {
      throw new IllegalArgumentException(
          "A stepper for " + largest + " sequences cannot be made: it must be at least 1.");
    }
    Sizes.checkPossible(
        "y",
        (long) ((double) largest * config.outputSize()),
        "largest * outputSize",
        "a smaller batch");
    this.network = network;
    this.largest = largest;
    layers = new LayerStep[network.layers.length];
    for (int i = 0; i < layers.length; i++) {
      layers[i] =
          switch (network.layers[i]) {
            case StepLayer layer -> new UnrollStep(layer, largest);
            case StripLayer layer -> new StripStep(layer, largest);
            case DeltaLayer layer -> new DeltaStep(layer, largest);
          };
    }
    layerY = new float[layers.length - 1][largest * config.outputSize()];
    rows = new Rows(largest);
    network.pack(Team.single());
  }

  /** {@return the most sequences that a step takes} */
  public int largest() {
    return largest;
  }

  /**
   * Takes one step of a stream and carries its state on.
   *
   * @param stream of a network of this configuration
   * @param x {@code [B, I]}
   * @param y {@code [B, S]}, written
   * @throws IllegalArgumentException if an array is too short, the stream has more sequences than
   *     this was made for, or is of another configuration
   * @throws IllegalStateException if somebody else uses the stream or this
   */
  public void step(Stream stream, float[] x, float[] y) {
    begin();
    try {
      one[0] = stream;
      run(one, 1, x, y);
    } finally {
      end();
    }
  }

  /**
   * Takes one step of each of some streams and carries their states on.
   *
   * @param streams of networks of this configuration, none of them twice
   * @param count how many of them, from the first on; 0 does nothing
   * @param x {@code [rows, I]}: a row for each stream, or B for one of B sequences
   * @param y {@code [rows, S]}, written
   * @throws IllegalArgumentException if an array is too short, there are more sequences than this
   *     was made for, or a stream is of another configuration
   * @throws IllegalStateException if somebody else uses a stream or this, or one is there twice;
   *     then no stream has taken a step
   */
  public void step(Stream[] streams, int count, float[] x, float[] y) {
    Sizes.check("streams", streams.length, count, "count");
    begin();
    try {
      run(streams, count, x, y);
    } finally {
      end();
    }
  }

  private void begin() {
    if (!BUSY.compareAndSet(this, false, true)) {
      throw new IllegalStateException(
          "Another thread is taking a step with this stepper: make one for each thread.");
    }
  }

  private void end() {
    rows.clear();
    BUSY.setRelease(this, false);
  }

  private void run(Stream[] streams, int count, float[] x, float[] y) {
    RecurrentConfig config = network.config();
    long sequences = 0;
    for (int i = 0; i < count; i++) {
      check(streams[i].config(), config);
      sequences += streams[i].batch();
    }
    if (sequences > largest) {
      throw new IllegalArgumentException(
          "The streams have "
              + sequences
              + " sequences, but the stepper was made for "
              + largest
              + ": make one with network.stepper("
              + sequences
              + "), or take them in parts.");
    }
    Sizes.check("x", x.length, sequences * config.inputSize(), "rows * I");
    Sizes.check("y", y.length, sequences * network.layers[0].outputSize, "rows * outputSize");
    network.pack(Team.single());
    int claimed = 0;
    try {
      for (; claimed < count; claimed++) {
        streams[claimed].claim();
        rows.add(streams[claimed]);
      }
      for (int i = 0; i < layers.length && count > 0; i++) {
        layers[i].step(i == 0 ? x : layerY[i - 1], rows, i == layerY.length ? y : layerY[i]);
      }
      for (int i = 0; i < count; i++) {
        streams[i].count();
      }
    } finally {
      for (int i = 0; i < claimed; i++) {
        streams[i].release();
      }
    }
  }

  private static void check(RecurrentConfig stream, RecurrentConfig config) {
    if (!stream.equals(config)) {
      throw new IllegalArgumentException(
          "The stream is of a network of another configuration, "
              + stream
              + ": this one steps those of "
              + config
              + ".");
    }
  }

  /**
   * Runs {@value #WARM_UP_STEPS} steps of zeros on streams and buffers of its own, so that the
   * classes of a step are loaded and its methods compiled before the first step that counts: steps
   * of one row, and of six, the fewest that run as larger batches do, where this takes so many. It
   * takes as long as these steps do; once in a process is enough for all steppers of the same kind
   * of cell.
   */
  public void warmUp() {
    warmUp(1);
    if (largest >= Trace.NARROW) {
      warmUp(Trace.NARROW);
    }
  }

  private void warmUp(int sequences) {
    Stepper scratch = new Stepper(network, sequences);
    Stream stream = new Stream(network.config(), sequences);
    float[] x = new float[sequences * network.config().inputSize()];
    float[] y = new float[sequences * network.config().outputSize()];
    for (int i = 0; i < WARM_UP_STEPS; i++) {
      scratch.step(stream, x, y);
    }
  }
}
