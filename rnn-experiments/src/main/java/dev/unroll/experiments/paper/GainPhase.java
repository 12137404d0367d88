package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Claim;
import dev.unroll.experiments.harness.Claim.Test;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.report.number.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
  private static final Measure ORTHOGONAL =
      Measure.of("orthogonal_less_gaussian").unit("steps").digits(0);

  static final Experiment EXPERIMENT =
      Experiment.of("gain-phase", GainPhase::trial)
          .settings(
              solver(tokens(10, 16, 64), 2000, 100, .003, 5, 20, .99)
                  .with(ENSEMBLES, "orthogonal", "gaussian")
                  .with(GAINS, .4, .6, .8, .9, 1.0, 1.1, 1.2, 1.4, 1.6, 1.9, 2.2)
                  .with(LENGTHS, 10, 20, 30, 50, 75, 100, 150))
          .quick(
              full ->
                  full.with(GAINS, .4, 1.0, 1.4, 2.2)
                      .with(LENGTHS, 5, 10, 20)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 200)
                      .with(SAMPLES, 32)
                      .with(WINDOW, 10))
          .over(ENSEMBLE)
          .over(GAIN)
          .over(LENGTH)
          .work((all, trial) -> trial.number("length"))
          .measure(Measure.of("accuracy", "best_score").bootstrap().drawn())
          .perSeed(
              Measure.of("longest_solved").unit("steps").digits(0).bootstrap(),
              GainPhase::longest,
              ENSEMBLE,
              GAIN)
          .derive(DIFFERENCE, GainPhase::beyondTheEnds)
          .derive(ORTHOGONAL, GainPhase::orthogonalLessGaussian)
          .tell("guessing", outcome -> bestByChance(outcome.settings()))
          .tell("best", outcome -> each(outcome, ensemble -> best(outcome, ensemble)))
          .tell("edge", outcome -> each(outcome, ensemble -> isEdge(outcome, ensemble)))
          .claims(outcome -> outcome.get(ENSEMBLES).stream().map(e -> edge(outcome, e)).toList())
          .claim(
              Claim.tested(
                  "Chen, Pennington and Schoenholz 2018",
                  "with all singular values at one (orthogonal W_hh) a plain RNN learns further"
                      + " than any Gaussian one",
                  "each at its best gain: ${figure.interval} steps further",
                  Test.above("orthogonal_less_gaussian", "", 0)))
          .claim(
              Claim.outOfReach(
                  "Chen, Pennington and Schoenholz 2018",
                  "the length that can be trained grows in proportion to the time constant"
                      + " predicted by mean-field theory",
                  "hidden ${hidden_size} and ${gains?size} gains",
                  "the theory is for wide networks and a dense grid near the transition: H = 1024"
                      + " and 40 gains take about ${(40 / gains?size * 1024 / hidden_size * 1024 /"
                      + " hidden_size)?string['0']} times the multiplications of this run"))
          .table(
              Table.of(
                      "Accuracy with ${ensemble} W_hh, best window (a maximum), mean over the seeds"
                          + " [95 %]")
                  .per("ensemble")
                  .rows("gain")
                  .column("longest T solved", "longest_solved")
                  .spread("accuracy", "T"))
          .plot(
              Plot.heat("accuracy", "accuracy", "gain", "T")
                  .per("ensemble")
                  .title("Accuracy at copy-first, ${ensemble} W_hh")
                  .axes("gain of W_hh", "sequence length T (steps)")
                  .caption(
                      "Accuracy of the best window of each training, a maximum, mean over the"
                          + " seeds; the best window of guessing is ${guessing?string['0.00']}."))
          .plot(
              Plot.lines("longest", "longest_solved", "gain")
                  .by("ensemble")
                  .title("Longest T solved")
                  .axes("gain of W_hh", "sequence length T (steps)")
                  .from(0)
                  .caption("Mean over the seeds with 95 % bands."));

  private GainPhase() {}

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    String variant = "rnn_tanh:" + trial.text("ensemble") + "-" + trial.text("gain");
    return solver(trial)
        .run(model(trial, variant, 1, length), copyFirst(trial, length, "data"), trial, 0, 1)
        .measured();
  }

  /** The longest length that one seed's trials solved, 0 if none. */
  private static double longest(Outcome some) {
    return some.records().stream()
        .filter(one -> one.number("solved") == 1)
        .mapToDouble(one -> one.trial().path("length").asDouble())
        .max()
        .orElse(0);
  }

  /** The gain at which the longest sequences are learned. */
  private static double best(Outcome outcome, String ensemble) {
    List<Double> gains = outcome.get(GAINS);
    List<Figure> line = outcome.grid("longest_solved").where("ensemble", ensemble).figures();
    return gains.get(
        Stream.iterate(0, i -> i < gains.size(), i -> i + 1)
            .max(Comparator.comparingDouble(i -> line.get(i).mean()))
            .orElseThrow());
  }

  private static Outcome at(Outcome outcome, String ensemble, double gain) {
    return outcome.where("ensemble", ensemble).where("gain", gain);
  }

  /** How much further the best gain learns than those at either end. */
  private static List<Figure> beyondTheEnds(Outcome outcome) {
    List<Double> gains = outcome.get(GAINS);
    return outcome.get(ENSEMBLES).stream()
        .flatMap(
            ensemble -> {
              double best = best(outcome, ensemble);
              return Stream.of(gains.getFirst(), gains.getLast())
                  .flatMap(
                      end ->
                          DIFFERENCE
                              .difference(
                                  at(outcome, ensemble, best),
                                  at(outcome, ensemble, end),
                                  GainPhase::longest,
                                  Map.of("ensemble", ensemble, "gain", best, "less", end))
                              .stream());
            })
        .toList();
  }

  private static List<Figure> orthogonalLessGaussian(Outcome outcome) {
    if (outcome.get(ENSEMBLES).size() < 2) {
      return List.of();
    }
    double orthogonal = best(outcome, "orthogonal");
    double gaussian = best(outcome, "gaussian");
    return ORTHOGONAL
        .difference(
            at(outcome, "orthogonal", orthogonal),
            at(outcome, "gaussian", gaussian),
            GainPhase::longest,
            Map.of("orthogonal_gain", orthogonal, "gaussian_gain", gaussian))
        .stream()
        .toList();
  }

  /** Whether the best gain learns further than both ends, beyond their intervals. */
  private static boolean isEdge(Outcome outcome, String ensemble) {
    return Boolean.TRUE.equals(edge(outcome, ensemble).settled());
  }

  private static Claim edge(Outcome outcome, String ensemble) {
    List<Figure> margins = outcome.grid("longest_difference").where("ensemble", ensemble).figures();
    return Claim.allAbove(
        "Schoenholz, Gilmer, Ganguli and Sohl-Dickstein 2017; Chen, Pennington and Schoenholz 2018",
        "what can be learned reaches furthest where order turns into chaos, and less far on both"
            + " sides ("
            + ensemble
            + " W_hh)",
        margins.stream()
            .map(margin -> margin.text(0) + " steps further than at " + margin.where().get("less"))
            .collect(
                Collectors.joining(
                    ", ",
                    "best at gain " + best(outcome, ensemble) + ", which learns ",
                    "; copy-first instead of their images")),
        margins,
        0);
  }

  private static Map<String, Object> each(Outcome outcome, Function<String, Object> value) {
    return outcome.get(ENSEMBLES).stream().collect(Collectors.toMap(e -> e, value));
  }
}
