package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Experiment.Outcome;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Differences between two sets of trials, seed by seed, so that a seed's luck cancels. */
final class Paired {
  private Paired() {}

  /**
   * What {@code one} has more than {@code other}, over the seeds that both have; null where there
   * is none. The interval is a bootstrap's: most of these numbers pile up at an end of their range.
   */
  static <C extends Record> @Nullable Figure difference(
      String name,
      Map<String, Object> where,
      String unit,
      Outcome<C> one,
      Outcome<C> other,
      ToDoubleFunction<Outcome<C>> figure) {
    List<Double> differences = new ArrayList<>();
    for (long seed : one.seeds()) {
      Outcome<C> mine = one.where("seed", seed);
      Outcome<C> theirs = other.where("seed", seed);
      if (!mine.isEmpty() && !theirs.isEmpty()) {
        differences.add(figure.applyAsDouble(mine) - figure.applyAsDouble(theirs));
      }
    }
    return differences.isEmpty()
        ? null
        : Figure.bootstrapped(
            name, where, unit, differences.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** A claim that holds where the whole interval lies above zero; one seed alone cannot tell. */
  static Claim claim(String source, String statement, String ours, Figure difference) {
    Double low = difference.low();
    return low == null
        ? Claim.outOfReach(source, statement, ours, "one seed has no interval, give more")
        : Claim.tested(source, statement, ours, low > 0);
  }
}
