package dev.unroll.run;

import dev.unroll.cell.Parameters;
import dev.unroll.kernel.Gemm;
import org.jspecify.annotations.Nullable;

/**
 * A backward pass through all layers: through time, then to the weights. What it was given lies in
 * fields, where every thread of the team finds it; names and shapes are those of {@link
 * Recurrent#backward}.
 */
final class BackwardPass {
  private final LayerPass[] passes;
  private final int directions;

  /** Output of each layer but the last, {@code [T, B, D*S]}. */
  private final float[][] layerY;

  /** The gradient to the same. */
  private final float[][] layerGradY;

  private final Dropout dropout;
  private final Parameters parameters;
  private final float[][] scratch;
  private final Counter nextTask = new Counter();
  private final Team.Task throughTime = this::throughTime;
  private final Team.Task toWeights = this::toWeights;

  /** The threads that share the pass through time. */
  private Team sharing = Team.single();

  private float[] x = {};
  private int @Nullable [] lengths;
  private float[] gradY = {};
  private @Nullable State gradLast;
  private float @Nullable [] gradX;
  private @Nullable State gradInitial;

  /**
   * Allocates the buffers.
   *
   * @param passes of all layers, directions side by side
   * @param layerY what the forward pass writes
   * @param dropout of the forward pass
   * @param parameters whose gradients are added to
   * @param threads of the teams that run it
   */
  BackwardPass(
      LayerPass[] passes,
      int directions,
      float[][] layerY,
      Dropout dropout,
      Parameters parameters,
      int threads) {
    this.passes = passes;
    this.directions = directions;
    this.layerY = layerY;
    this.dropout = dropout;
    this.parameters = parameters;
    layerGradY = new float[layerY.length][];
    for (int i = 0; i < layerY.length; i++) {
      layerGradY[i] = new float[layerY[i].length];
    }
    scratch = new float[threads][];
    for (int i = 0; i < threads; i++) {
      scratch[i] = Gemm.scratch();
    }
  }

  void run(
      Team team,
      float[] x,
      int @Nullable [] lengths,
      float[] gradY,
      @Nullable State gradLast,
      float @Nullable [] gradX,
      @Nullable State gradInitial) {
    this.x = x;
    this.lengths = lengths;
    this.gradY = gradY;
    this.gradLast = gradLast;
    this.gradX = gradX;
    this.gradInitial = gradInitial;
    sharing = passes[0].shared(lengths != null) ? team : Team.single();
    sharing.run(throughTime);
    nextTask.value = 0;
    team.run(toWeights);
  }

  private void throughTime(int worker) {
    for (int layer = layerY.length; layer >= 0; layer--) {
      float[] upstream = layer == layerY.length ? gradY : layerGradY[layer];
      float[] downstream = layer == 0 ? gradX : layerGradY[layer - 1];
      float[] layerX = layer == 0 ? x : layerY[layer - 1];
      for (int d = 0; d < directions; d++) {
        passes[layer * directions + d].backward(
            worker, layerX, lengths, upstream, gradLast, downstream, gradInitial, scratch[worker]);
      }
      if (layer > 0) {
        dropout.apply(layerGradY[layer - 1], layer - 1, worker, sharing);
      }
    }
  }

  /** Whoever is free takes the next task; each has its own part of the gradient to add to. */
  private void toWeights(int worker) {
    int task = nextTask.increment() - 1;
    int before = 0;
    int i = 0;
    while (i < passes.length) {
      int tasks = passes[i].gradientTasks();
      if (task - before < tasks) {
        int layer = i / directions;
        float[] layerX = layer == 0 ? x : layerY[layer - 1];
        passes[i].addGradient(
            worker, task - before, layerX, parameters.values(), parameters.gradients());
        task = nextTask.increment() - 1;
      } else {
        before += tasks;
        i++;
      }
    }
  }
}
