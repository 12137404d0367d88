package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;
import static dev.unroll.experiments.task.Learning.solvedRungs;
import static dev.unroll.experiments.task.Learning.triedRungs;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.report.number.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where on the axis of the gain of W_hh a tanh network learns to remember, and how far. */
final class GainPhase {
  private static final Setting<List<String>> ENSEMBLES =
      Setting.texts("ensembles")
          .require(
              all -> List.of("orthogonal", "gaussian").containsAll(all),
              "must be orthogonal, gaussian or both.");
  private static final Setting<List<Double>> GAINS =
      Setting.numbers("gains")
          .require(all -> all.stream().allMatch(gain -> gain > 0), "must be positive.");

  private static final Axis ENSEMBLE = Axis.of("ensemble", ENSEMBLES);
  private static final Axis GAIN =
      Axis.of("gain", GAINS).labelled(gain -> Numbers.plain(Double.parseDouble(gain)));

  private static final Measure DIFFERENCE =
      Measure.of("longest_difference").unit("steps").digits(0);
  private static final Measure SEEDS_FURTHER =
      Measure.of("seeds_further").unit("fraction of seeds").fraction();
  private static final Measure ORTHOGONAL_FURTHER =
      Measure.of("seeds_further_than_gaussian").unit("fraction of seeds").fraction();
  private static final Measure ORTHOGONAL =
      Measure.of("orthogonal_less_gaussian").unit("steps").digits(0);

