package dev.unroll.experiments.paper;

import dev.unroll.cell.LinearCell;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measure.Pool;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Scatter;
import dev.unroll.report.number.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/** What follows from the trials of {@link Lyapunov}: its correlations, claims and charts. */
final class LyapunovReading {
  /** Iterations of at most so much of T are few. */
  static final double FEW = .1;

  /** Iterations of at least so much of T are about as many as T. */
  static final double MOST = .5;

  /** So many iterations more at a longer T are hardly more. */
  static final double MORE = 2;

  /**
   * Sets of networks by their exponent, each with all those it leaves out in the table. The cuts at
   * .05 and .1 are those of the claims' first version, whose places name the sets; a setting would
   * change the settings that the committed trials were run under. The sets that end at 0 stand
   * beside them, without a gap.
   */
  private static final Map<String, DoublePredicate> SETS = sets();

  private static Map<String, DoublePredicate> sets() {
    Map<String, DoublePredicate> sets = new LinkedHashMap<>();
    sets.put("any", exponent -> true);
    sets.put("below-0", exponent -> exponent < 0);
    sets.put("below-.05", exponent -> exponent < -.05);
    sets.put("below-.1", exponent -> exponent < -.1);
    sets.put("above-0", exponent -> exponent > 0);
    sets.put("above-.05", exponent -> exponent > .05);
    return sets;
  }

  private static final List<String> KINDS = List.of("any", "plain", "gated");

  static final Measure CORRELATION = Measure.of("rank_correlation").range(-1, 1);
  static final Measure OFF_SLOPE =
      Measure.of("exponent_off_slope").unit("nats per step").digits(3).bootstrap();

  private LyapunovReading() {}

  /** One variant and what was measured of it. */
  private record Network(String variant, Outcome outcome) {
    Figure figure(String measure, String at) {
      return Objects.requireNonNull(outcome.figure(measure, "variant=" + variant + at));
    }

    double exponent() {
      return figure("largest_lyapunov_exponent", "").mean();
    }

    Figure memory() {
      return figure("learnable_memory", "");
    }

    /** Iterations at the judged T. */
    Figure newton() {
      return figure("newton_iterations", " T=" + longest(outcome));
    }

    boolean isFinite() {
      return Double.isFinite(exponent());
    }

    /** Whether the cell has no gates. */
    boolean isPlain() {
      return Variant.of(variant).cell().gates() == 1;
    }

    boolean isLinear() {
      return Variant.of(variant).cell() instanceof LinearCell;
    }
  }

  private static int longest(Outcome outcome) {
    return outcome.get(Lyapunov.JUDGED_LENGTH);
  }

  private static List<Network> networks(Outcome outcome, Predicate<Network> which) {
    return outcome.grid("largest_lyapunov_exponent").along("variant").stream()
        .map(variant -> new Network(variant.toString(), outcome))
        .filter(which)
        .toList();
  }

  static boolean isPlain(TrialRecord record) {
    return Variant.of(record.trial().path("variant").asString()).cell().gates() == 1;
  }

  /** The sets that a network is in by its mean exponent, for the table. */
  static String sets(Table.Row row) {
    double exponent = Objects.requireNonNull(row.figure("largest_lyapunov_exponent")).mean();
    return SETS.entrySet().stream()
        .filter(set -> !set.getKey().equals("any") && set.getValue().test(exponent))
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }

  /** The trials of networks that are not linear, of a kind and a set of exponents. */
  private static List<TrialRecord> among(Outcome outcome, String kind, String set) {
    return outcome.records().stream()
        .filter(one -> !one.text("newton_outcome").equals("LINEAR"))
        .filter(one -> kind.equals("any") || isPlain(one) == kind.equals("plain"))
        .filter(one -> Objects.requireNonNull(SETS.get(set)).test(one.number("exponent")))
        .toList();
  }

