package dev.unroll.run;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An {@link Unroll} over one shape: who takes which rows or units, and where they meet. */
final class UnrollPass implements LayerPass {
  /** Below this many sequences the input product runs over time and threads split the units. */
  private static final int NARROW = 6;

  /** Fewest rows of the batch that are worth a thread. */
  private static final int ROWS_PER_THREAD = 3;

  /**
   * Fewest recurrent weights for which splitting the units over threads beats the barrier it costs.
   */
  private static final long WEIGHTS_PER_BARRIER = 1 << 15;

  private final Unroll unroll;
  private final Trace trace;
  private final Team team;
  private final int steps;
  private final int batch;
  private final int yStride;
  private final int yOffset;
  private final boolean narrow;
  private final boolean splitUnits;
  private final int shards;

  UnrollPass(
      Unroll unroll, RecurrentConfig config, int steps, int batch, boolean training, Team team) {
    if (training) {
      unroll.backward().allocate();
    }
    this.unroll = unroll;
    this.team = team;
    this.steps = steps;
    this.batch = batch;
    yStride = config.outputSize();
    yOffset = unroll.reverse ? config.stateSize() : 0;
    narrow = batch < NARROW;
    splitUnits =
        narrow
            && team.threads() > 1
            && config.projSize() == 0
            && unroll.shares() > 1
            && unroll.recurrentWeights() >= WEIGHTS_PER_BARRIER;
    shards = narrow ? 1 : Math.clamp((long) batch / ROWS_PER_THREAD, 1, team.threads());
    trace = new Trace(unroll, steps, batch, training, narrow, team.threads());
  }

  @Override
  public boolean shared(boolean lengths) {
    return shards > 1 || unitsAreSplit(lengths);
  }

  private boolean unitsAreSplit(boolean lengths) {
    return splitUnits && !lengths;
  }

  @Override
  public void forward(
      int worker,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    if (!narrow && worker >= shards) {
      return;
    }
    Team barrier = unitsAreSplit(lengths != null) ? team : null;
    int b0 = narrow ? 0 : batch * worker / shards;
    int b1 = narrow ? batch : batch * (worker + 1) / shards;
    if (!narrow) {
      unroll.start(trace, initial, b0, b1);
      unroll.forwardWide(trace, worker, x, lengths, y, yStride, yOffset, b0, b1);
    } else if (barrier == null) {
      unroll.start(trace, initial, 0, batch);
      unroll.forwardNarrow(trace, null, x, lengths, y, yStride, yOffset, 0, unroll.shares());
    } else {
      if (worker == 0) {
        unroll.start(trace, initial, 0, batch);
      }
      barrier.barrier();
      int shares = unroll.shares();
      unroll.forwardNarrow(
          trace,
          barrier,
          x,
          null,
          y,
          yStride,
          yOffset,
          shares * worker / team.threads(),
          shares * (worker + 1) / team.threads());
    }
    if (last != null && (barrier == null || worker == 0)) {
      unroll.finish(trace, last, b0, b1);
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
    if (!narrow && worker >= shards) {
      return;
    }
    boolean split = unitsAreSplit(lengths != null);
    Team barrier = split ? team : null;
    int b0 = narrow ? 0 : batch * worker / shards;
    int b1 = narrow ? batch : batch * (worker + 1) / shards;
    if (!split || worker == 0) {
      unroll.backward().start(trace, gradLast, b0, b1);
    }
    if (barrier != null) {
      barrier.barrier();
    }
    if (gradX != null && !unroll.reverse) {
      clear(gradX, unroll.inputSize, 0, split && worker > 0 ? 0 : steps, b0, b1);
    }
    int shares = unroll.shares();
    unroll
        .backward()
        .overTime(
            trace,
            worker,
            barrier,
            lengths,
            gradY,
            yStride,
            yOffset,
            b0,
            b1,
            split ? shares * worker / team.threads() : 0,
            split ? shares * (worker + 1) / team.threads() : shares,
            narrow ? null : gradX,
            scratch);
    if (barrier != null) {
      barrier.barrier();
    }
    if (gradInitial != null && (!split || worker == 0)) {
      unroll.backward().finish(trace, gradInitial, b0, b1);
    }
    if (gradX != null && narrow) {
      // Many steps at once fill the tiles; with split units each thread takes some of them.
      int t0 = split ? steps * worker / team.threads() : 0;
      int t1 = split ? steps * (worker + 1) / team.threads() : steps;
      unroll.backward().toInput(trace, worker, gradX, t0, t1, scratch);
    }
    if (barrier != null) {
      barrier.barrier();
    }
  }

  private void clear(float[] gradient, int width, int t0, int t1, int b0, int b1) {
    for (int t = t0; t < t1; t++) {
      Arrays.fill(gradient, (t * batch + b0) * width, (t * batch + b1) * width, 0f);
    }
  }

  @Override
  public int gradientTasks() {
    return unroll.backward().gradientTasks(trace);
  }

  @Override
  public void addGradient(int worker, int task, float[] x, float[] gradient) {
    unroll.backward().addGradient(trace, worker, task, x, gradient);
  }
}
