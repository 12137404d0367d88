package dev.unroll.run;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A {@link StepLayer} over one shape: which thread takes which rows or units. */
final class UnrollPass implements LayerPass {
  /** Fewest rows of the batch that are worth a thread. */
  private static final int ROWS_PER_THREAD = 3;

  /**
   * Fewest recurrent weights for which dividing the units among threads beats the barrier it costs.
   */
  private static final long WEIGHTS_PER_BARRIER = 1 << 15;

  private final StepLayer layer;
  private final Team team;
  private final Trace trace;
  private final Unroll unroll;
  private final UnrollBackward backward;

  /** Threads that divide the rows of a wide pass. */
  private final int shards;

  /** Whether threads divide the units of a narrow pass. */
  private final boolean dividesUnits;

  private final Share allUnits;

  /** The units of each thread. */
  private final Share[] shares;

  UnrollPass(StepLayer layer, int steps, int batch, boolean training, Team team) {
    if (training) {
      layer.allocateBackward();
    }
    this.layer = layer;
    this.team = team;
    trace = new Trace(layer, steps, batch, training, team.threads());
    unroll = new Unroll(layer, trace);
    backward = new UnrollBackward(layer, trace);
    shards = trace.narrow ? 1 : Math.clamp((long) batch / ROWS_PER_THREAD, 1, team.threads());
    dividesUnits =
        trace.narrow
            && team.threads() > 1
            && layer.projection == null
            && layer.heads == 1
            && Share.pieces(layer) > 1
            && layer.weightHh != null
            && layer.weightHh.size() >= WEIGHTS_PER_BARRIER;
    allUnits = Share.all(layer);
    shares = new Share[team.threads()];
    Arrays.setAll(shares, worker -> Share.of(layer, worker, shares.length));
  }

  /** As {@link Workspace#restrictTo}. */
  void restrictTo(@Nullable ForwardPart part) {
    unroll.restrictTo(part);
  }

  @Override
  public boolean shared(boolean lengths) {
    return shards > 1 || dividesUnits(lengths);
  }

  private boolean dividesUnits(boolean lengths) {
    return dividesUnits && !lengths;
  }

  /** {@return the first row of a shard of the batch} */
  private int firstRow(int shard) {
    return trace.batch * shard / shards;
  }

  @Override
  public void forward(
      int worker,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    int shard = trace.narrow ? 0 : worker;
    if (shard >= shards) {
      return;
    }
    int b0 = firstRow(shard);
    int b1 = firstRow(shard + 1);
    boolean divided = dividesUnits(lengths != null);
    if (!divided || worker == 0) {
      unroll.start(initial, b0, b1);
    }
    if (divided) {
      team.barrier();
      unroll.narrow(worker, shares[worker], team, x, null, y);
    } else if (trace.narrow) {
      unroll.narrow(worker, allUnits, null, x, lengths, y);
    } else {
      unroll.wide(worker, x, lengths, y, b0, b1);
    }
    if (last != null && (!divided || worker == 0)) {
      unroll.finish(last, b0, b1);
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
    int shard = trace.narrow ? 0 : worker;
    if (shard >= shards) {
      return;
    }
    int b0 = firstRow(shard);
    int b1 = firstRow(shard + 1);
    boolean divided = dividesUnits(lengths != null);
    Team meeting = divided ? team : null;
    if (!divided || worker == 0) {
      backward.start(gradLast, b0, b1);
      if (gradX != null && !layer.reverse) {
        clear(gradX, b0, b1);
      }
    }
    meet(meeting);
    Share share = divided ? shares[worker] : allUnits;
    float[] gradXInStep = trace.narrow ? null : gradX;
    backward.overTime(worker, share, meeting, x, lengths, gradY, b0, b1, gradXInStep, scratch);
    meet(meeting);
    if (gradInitial != null && (!divided || worker == 0)) {
      backward.finish(gradInitial, b0, b1);
    }
    if (gradX != null && trace.narrow) {
      // Many steps at once fill the tiles; where units are divided each thread takes some of them.
      int t0 = divided ? trace.steps * worker / team.threads() : 0;
      int t1 = divided ? trace.steps * (worker + 1) / team.threads() : trace.steps;
      backward.toInput(worker, gradX, t0, t1, scratch);
    }
    meet(meeting);
  }

  private static void meet(@Nullable Team team) {
    if (team != null) {
      team.barrier();
    }
  }

  private void clear(float[] gradX, int b0, int b1) {
    for (int t = 0; t < trace.steps; t++) {
      int row = t * trace.batch;
      int width = layer.inputSize;
      Arrays.fill(gradX, (row + b0) * width, (row + b1) * width, 0f);
    }
  }

  @Override
  public int gradientTasks() {
    return backward.gradientTasks();
  }

  @Override
  public void addGradient(int worker, int task, float[] x, float[] values, float[] gradient) {
    backward.addGradient(worker, task, x, gradient);
  }
}
