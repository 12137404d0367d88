package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.TrialRecord.Failure;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What became of one trial.
 *
 * @param figures what it measured; null when it was stopped
 * @param failure why it was stopped; null when it was not
 * @param timings what it timed, by name
 * @param machine the processor of the machine that it ran on; null for this machine
 */
public record Attempt(
    @Nullable ObjectNode figures,
    @Nullable Failure failure,
    Map<String, Double> timings,
    @Nullable String machine) {
  /** Runs the trial of an experiment that {@code context} names. */
  public static Attempt at(Experiment experiment, TrialContext context) {
    try {
      return new Attempt(experiment.run(context).json(), null, context.timings(), null);
    } catch (TrialStopped stopped) {
      return new Attempt(null, stopped.failure(), context.timings(), null);
    }
  }

  /** The same, run on another machine. */
  public Attempt on(String other) {
    return new Attempt(figures, failure, timings, other);
  }

  /** The first number that was measured, or why there is none; for people, behind its name. */
  String outcome() {
    if (failure != null) {
      return " stopped: " + failure.cause();
    }
    return figures == null
        ? ""
        : figures.properties().stream()
            .filter(figure -> figure.getValue().isNumber())
            .findFirst()
            .map(figure -> ": " + figure.getKey() + " " + figure.getValue())
            .orElse("");
  }
}
