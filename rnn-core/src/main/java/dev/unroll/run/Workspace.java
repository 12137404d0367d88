package dev.unroll.run;

import dev.unroll.kernel.Gemm;
import org.jspecify.annotations.Nullable;

/**
 * Every buffer that passes of one network over one shape need, and the team that runs them.
 *
 * <p>Made by {@link Recurrent#workspace}; used by one pass at a time.
 */
public final class Workspace {
  private enum Phase {
    PACK,
    PACK_BACKWARD,
    FORWARD,
    BACKWARD,
    GRADIENT
  }

  /** Fewest parameters whose packing threads share; for fewer the meeting costs more. */
  private static final int SHARED_PARAMETERS = 1 << 18;

  final Recurrent network;
  final int steps;
  final int batch;
  final boolean training;
  final Team team;

  private final LayerPass[] passes;

  /** Output of each layer but the last, {@code [T, B, D*S]}. */
  private final float[][] layerY;

  /** Gradient to the same. */
  private final float[][] layerGrad;

  private final float[][] scratch;
  private final Counter nextTask = new Counter();
  private final Team.Task pass = this::run;

  // The pass under way.
  private int packers = 1;
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

  Workspace(Recurrent network, int steps, int batch, boolean training, Team team, ScanForm form) {
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
    passes = new LayerPass[network.layers.length];
    for (int i = 0; i < passes.length; i++) {
      passes[i] = network.layers[i].pass(config, steps, batch, training, team, form);
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

  /** Packs the weights, each thread a share where there are enough. */
  void pack() {
    phase = Phase.PACK;
    runPacking();
  }

  /** The same for what a backward pass needs besides. */
  void packBackward() {
    phase = Phase.PACK_BACKWARD;
    runPacking();
  }

  private void runPacking() {
    packers = network.parameters().values().length < SHARED_PARAMETERS ? 1 : team.threads();
    if (packers == 1) {
      run(0);
    } else {
      team.run(pass);
    }
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
    // Where threads cannot share a pass nobody is waited for.
    if (phase == Phase.GRADIENT || passes[0].shared(lengths != null)) {
      team.run(pass);
    } else {
      run(0);
    }
  }

  private void run(int worker) {
    switch (phase) {
      case PACK, PACK_BACKWARD -> runPack(worker);
      case FORWARD -> runForward(worker);
      case BACKWARD -> runBackward(worker);
      case GRADIENT -> runGradient(worker);
    }
  }

  private void runPack(int worker) {
    float[] values = network.parameters().values();
    for (Layer layer : network.layers) {
      if (phase == Phase.PACK) {
        layer.pack(values, worker, packers);
      } else {
        layer.packBackward(values, worker, packers);
      }
    }
  }

  private void runForward(int worker) {
    int directions = network.config().numDirections();
    for (int i = 0; i < passes.length; i++) {
      int layer = i / directions;
      float[] out = i >= passes.length - directions ? y : layerY[layer];
      passes[i].forward(worker, input(layer), initial, lengths, out, last);
    }
  }

  private float[] input(int layer) {
    return layer == 0 ? x : layerY[layer - 1];
  }

  private void runBackward(int worker) {
    int directions = network.config().numDirections();
    for (int layer = passes.length / directions - 1; layer >= 0; layer--) {
      float[] upstream = (layer + 1) * directions == passes.length ? gradY : layerGrad[layer];
      float[] toInput = layer == 0 ? gradX : layerGrad[layer - 1];
      for (int d = 0; d < directions; d++) {
        passes[layer * directions + d].backward(
            worker, lengths, upstream, last, toInput, gradInitial, scratch[worker]);
      }
    }
  }

  private void runGradient(int worker) {
    float[] gradient = network.parameters().gradients();
    int task = nextTask.increment() - 1;
    int before = 0;
    int index = 0;
    while (index < passes.length) {
      int tasks = passes[index].gradientTasks();
      if (task - before < tasks) {
        float[] in = input(index / network.config().numDirections());
        passes[index].addGradient(worker, task - before, in, gradient);
        task = nextTask.increment() - 1;
      } else {
        before += tasks;
        index++;
      }
    }
  }
}