  static final Experiment EXPERIMENT =
      Experiment.of("gain-phase", GainPhase::trial)
          .settings(
              tunedSolver(tokens(10, 16, 64), 2000, 100, 5, 20, .99)
                  .with(Tuning.SEEDS, 2)
                  .with(ENSEMBLES, "orthogonal", "gaussian")
                  .with(GAINS, .5, .75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
                  .with(RUNGS, 10, 20, 30, 50, 75, 100, 150, 200, 300)
                  .with(MISSES, 1)
                  .with(LEAST_FURTHER, 10))
          .quick(
              full ->
                  full.with(GAINS, .5, 1.0, 1.5, 4.0)
                      .with(LENGTHS, 5, 10, 20)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 200)
                      .with(SAMPLES, 32)
                      .with(WINDOW, 10)
                      .with(LEARNING_RATES, .003))
          .seeds(20, 11)
          .tuned(learningRateByHorizon(ENSEMBLE, GAIN))
          .over(ENSEMBLE)
          .over(GAIN)
          .measure(
              Measure.of("longest_solved", "horizon")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> all.get(RUNGS).getLast()))
          .measure(solvedRungs())
          .measure(triedRungs())
          .derive(DIFFERENCE, outcome -> beyondTheEnds(outcome, by(DIFFERENCE)))
          .derive(SEEDS_FURTHER, outcome -> beyondTheEnds(outcome, counted(SEEDS_FURTHER)))
          .derive(ORTHOGONAL, outcome -> ensembles(outcome, by(ORTHOGONAL)))
          .derive(ORTHOGONAL_FURTHER, outcome -> ensembles(outcome, counted(ORTHOGONAL_FURTHER)))
          .tell("best", outcome -> each(outcome, ensemble -> best(outcome, ensemble)))
          .tell("edge", outcome -> each(outcome, ensemble -> isEdge(outcome, ensemble)))
          .table(
              Table.of(
                      "${ensemble} W_hh: longest T solved, and the fraction of seeds that solved T")
                  .per("ensemble")
                  .rows("gain")
                  .column("longest T solved [95 %]", "longest_solved")
                  .spread("solved", "T"))
          .plot(
              Plot.heat("solved", "solved", "gain", "T")
                  .per("ensemble")
                  .tried("tried")
                  .title("Seeds that solved copy-first, ${ensemble} W_hh")
                  .axes("gain of W_hh", "sequence length T (steps)")
                  .caption(
                      "Fraction of the seeds that solved each length; a ladder is left after"
                          + " ${misses} missed rung<#if misses gt 1>s in a row</#if>."))
          .plot(
              Plot.lines("longest", "longest_solved", "gain")
                  .by("ensemble")
                  .title("Longest T solved")
                  .axes("gain of W_hh", "sequence length T (steps)")
                  .from(0)
                  .caption("Mean over the seeds with 95 % bands."));

  private GainPhase() {}

  private static Measured trial(TrialContext trial) {
    return climb(trial, "rnn_tanh:" + trial.text("ensemble") + "-" + trial.text("gain"));
  }

  private static double horizon(Outcome some) {
    return some.first().number("horizon");
  }

  /** The first half of the seeds, on which the best gain is chosen, or those it is tested on. */
  private static Outcome half(Outcome outcome, boolean first) {
    int half = outcome.seeds().size() / 2;
    List<Long> seeds =
        first
            ? outcome.seeds().subList(0, half)
            : outcome.seeds().subList(half, outcome.seeds().size());
    return new Outcome(
        outcome.settings(),
        seeds,
        outcome.records().stream().filter(record -> seeds.contains(record.seed())).toList(),
        outcome.axes(),
        outcome.grids());
  }

  /** The gain at which the longest sequences are learned by the first half of the seeds. */
  private static double best(Outcome outcome, String ensemble) {
    Outcome choosing = half(outcome, true);
    return outcome.get(GAINS).stream()
        .max(
            Comparator.comparingDouble(
                gain ->
                    at(choosing, ensemble, gain).records().stream()
                        .mapToDouble(record -> record.number("horizon"))
                        .average()
                        .orElse(0)))
        .orElseThrow();
  }

  private static Outcome at(Outcome outcome, String ensemble, double gain) {
    return outcome.where("ensemble", ensemble).where("gain", gain);
  }

  /** What is said of two gains' trials on the seeds that the best gain is tested on. */
  @FunctionalInterface
  private interface Comparison {
    Optional<Figure> of(Outcome one, Outcome other, Map<String, Object> where);
  }

  private static Comparison by(Measure difference) {
    return (one, other, where) -> difference.difference(one, other, GainPhase::horizon, where);
  }

  private static Comparison counted(Measure seeds) {
    return (one, other, where) -> seedsFurther(seeds, one, other, where);
  }

  /** The best gain beside those at either end. */
  private static List<Figure> beyondTheEnds(Outcome outcome, Comparison comparison) {
    List<Double> gains = outcome.get(GAINS);
    Outcome tested = half(outcome, false);
    return outcome.get(ENSEMBLES).stream()
        .flatMap(
            ensemble -> {
              double best = best(outcome, ensemble);
              return Stream.of(gains.getFirst(), gains.getLast())
                  .flatMap(
                      end ->
                          comparison
                              .of(
                                  at(tested, ensemble, best),
                                  at(tested, ensemble, end),
                                  Map.of("ensemble", ensemble, "gain", best, "less", end))
                              .stream());
            })
        .toList();
  }

  /** Both ensembles, each at its best gain. */
  private static List<Figure> ensembles(Outcome outcome, Comparison comparison) {
    if (outcome.get(ENSEMBLES).size() < 2) {
      return List.of();
    }
    double orthogonal = best(outcome, "orthogonal");
    double gaussian = best(outcome, "gaussian");
    Outcome tested = half(outcome, false);
    return comparison
        .of(
            at(tested, "orthogonal", orthogonal),
            at(tested, "gaussian", gaussian),
            Map.of("orthogonal_gain", orthogonal, "gaussian_gain", gaussian))
        .stream()
        .toList();
  }

  /** Whether the best gain learns further than both ends, beyond their intervals. */
  private static boolean isEdge(Outcome outcome, String ensemble) {
    List<Figure> margins = outcome.grid("longest_difference").where("ensemble", ensemble).figures();
    return !margins.isEmpty()
        && margins.stream().allMatch(margin -> margin.low() != null && margin.low() > 0);
  }

  private static Map<String, Object> each(Outcome outcome, Function<String, Object> value) {
    return outcome.get(ENSEMBLES).stream().collect(Collectors.toMap(e -> e, value));
  }
}
