package dev.unroll.experiments.harness;

import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Climbs a task from short sequences to long ones, with a new model at each rung or one that goes
 * on, until too many rungs in a row are missed.
 *
 * @param lengths the rungs, rising
 * @param misses rungs missed in a row after which the ladder is left
 * @param solver how a rung is tried
 */
public record Ladder(List<Integer> lengths, int misses, Solver solver) {
  /** Stands for a rung that was not tried any more. */
  public static final double NOT_TRIED = -1;

  /**
   * How far it went.
   *
   * @param horizon the longest length solved, 0 if none
   * @param solved by rung: 1, 0 or {@link #NOT_TRIED}
   * @param steps training steps by rung
   * @param scores accuracy of the best window by rung
   */
  public record Climb(int horizon, double[] solved, double[] steps, double[] scores) {}

  /**
   * Climbs. Progress goes from {@code from} to {@code to}.
   *
   * @param models the model for a length
   * @param tasks the task at a length
   */
  public Climb climb(
      IntFunction<Model> models,
      IntFunction<Task> tasks,
      TrialContext context,
      double from,
      double to) {
    Climb climb = new Climb(0, notTried(), notTried(), notTried());
    int horizon = 0;
    int missed = 0;
    double total = lengths.stream().mapToInt(length -> length).sum();
    double before = from;
    for (int i = 0; i < lengths.size() && missed < misses; i++) {
      int length = lengths.get(i);
      double after = before + (to - from) * length / total;
      try {
        Solver.Run run =
            solver.run(models.apply(length), tasks.apply(length), context, before, after);
        climb.solved[i] = run.solved() ? 1 : 0;
        climb.steps[i] = run.steps();
        climb.scores[i] = run.bestScore();
      } catch (TrialStopped outOfNumbers) {
        // A rung whose training leaves the finite numbers is one that was not solved.
        climb.solved[i] = 0;
        climb.steps[i] = outOfNumbers.failure().step();
        climb.scores[i] = 0;
      }
      before = after;
      if (climb.solved[i] == 1) {
        horizon = length;
        missed = 0;
      } else {
        missed++;
      }
    }
    return new Climb(horizon, climb.solved, climb.steps, climb.scores);
  }

  private double[] notTried() {
    double[] rungs = new double[lengths.size()];
    Arrays.fill(rungs, NOT_TRIED);
    return rungs;
  }
}
