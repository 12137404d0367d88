package dev.unroll.run;

/**
 * Dropout between the layers of a network (Srivastava et al. 2014), as {@code dropout} of PyTorch's
 * {@code nn.RNN}: in a training pass each output of every layer but the last is multiplied by 0
 * with probability p, else by 1 / (1 - p). What goes on in time, h and c, is not touched. A
 * workspace that is not for training has no dropout.
 *
 * <p>Who is dropped depends on the seed, the number of the pass, the layer, the step, the sequence
 * and the unit, and on nothing else: not on threads, nor on how a batch is divided. Each of these
 * numbers in turn picks the next key from a sequence of SplitMix64 (Steele, Lea, Flood 2014), as a
 * counter-based generator does.
 *
 * <p>A workspace begins with seed 0 and pass 0, and every forward pass with dropout counts one.
 * Workspaces that train one network side by side want seeds of their own. To go on with a training
 * later, keep the seed and {@link #pass()} with the parameters. Changes hold from the next forward
 * pass on. Not thread-safe.
 */
public final class Dropout {
  /** The distance of SplitMix64's states: 2^64 divided by the golden ratio, made odd. */
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private final int rows;
  private final int batch;
  private final int width;

  /** How many of 2^53 equally likely numbers drop a unit. */
  private final long dropping;

  private final float scale;
  private boolean enabled = true;
  private long seed;
  private long pass;
  private int firstSequence;

  // Of the last forward pass, for the backward pass too.
  private boolean active;
  private long passKey;
  private int sequence0;

  /**
   * Dropout of outputs {@code [T, B, width]}.
   *
   * @param probability p; 0 for none
   */
  Dropout(double probability, int steps, int batch, int width) {
    rows = steps * batch;
    this.batch = batch;
    this.width = width;
    dropping = Math.round(probability * 0x1p53);
    scale = (float) (1 / (1 - probability));
  }

  /**
   * Sets the seed; the number of the pass stays.
   *
   * @param seed any number
   */
  public void setSeed(long seed) {
    this.seed = seed;
  }

  /** {@return the number of the next forward pass with dropout} */
  public long pass() {
    return pass;
  }

  /**
   * Sets the number of the next forward pass.
   *
   * @param pass e.g. what {@link #pass()} was when the training stopped
   */
  public void setPass(long pass) {
    this.pass = pass;
  }

  /**
   * Sets where this workspace's sequences stand in a batch that is divided among several
   * workspaces, or that one takes in turn.
   *
   * @param firstSequence the index of its sequence 0 in the whole batch, at first 0
   */
  public void setFirstSequence(int firstSequence) {
    this.firstSequence = firstSequence;
  }

  /**
   * Switches dropout off or on, e.g. for the gradients of a network that is not being trained.
   *
   * @param enabled whether forward passes drop units, at first true
   */
  public void setEnabled(boolean enabled) {
    this.enabled = enabled;
  }

  /** Begins a forward pass. */
  void begin() {
    active = enabled && dropping > 0;
    if (active) {
      passKey = number(seed, pass++);
      sequence0 = firstSequence;
    }
  }

  /**
   * One thread's share of multiplying a layer's outputs, or the gradient to them, by the mask. All
   * threads of the team call it, and no one goes on before all are done.
   *
   * @param values {@code [T, B, width]}
   * @param layer whose outputs they are
   * @param worker the thread
   */
  void apply(float[] values, int layer, int worker, Team team) {
    if (!active) {
      return;
    }
    team.barrier();
    long layerKey = number(passKey, layer);
    int end = (int) ((long) rows * (worker + 1) / team.threads());
    for (int row = (int) ((long) rows * worker / team.threads()); row < end; row++) {
      long t = row / batch;
      long state = number(layerKey, t << 32 | (sequence0 + row % batch));
      for (int i = row * width; i < (row + 1) * width; i++) {
        state += GAMMA;
        values[i] *= mix(state) >>> 11 < dropping ? 0f : scale;
      }
    }
    team.barrier();
  }

  /** {@return a number, counted from 0, of the SplitMix64 that begins at a key} */
  private static long number(long key, long index) {
    return mix(key + (index + 1) * GAMMA);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