  /** Spearman's rank correlations over the networks, one for each seed, over all subsets. */
  static List<Figure> correlations(Outcome outcome) {
    List<Figure> figures = new ArrayList<>();
    Map<String, List<String>> pairs = new LinkedHashMap<>();
    pairs.put("exponent-newton", List.of("exponent", "newton_iterations"));
    pairs.put("memory-newton", List.of("memory", "newton_iterations"));
    pairs.put("exponent-reach", List.of("exponent", "reach"));
    pairs.put("exponent-memory", List.of("exponent", "memory"));
    pairs.forEach(
        (pair, keys) -> {
          for (String kind : KINDS) {
            for (String set : List.of("any", "below-0")) {
              double[] values =
                  outcome.seeds().stream()
                      .map(seed -> among(outcome.where("seed", seed), kind, set))
                      .map(
                          some ->
                              some.stream()
                                  .filter(one -> Double.isFinite(one.number("exponent")))
                                  .toList())
                      .filter(some -> some.size() >= 3)
                      .mapToDouble(
                          some ->
                              new SpearmansCorrelation()
                                  .correlation(each(some, keys.get(0)), each(some, keys.get(1))))
                      .filter(Double::isFinite)
                      .toArray();
              if (values.length > 0) {
                figures.add(
                    CORRELATION.figure(place("pair", pair, "kind", kind, "exponent", set), values));
              }
            }
          }
        });
    return figures;
  }

  /** The largest distance of a network's exponent from its gradient's slope, for each seed. */
  static List<Figure> offSlope(Outcome outcome) {
    List<Figure> figures = new ArrayList<>();
    for (String kind : KINDS) {
      double[] values =
          outcome.seeds().stream()
              .map(seed -> among(outcome.where("seed", seed), kind, "any"))
              .filter(some -> !some.isEmpty())
              .mapToDouble(
                  some ->
                      some.stream()
                          .filter(one -> Double.isFinite(one.number("exponent")))
                          .mapToDouble(
                              one -> Math.abs(one.number("exponent") - one.number("reach_slope")))
                          .max()
                          .orElse(0))
              .toArray();
      if (values.length > 0) {
        figures.add(OFF_SLOPE.figure(Map.of("kind", kind), values));
      }
    }
    return figures;
  }

  /** How many networks and seeds of each kind and set have a property. */
  static Function<Outcome, List<Pool>> share(BiPredicate<TrialRecord, Settings> property) {
    return shareOrHidden((one, settings) -> property.test(one, settings) ? 1 : 0);
  }

  /** Likewise, of a property that is 1 or 0, or NaN where it is hidden. */
  static Function<Outcome, List<Pool>> shareOrHidden(
      ToDoubleBiFunction<TrialRecord, Settings> property) {
    return outcome -> {
      List<Pool> pools = new ArrayList<>();
      for (String kind : KINDS) {
        for (String set : SETS.keySet()) {
          List<TrialRecord> networks = among(outcome, kind, set);
          if (!networks.isEmpty()) {
            pools.add(
                Pool.of(
                    place("kind", kind, "exponent", set),
                    networks,
                    one -> property.applyAsDouble(one, outcome.settings())));
          }
        }
      }
      return pools;
    };
  }

