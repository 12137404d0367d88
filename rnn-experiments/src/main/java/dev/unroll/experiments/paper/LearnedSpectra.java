package dev.unroll.experiments.paper;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * The Lyapunov spectra of {@link LearnedDynamics} beside the largest exponents, and how well either
 * tells the iterations: rank correlations over the trained networks of a seed, in every subset.
 */
final class LearnedSpectra {
  private static final Axis INDEX = Axis.range("index", 1, all -> all.get(Learning.HIDDEN_SIZE), 1);
  private static final Measure CORRELATION = Measure.of("rank_correlation").range(-1, 1);

  private LearnedSpectra() {}

  static Experiment derive(Experiment experiment) {
    return experiment
        .measure(
            Measure.list("spectrum", one -> spectrum(one, "after"))
                .unit("nats per step")
                .along(INDEX)
                .drawn())
        .measure(
            Measure.list(
                    "exponents_near_zero",
                    (all, one) ->
                        Stream.of("before", "after")
                            .filter(stage -> one.has("spectrum_" + stage))
                            .mapToDouble(stage -> near(all, one, stage))
                            .toArray())
                .unit("exponents")
                .digits(1)
                .range(0, LearnedSpectra::width)
                .along(Axis.of("stage", all -> List.of("before", "after"))))
        .derive(CORRELATION, LearnedSpectra::correlations)
        .plot(
            Plot.lines("spectrum", "spectrum", "index")
                .per("task")
                .by("variant")
                .title("Lyapunov spectrum after ${task}")
                .axes("index of the exponent", "exponent (nats per step)")
                .caption(
                    "The largest ${hidden_size} exponents after training, mean over the seeds"
                        + " [95 %]."));
  }

  /** Of the state: so many exponents there are. */
  private static double width(Settings all, Map<String, Object> where) {
    int parts = Variant.of(String.valueOf(where.get("variant"))).cell().states().size();
    return parts * all.get(Learning.HIDDEN_SIZE);
  }

  /** Empty in a trial from before spectra were measured. */
  private static double[] spectrum(TrialRecord one, String stage) {
    return one.has("spectrum_" + stage) ? one.numbers("spectrum_" + stage) : new double[0];
  }

  /** How many exponents are near 0. */
  private static double near(Settings all, TrialRecord one, String stage) {
    double near = all.get(LearnedShares.NEAR);
    return Arrays.stream(spectrum(one, stage)).filter(x -> Math.abs(x) <= near).count();
  }

  private static List<Figure> correlations(Outcome outcome) {
    Map<String, ToDoubleBiFunction<Settings, TrialRecord>> causes = new LinkedHashMap<>();
    causes.put("exponent-iterations", (all, one) -> one.number("exponent_after"));
    causes.put("directions-iterations", (all, one) -> near(all, one, "after"));
    List<Figure> figures = new ArrayList<>();
    causes.forEach(
        (pair, cause) -> {
          for (String kind : LearnedShares.KINDS) {
            for (String trained : LearnedShares.TRAINED.stream().sorted().toList()) {
              for (String sign : LearnedShares.SIGNS.stream().sorted().toList()) {
                double[] values =
                    outcome.seeds().stream()
                        .map(seed -> among(outcome.where("seed", seed), kind, trained, sign))
                        .filter(some -> some.size() >= 3)
                        .mapToDouble(some -> correlation(outcome.settings(), some, cause))
                        .filter(Double::isFinite)
                        .toArray();
                if (values.length > 0) {
                  Map<String, Object> where = new LinkedHashMap<>();
                  where.put("pair", pair);
                  where.put("kind", kind);
                  where.put("trained", trained);
                  where.put("sign", sign);
                  figures.add(CORRELATION.figure(where, values));
                }
              }
            }
          }
        });
    return figures;
  }

  private static List<TrialRecord> among(
      Outcome outcome, String kind, String trained, String sign) {
    return LearnedShares.among(outcome, kind, trained, sign)
        .filter(one -> Double.isFinite(one.number("exponent_after")))
        .toList();
  }

  private static double correlation(
      Settings all, List<TrialRecord> some, ToDoubleBiFunction<Settings, TrialRecord> cause) {
    return new SpearmansCorrelation()
        .correlation(
            some.stream().mapToDouble(one -> cause.applyAsDouble(all, one)).toArray(),
            some.stream()
                .mapToDouble(
                    one -> one.numbers("newton_after")[one.numbers("newton_after").length - 1])
                .toArray());
  }
}
