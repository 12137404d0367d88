package dev.unroll.run;

import dev.unroll.kernel.Gemm;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every buffer that passes of one network over one shape need, and the team that runs them.
 *
 * <p>Made by {@link Recurrent#workspace}; used by one pass at a time.
 */
public final class Workspace {
  /** Below this many sequences the input product runs over time and threads split the units. */
  private static final int NARROW = 6;

  /** Fewest rows of the batch that are worth a thread. */
  private static final int ROWS_PER_THREAD = 3;

  /**
   * Fewest recurrent weights for which splitting the units over threads beats the barrier it costs.
   */
  private static final long WEIGHTS_PER_BARRIER = 1 << 15;

  private enum Phase {
    FORWARD,
    BACKWARD,
    GRADIENT
  }

  final Recurrent network;
  final int steps;
  final int batch;
  final boolean training;
  final Team team;

  private final boolean narrow;
  private final boolean splitUnits;
  private final int shards;
  private final Trace[] traces;

  /** Output of each layer but the last, {@code [T, B, D*S]}. */
  private final float[][] layerY;

  /** Gradient to the same. */
  private final float[][] layerGrad;

  private final float[][] scratch;
  private final Counter nextTask = new Counter();
  private final Team.Task pass = this::run;

  // The pass under way.
  private Phase phase = Phase.FORWARD;
  private float[] x = {};
  private float[] y = {};
  private float[] gradY = {};
  private @Nullable State initial;
  private @Nullable State last;
  private float @Nullable [] gradX;
  private @Nullable State gradInitial;
  private int @Nullable [] lengths;
  private boolean ready;

  Workspace(Recurrent network, int steps, int batch, boolean training, Team team) {
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "A workspace for "
              + steps
              + " steps and a batch of "
              + batch
              + ": both must be at least 1.");
    }
    this.network = network;
    this.steps = steps;
    this.batch = batch;
    this.training = training;
    this.team = team;
    RecurrentConfig config = network.config();
    Unroll[] unrolls = network.unrolls;
    narrow = batch < NARROW;
    splitUnits =
        narrow
            && team.threads() > 1
            && config.projSize() == 0
            && unrolls[0].shares() > 1
            && unrolls[0].recurrentWeights() >= WEIGHTS_PER_BARRIER;
    shards = narrow ? 1 : Math.clamp((long) batch / ROWS_PER_THREAD, 1, team.threads());
    traces = new Trace[unrolls.length];
    for (int i = 0; i < traces.length; i++) {
      traces[i] = new Trace(unrolls[i], steps, batch, training, narrow, team.threads());
    }
    long outputs = (long) steps * batch * config.outputSize();
    Recurrent.check("y", (long) Integer.MAX_VALUE - 64, outputs, "T * B * outputs");
    int between = config.numLayers() - 1;
    layerY = new float[between][(int) outputs];
    layerGrad = new float[training ? between : 0][(int) outputs];
    scratch = new float[team.threads()][];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = Gemm.scratch();
    }
  }

  /** {@return T, the steps this is for} */
  public int steps() {
    return steps;
  }

  /** {@return B, the batch this is for} */
  public int batch() {
    return batch;
  }

  /** {@return whether a backward pass can follow a forward pass} */
  public boolean training() {
    return training;
  }

  void forward(
      float[] input,
      @Nullable State from,
      int @Nullable [] ends,
      float[] output,
      @Nullable State to) {
    phase = Phase.FORWARD;
    x = input;
    initial = from;
    lengths = ends;
    y = output;
    last = to;
    runPass();
    ready = training;
  }

  void backward(
      float[] input,
      float[] upstream,
      @Nullable State upstreamLast,
      float @Nullable [] toInput,
      @Nullable State toInitial) {
    if (!ready) {
      throw new IllegalStateException(
          "A backward pass needs a forward pass on the same workspace before it, one made with"
              + " training = true; each forward pass serves one backward pass.");
    }
    ready = false;
    x = input;
    gradY = upstream;
    last = upstreamLast;
    gradX = toInput;
    gradInitial = toInitial;
    phase = Phase.BACKWARD;
    runPass();
    phase = Phase.GRADIENT;
    nextTask.value = 0;
    runPass();
  }

  private void runPass() {
    // One row cannot be split and one thread has nobody to wait for.
    boolean alone = phase != Phase.GRADIENT && shards == 1 && !unitsAreSplit();
    if (alone) {
      run(0);
    } else {
      team.run(pass);
    }
  }

  private boolean unitsAreSplit() {
    return splitUnits && lengths == null;
  }

  private void run(int worker) {
    switch (phase) {
      case FORWARD -> runForward(worker);
      case BACKWARD -> runBackward(worker);
      case GRADIENT -> runGradient(worker);
    }
  }

  private void runForward(int worker) {
    if (!narrow && worker >= shards) {
      return;
    }
    RecurrentConfig config = network.config();
    int directions = config.numDirections();
    Team barrier = unitsAreSplit() ? team : null;
    int b0 = narrow ? 0 : batch * worker / shards;
    int b1 = narrow ? batch : batch * (worker + 1) / shards;
    int yStride = config.outputSize();
    for (int layer = 0; layer < config.numLayers(); layer++) {
      float[] in = input(layer);
      float[] out = layer == config.numLayers() - 1 ? y : layerY[layer];
      for (int d = 0; d < directions; d++) {
        int index = layer * directions + d;
        Unroll unroll = network.unrolls[index];
        Trace trace = traces[index];
        int yOffset = d * config.stateSize();
        if (!narrow) {
          unroll.start(trace, index, initial, b0, b1);
          unroll.forwardWide(trace, worker, in, lengths, out, yStride, yOffset, b0, b1);
        } else if (barrier == null) {
          unroll.start(trace, index, initial, 0, batch);
          unroll.forwardNarrow(trace, null, in, lengths, out, yStride, yOffset, 0, unroll.shares());
        } else {
          if (worker == 0) {
            unroll.start(trace, index, initial, 0, batch);
          }
          barrier.barrier();
          int shares = unroll.shares();
          unroll.forwardNarrow(
              trace,
              barrier,
              in,
              null,
              out,
              yStride,
              yOffset,
              shares * worker / team.threads(),
              shares * (worker + 1) / team.threads());
        }
        if (last != null && (barrier == null || worker == 0)) {
          unroll.finish(trace, index, last, b0, b1);
        }
      }
    }
  }

  private float[] input(int layer) {
    return layer == 0 ? x : layerY[layer - 1];
  }

  private void runBackward(int worker) {
    if (!narrow && worker >= shards) {
      return;
    }
    RecurrentConfig config = network.config();
    int directions = config.numDirections();
    int yStride = config.outputSize();
    boolean split = unitsAreSplit();
    Team barrier = split ? team : null;
    int b0 = narrow ? 0 : batch * worker / shards;
    int b1 = narrow ? batch : batch * (worker + 1) / shards;
    for (int layer = config.numLayers() - 1; layer >= 0; layer--) {
      float[] upstream = layer == config.numLayers() - 1 ? gradY : layerGrad[layer];
      float[] toInput = layer == 0 ? gradX : layerGrad[layer - 1];
      for (int d = 0; d < directions; d++) {
        int index = layer * directions + d;
        Unroll unroll = network.unrolls[index];
        Trace trace = traces[index];
        if (!split || worker == 0) {
          unroll.startBackward(trace, index, last, b0, b1);
        }
        if (barrier != null) {
          barrier.barrier();
        }
        if (toInput != null && d == 0) {
          clear(toInput, unroll.inputSize, 0, split && worker > 0 ? 0 : steps, b0, b1);
        }
        int shares = unroll.shares();
        unroll.backwardTime(
            trace,
            barrier,
            lengths,
            upstream,
            yStride,
            d * config.stateSize(),
            b0,
            b1,
            split ? shares * worker / team.threads() : 0,
            split ? shares * (worker + 1) / team.threads() : shares,
            narrow ? null : toInput,
            scratch[worker]);
        if (barrier != null) {
          barrier.barrier();
        }
        if (gradInitial != null && (!split || worker == 0)) {
          unroll.finishBackward(trace, index, gradInitial, b0, b1);
        }
        if (toInput != null && narrow) {
          // Many steps at once fill the tiles; with split units each thread takes some of them.
          int t0 = split ? steps * worker / team.threads() : 0;
          int t1 = split ? steps * (worker + 1) / team.threads() : steps;
          unroll.backwardInput(trace, toInput, t0, t1, b0, b1, scratch[worker]);
        }
        if (barrier != null) {
          barrier.barrier();
        }
      }
    }
  }

  private void clear(float[] gradient, int width, int t0, int t1, int b0, int b1) {
    for (int t = t0; t < t1; t++) {
      Arrays.fill(gradient, (t * batch + b0) * width, (t * batch + b1) * width, 0f);
    }
  }

  private void runGradient(int worker) {
    float[] gradient = network.parameters().gradients();
    int task = nextTask.increment() - 1;
    int before = 0;
    int index = 0;
    while (index < network.unrolls.length) {
      Unroll unroll = network.unrolls[index];
      int tasks = unroll.gradientTasks();
      if (task - before < tasks) {
        float[] in = input(index / network.config().numDirections());
        unroll.addGradient(traces[index], task - before, in, gradient, scratch[worker]);
        task = nextTask.increment() - 1;
      } else {
        before += tasks;
        index++;
      }
    }
  }
}