  private static Map<String, Object> place(String... pairs) {
    Map<String, Object> place = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      place.put(pairs[i], pairs[i + 1]);
    }
    return place;
  }

  private static double[] each(List<TrialRecord> records, String key) {
    return records.stream().mapToDouble(record -> record.number(key)).toArray();
  }

  /** Of the networks that are not linear, plain or gated, the one with the longest memory. */
  private static @Nullable Network rememberer(Outcome outcome, boolean plain) {
    return networks(outcome, one -> !one.isLinear() && one.isPlain() == plain).stream()
        .max(
            Comparator.comparingDouble((Network one) -> one.memory().mean())
                .thenComparingDouble(one -> -one.newton().mean()))
        .orElse(null);
  }

  /** The variants with the longest memories, under {@code plain} and {@code gated}. */
  static Map<String, String> longestMemory(Outcome outcome) {
    Map<String, String> longest = new LinkedHashMap<>();
    Network plain = rememberer(outcome, true);
    Network gated = rememberer(outcome, false);
    if (plain != null) {
      longest.put("plain", plain.variant());
    }
    if (gated != null) {
      longest.put("gated", gated.variant());
    }
    return longest;
  }

  /** The variants that are not linear with the smallest and the largest exponent, if any. */
  static List<String> ends(Outcome outcome) {
    List<String> rising =
        networks(outcome, one -> !one.isLinear() && one.isFinite()).stream()
            .sorted(Comparator.comparingDouble(Network::exponent))
            .map(Network::variant)
            .toList();
    return rising.isEmpty() ? rising : List.of(rising.getFirst(), rising.getLast());
  }

  /** Whether a gated network remembers as long as every plain one, and for fewer iterations. */
  static boolean gatesPayLess(Outcome outcome) {
    Network plain = rememberer(outcome, true);
    Network gated = rememberer(outcome, false);
    return plain != null && gated != null && paysLess(gated, plain);
  }

  /** Whether one remembers as long as another, and for fewer iterations beyond their intervals. */
  private static boolean paysLess(Network one, Network other) {
    Double most = one.newton().high();
    Double least = other.newton().low();
    return one.memory().mean() >= other.memory().mean()
        && (most == null ? one.newton().mean() : most)
            < (least == null ? other.newton().mean() : least);
  }

  /** Reach, memory and iterations against the exponent, a point for each network. */
  static XYChart axis(Outcome outcome) {
    List<Network> shown = networks(outcome, Network::isFinite);
    Scatter chart = scatter("What a recurrence remembers, and what it costs", true);
    chart.add(
        "gradient reach (steps)",
        Ink.BLUE,
        points(shown, one -> one.figure("gradient_reach", ""), LyapunovReading::reachEnded));
    chart.add(
        "learnable memory (steps)",
        Ink.GREEN,
        points(shown, Network::memory, LyapunovReading::ladderEnded));
    chart.add(
        "Newton iterations",
        Ink.VERMILION,
        points(shown, Network::newton, LyapunovReading::newtonEnded));
    chart.reference("T = " + longest(outcome), longest(outcome));
    return chart.finished();
  }

  /** The same, a point for each trial. */
  static XYChart seeds(Outcome outcome) {
    Scatter chart = scatter("The same, seed by seed", false);
    add(chart, outcome, "gradient reach (steps)", Ink.BLUE, "reach", LyapunovReading::reachEnded);
    add(
        chart,
        outcome,
        "learnable memory (steps)",
        Ink.GREEN,
        "memory",
        LyapunovReading::ladderEnded);
    add(
        chart,
        outcome,
        "Newton iterations",
        Ink.VERMILION,
        "newton_iterations",
        LyapunovReading::newtonEnded);
    chart.reference("T = " + longest(outcome), longest(outcome));
    return chart.finished();
  }

  private static Scatter scatter(String title, boolean named) {
    return new Scatter(
        title, "largest Lyapunov exponent (nats per step)", "steps, or iterations", 1, named);
  }

  /** The means of each network; one at a cap has a seed that is. */
  private static List<Scatter.Point> points(
      List<Network> networks,
      Function<Network, Figure> height,
      BiPredicate<TrialRecord, Settings> ended) {
    return networks.stream()
        .map(
            one -> {
              Figure exponent = one.figure("largest_lyapunov_exponent", "");
              Figure up = height.apply(one);
              Outcome own = one.outcome.where("variant", one.variant);
              return new Scatter.Point(
                  Variant.of(one.variant).label(),
                  exponent.mean(),
                  interval(exponent),
                  up.mean(),
                  interval(up),
                  own.records().stream().anyMatch(trial -> ended.test(trial, own.settings())));
            })
        .toList();
  }

  private static @Nullable Interval interval(Figure figure) {
    return figure.low() == null || figure.high() == null
        ? null
        : new Interval(figure.low(), figure.high());
  }

  private static void add(
      Scatter chart,
      Outcome outcome,
      String kind,
      Ink ink,
      String key,
      BiPredicate<TrialRecord, Settings> ended) {
    chart.add(
        kind,
        ink,
        outcome.records().stream()
            .filter(one -> Double.isFinite(one.number("exponent")))
            .map(
                one ->
                    new Scatter.Point(
                        Variant.label(one.trial()),
                        one.number("exponent"),
                        null,
                        one.number(key),
                        null,
                        ended.test(one, outcome.settings())))
            .toList());
  }

  private static boolean reachEnded(TrialRecord trial, Settings all) {
    return trial.number("reach") >= all.get(Lyapunov.REACH_LENGTH);
  }

  private static boolean ladderEnded(TrialRecord trial, Settings all) {
    return trial.number("memory") >= all.get(Learning.RUNGS).getLast();
  }

  private static boolean newtonEnded(TrialRecord trial, Settings all) {
    return trial.numbers("newton_censored")[Lyapunov.judged(all)] > 0;
  }
}
