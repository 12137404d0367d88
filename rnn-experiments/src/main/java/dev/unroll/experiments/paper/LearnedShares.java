package dev.unroll.experiments.paper;

import dev.unroll.cell.LinearCell;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measure.Pool;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Problem;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Scatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/**
 * What the claims of {@link LearnedDynamics} are about: of the trained networks that are not
 * linear, how many have a property, or the mean of a number, one value a network and seed. Each is
 * there for every task, kind of network, success and sign of the exponent, alone and together, so
 * that none is left out.
 */
final class LearnedShares {
  /** An exponent of at most this size is near 0: a difference is halved in 7 steps or more. */
  static final Setting<Double> NEAR = Setting.positive("near");

  /** An exponent of at most minus this is clearly negative: the pilot's noise is .02. */
  private static final Setting<Double> CLEARLY = Setting.positive("clearly");

  /** So many times the iterations before training are more. */
  static final Setting<Double> TIMES = Setting.positive("times");

  /** Iterations of at most so much of T are few; more are a share of T. */
  static final Setting<Double> FEW = Setting.positive("few");

  /** Iterations of at least so much of T are about as many as T. */
  private static final Setting<Double> MOST = Setting.positive("most");

  /** A score of at least this is right. */
  private static final Setting<Double> RIGHT = Setting.positive("right");

  private static final String ANY = "any";
  static final List<String> KINDS = List.of(ANY, "plain", "gated");
  static final List<String> TRAINED = List.of(ANY, "learned", "failed");
  static final List<String> SIGNS = List.of(ANY, "negative", "positive");

  private LearnedShares() {}

  static Settings thresholds(Settings before) {
    return before
        .with(NEAR, .1)
        .with(CLEARLY, .05)
        .with(TIMES, 2.0)
        .with(FEW, .1)
        .with(MOST, .5)
        .with(RIGHT, .95);
  }

  /** The experiment with every property and number. */
  static Experiment derive(Experiment experiment) {
    share(experiment, "near_zero", (all, one) -> is(Math.abs(exponent(one)) <= all.get(NEAR)));
    share(experiment, "clearly_negative", (all, one) -> is(exponent(one) <= -all.get(CLEARLY)));
    share(experiment, "costlier", (all, one) -> is(growth(all, one) >= log2(all.get(TIMES))));
    share(
        experiment,
        "few_iterations",
        (all, one) ->
            longest(all, one) <= all.get(FEW) && capped(one)
                ? Double.NaN
                : is(longest(all, one) <= all.get(FEW)));
    share(
        experiment,
        "about_t_iterations",
        (all, one) ->
            longest(all, one) < all.get(MOST) && capped(one)
                ? Double.NaN
                : is(longest(all, one) >= all.get(MOST)));
    share(
        experiment,
        "right_beyond",
        (all, one) -> is(last(one.numbers("scores")) >= all.get(RIGHT)));
    mean(experiment, "growth", LearnedShares::growth);
    mean(
        experiment,
        "share_change",
        (all, one) -> {
          List<Integer> lengths = all.get(LearnedDynamics.NEWTON_LENGTHS);
          int last = lengths.size() - 1;
          double[] iterations = one.numbers("newton_after");
          return log2(iterations[last] / iterations[last - 1])
              - log2((double) lengths.get(last) / lengths.get(last - 1));
        });
    mean(
        experiment,
        "warm_start",
        (all, one) -> {
          double[] solvers = one.numbers("solvers_after");
          return log2(
              solvers[LearnedDynamics.SOLVERS.indexOf("previous")]
                  / solvers[LearnedDynamics.SOLVERS.indexOf("zero")]);
        });
    return experiment.pool(Measure.of("length_exponent"), LearnedShares::lengthExponents);
  }

  /** A property of a trained network: 1, 0, or NaN where the cap on the work hides which. */
  private static void share(
      Experiment experiment, String name, ToDoubleBiFunction<Settings, TrialRecord> property) {
    experiment.pool(Measure.of(name).unit("fraction").fraction(), all -> groups(all, property));
  }

  private static double is(boolean holds) {
    return holds ? 1 : 0;
  }

  /** Whether the cap on the work ended the solution at the longest of {@code newton_lengths}. */
  private static boolean capped(TrialRecord one) {
    return last(one.numbers("newton_censored_after")) > 0;
  }

  private static void mean(
      Experiment experiment, String name, ToDoubleBiFunction<Settings, TrialRecord> value) {
    experiment.pool(Measure.of(name).unit("log2"), all -> groups(all, value));
  }

  private static List<Pool> groups(
      Outcome outcome, ToDoubleBiFunction<Settings, TrialRecord> value) {
    List<String> tasks = new ArrayList<>(List.of(ANY));
    outcome.records().stream().map(LearnedShares::task).distinct().forEach(tasks::add);
    List<Pool> pools = new ArrayList<>();
    for (String task : tasks) {
      for (String kind : KINDS) {
        for (String trained : TRAINED) {
          for (String sign : SIGNS) {
            List<TrialRecord> group =
                among(outcome, kind, trained, sign).filter(one -> isIn(task, task(one))).toList();
            if (!group.isEmpty()) {
              Map<String, Object> where = new LinkedHashMap<>();
              where.put("about", task);
              where.put("kind", kind);
              where.put("trained", trained);
              where.put("sign", sign);
              pools.add(Pool.of(where, group, one -> value.applyAsDouble(outcome.settings(), one)));
            }
          }
        }
      }
    }
    return pools;
  }

  /** The trials of networks that are not linear, of a kind, a success and a sign. */
  static Stream<TrialRecord> among(Outcome outcome, String kind, String trained, String sign) {
    return outcome.records().stream()
        .filter(one -> !kind(one).equals("linear"))
        .filter(one -> isIn(kind, kind(one)))
        .filter(one -> isIn(trained, trained(one)))
        .filter(one -> isIn(sign, sign(one)));
  }

  private static boolean isIn(String group, String of) {
    return group.equals(ANY) || group.equals(of);
  }

  /**
   * How the iterations at the trained length grow with it: the slope of their logarithm against
   * that of T, for each network and seed that learned copy-first at two lengths or more, after
   * training and before.
   */
  private static List<Pool> lengthExponents(Outcome outcome) {
    List<Pool> pools = new ArrayList<>();
    for (String kind : KINDS) {
      for (String stage : List.of("before", "after")) {
        Map<Long, double[]> bySeed = new LinkedHashMap<>();
        for (long seed : outcome.seeds()) {
          List<Double> slopes = new ArrayList<>();
          for (Object variant : outcome.along("variant")) {
            SimpleRegression line = new SimpleRegression();
            outcome.where("seed", seed).where("variant", variant).records().stream()
                .filter(one -> task(one).equals("copy-first") && trained(one).equals("learned"))
                .filter(one -> !kind(one).equals("linear") && isIn(kind, kind(one)))
                .forEach(
                    one ->
                        line.addData(
                            StrictMath.log(problem(one).length()),
                            StrictMath.log(one.numbers("own_" + stage)[0])));
            if (line.getN() > 1) {
              slopes.add(line.getSlope());
            }
          }
          if (!slopes.isEmpty()) {
            bySeed.put(seed, slopes.stream().mapToDouble(Double::doubleValue).toArray());
          }
        }
        if (!bySeed.isEmpty()) {
          pools.add(new Pool(Map.of("kind", kind, "stage", stage), bySeed));
        }
      }
    }
    return pools;
  }

  private static Problem problem(TrialRecord one) {
    return Problem.of(one.trial().path("task").asString());
  }

  private static String task(TrialRecord one) {
    return problem(one).name();
  }

  private static String kind(TrialRecord one) {
    var cell = Variant.of(one.trial().path("variant").asString()).cell();
    return cell instanceof LinearCell ? "linear" : cell.gates() == 1 ? "plain" : "gated";
  }

  private static String trained(TrialRecord one) {
    return one.number("learned") == 1 ? "learned" : "failed";
  }

  private static String sign(TrialRecord one) {
    return exponent(one) < 0 ? "negative" : "positive";
  }

  private static double exponent(TrialRecord one) {
    return one.number("exponent_after");
  }

  /** log2 of the iterations after training by those before, at {@code solver_length}. */
  private static double growth(Settings all, TrialRecord one) {
    return log2(one.numbers("solvers_after")[0] / one.numbers("solvers_before")[0]);
  }

  /** Iterations at the longest of {@code newton_lengths} as a share of T. */
  private static double longest(Settings all, TrialRecord one) {
    double[] iterations = one.numbers("newton_after");
    return iterations[iterations.length - 1] / all.get(LearnedDynamics.NEWTON_LENGTHS).getLast();
  }

  private static double log2(double value) {
    return StrictMath.log(value) / StrictMath.log(2);
  }

  /** Iterations against exponents, a point for each trial, by what its task asks for. */
  static @Nullable XYChart chart(Outcome outcome) {
    Scatter chart =
        new Scatter(
            "What learning costs in serial time",
            "largest Lyapunov exponent (nats per step)",
            "Newton iterations",
            1,
            false);
    draw(chart, "memory, learned", Ink.VERMILION, outcome, Problem::isMemory, "learned");
    draw(chart, "memory, failed", Ink.ORANGE, outcome, Problem::isMemory, "failed");
    draw(chart, "tracking, learned", Ink.BLUE, outcome, Problem::isTracking, "learned");
    draw(chart, "tracking, failed", Ink.PURPLE, outcome, Problem::isTracking, "failed");
    draw(
        chart,
        "controls",
        Ink.GREEN,
        outcome,
        one -> !one.isMemory() && !one.isTracking(),
        "learned");
    return outcome.isEmpty() ? null : chart.finished();
  }

  private static void draw(
      Scatter chart,
      String name,
      Ink ink,
      Outcome outcome,
      Predicate<Problem> which,
      String trained) {
    int steps = outcome.get(LearnedDynamics.NEWTON_LENGTHS).getLast();
    chart.add(
        name,
        ink,
        outcome.records().stream()
            .filter(one -> !kind(one).equals("linear") && Double.isFinite(exponent(one)))
            .filter(one -> which.test(problem(one)) && trained(one).equals(trained))
            .map(
                one ->
                    new Scatter.Point(
                        problem(one).name() + ", " + Variant.label(one.trial()),
                        exponent(one),
                        null,
                        longest(outcome.settings(), one) * steps,
                        null,
                        capped(one)))
            .toList());
  }

  private static double last(double[] values) {
    return values[values.length - 1];
  }
}
