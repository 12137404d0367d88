package dev.unroll.experiments.paper;

import dev.unroll.cell.LinearCell;
import dev.unroll.experiments.harness.Claim;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/** What follows from the trials of {@link Lyapunov}: its correlations, claims and charts. */
final class LyapunovReading {
  static final String MEMORY_AGAINST_NEWTON =
      "rank_correlation_memory_against_newton_plain_and_short_of_chaos";

  private static final String PREDICTABILITY =
      "Gonzalez, Kozachkov, Zoltowski, Clarkson and Linderman 2025";
  private static final String OURS = "this project, 2026";

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

    /** Iterations at the longest T. */
    Figure newton() {
      return figure("newton_iterations", " T=" + longest(outcome));
    }

    /** Iterations at the shortest T. */
    double shortNewton() {
      return figure("newton_iterations", "").mean();
    }

    double offExponent() {
      return Math.abs(exponent() - figure("gradient_slope", "").mean());
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

    String label() {
      return Variant.of(variant).label();
    }
  }

  private static int longest(Outcome outcome) {
    return outcome.get(Lyapunov.NEWTON_LENGTHS).getLast();
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

  /** Spearman's rank correlation over the networks that are not linear, one for each seed. */
  static Function<Outcome, List<Figure>> correlation(
      String name, String one, String other, Predicate<TrialRecord> among) {
    return outcome -> {
      List<Double> values = new ArrayList<>();
      for (long seed : outcome.seeds()) {
        List<TrialRecord> records =
            outcome.where("seed", seed).records().stream()
                .filter(record -> !record.text("newton_outcome").equals("LINEAR"))
                .filter(record -> Double.isFinite(record.number("exponent")))
                .filter(among)
                .toList();
        if (records.size() >= 3) {
          values.add(
              new SpearmansCorrelation().correlation(each(records, one), each(records, other)));
        }
      }
      double[] known =
          values.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite).toArray();
      return known.length == 0
          ? List.of()
          : List.of(Figure.of(name, Map.of(), "", Estimate.bootstrap(known)));
    };
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

  static List<Claim> claims(Outcome outcome) {
    double longest = longest(outcome);
    List<Claim> claims = new ArrayList<>();
    claim(
        claims,
        PREDICTABILITY,
        "a predictable recurrence, one with a negative exponent, is evaluated in far fewer"
            + " iterations than it has steps",
        networks(outcome, one -> !one.isLinear() && one.exponent() < -.05),
        one -> one.newton().mean() <= .1 * longest);
    claim(
        claims,
        PREDICTABILITY,
        "a chaotic recurrence needs about as many iterations as it has steps",
        networks(outcome, one -> !one.isLinear() && one.exponent() > .05),
        one -> one.newton().mean() >= .5 * longest);
    claim(
        claims,
        "Lim, Zhu, Selfridge and Kasim 2024",
        "where the recurrence forgets, the number of iterations hardly depends on T",
        networks(outcome, one -> !one.isLinear() && one.exponent() < -.1),
        one -> one.newton().mean() <= one.shortNewton() + 2);
    networks(outcome, one -> one.isPlain() && one.isFinite()).stream()
        .mapToDouble(Network::offExponent)
        .max()
        .ifPresent(
            worst ->
                claims.add(
                    Claim.settled(
                        "Engelken, Wolf and Abbott 2023; Vogt, Puelma Touzel, Shlizerman and Lajoie"
                            + " 2022",
                        "the exponent is the rate at which backpropagated gradients grow or vanish",
                        Numbers.format(
                            "plain RNNs: the slope of the gradient's norm over %d steps is at most"
                                + " %.3f nats a step off the exponent",
                            outcome.get(Lyapunov.REACH_LENGTH), worst),
                        worst < .05)));
    Figure correlation = outcome.figure(MEMORY_AGAINST_NEWTON, "");
    if (correlation != null) {
      claims.add(
          Claim.allAbove(
              OURS,
              "what a plain RNN remembers is what it costs in serial time: short of chaos, those"
                  + " that learn longer memories need more Newton iterations",
              "rank correlation of learnable memory with iterations over the plain RNNs with a"
                  + " negative exponent: "
                  + correlation.text(2),
              List.of(correlation),
              .5));
    }
    Network plain = rememberer(outcome, true);
    Network gated = rememberer(outcome, false);
    if (plain != null && gated != null) {
      claims.add(
          Claim.settled(
              OURS,
              "the same holds for gated cells: none remembers as long as the best plain RNN for"
                  + " fewer iterations",
              price(plain) + ", " + price(gated),
              !paysLess(gated, plain)));
    }
    claims.add(
        Claim.outOfReach(
            PREDICTABILITY,
            "the number of iterations grows with log T for predictable systems, up to T in the ten"
                + " thousands",
            "two lengths, the longer T = ${newton_lengths?last}",
            Numbers.format(
                "T = 16,384 and a chaotic network, which needs about T iterations, take about %.0f"
                    + " times the work of our longest solution, for each seed and network",
                StrictMath.pow(16_384 / longest, 2))));
    return claims;
  }

  private static String price(Network one) {
    return Numbers.format(
        "%s learns %s steps in %s iterations",
        one.label(), one.memory().text(0), one.newton().text(0));
  }

  /** A claim about each of some networks; it is reproduced where it holds for all of them. */
  private static void claim(
      List<Claim> claims,
      String source,
      String statement,
      List<Network> about,
      Predicate<Network> holds) {
    if (about.isEmpty()) {
      return;
    }
    List<String> exceptions =
        about.stream()
            .filter(holds.negate())
            .map(
                one ->
                    Numbers.format(
                        "%s (exponent %.2f: %.0f iterations at T = %d, %.0f at %d)",
                        one.label(),
                        one.exponent(),
                        one.shortNewton(),
                        one.outcome().get(Lyapunov.NEWTON_LENGTHS).getFirst(),
                        one.newton().mean(),
                        longest(one.outcome())))
            .toList();
    claims.add(
        Claim.settled(
            source,
            statement,
            Numbers.format(
                "holds for %d of %d networks%s",
                about.size() - exceptions.size(),
                about.size(),
                exceptions.isEmpty() ? "" : ", not for " + String.join(", ", exceptions)),
            exceptions.isEmpty()));
  }

  /** Reach, memory and iterations against the exponent, a point for each network. */
  static XYChart axis(Outcome outcome) {
    Scatter<Network> chart =
        new Scatter<>("What a recurrence remembers, and what it costs", Network::exponent);
    List<Network> shown = networks(outcome, Network::isFinite);
    List<Network> plain = shown.stream().filter(Network::isPlain).toList();
    List<Network> gated = shown.stream().filter(one -> !one.isPlain()).toList();
    chart.draw(
        "gradient reach (steps)", Ink.BLUE, shown, one -> one.figure("gradient_reach", "").mean());
    chart.draw("learnable memory (steps)", Ink.GREEN, plain, one -> one.memory().mean());
    chart.draw("learnable memory, gated", Ink.SKY, gated, one -> one.memory().mean());
    chart.draw("Newton iterations", Ink.VERMILION, plain, one -> one.newton().mean());
    chart.draw("Newton iterations, gated", Ink.PURPLE, gated, one -> one.newton().mean());
    return chart.upTo(longest(outcome), shown);
  }

  /** The same, a point for each trial. */
  static XYChart seeds(Outcome outcome) {
    Scatter<TrialRecord> chart =
        new Scatter<>("The same, seed by seed", one -> one.number("exponent"));
    List<TrialRecord> shown =
        outcome.records().stream().filter(one -> Double.isFinite(one.number("exponent"))).toList();
    chart.draw("gradient reach (steps)", Ink.BLUE, shown, one -> one.number("reach"));
    chart.draw("learnable memory (steps)", Ink.GREEN, shown, one -> one.number("memory"));
    chart.draw("Newton iterations", Ink.VERMILION, shown, one -> one.number("newton_iterations"));
    return chart.upTo(longest(outcome), shown);
  }

  /** Points above their exponents. */
  private record Scatter<T>(XYChart chart, ToDoubleFunction<T> exponent) {
    Scatter(String title, ToDoubleFunction<T> exponent) {
      this(
          Charts.xyOfMany(
              title, "largest Lyapunov exponent (nats per step)", "steps, or iterations"),
          exponent);
      chart.getStyler().setYAxisLogarithmic(true).setYAxisMin(1.0).setYAxisMax(1000.0);
    }

    void draw(String name, Ink ink, List<T> points, ToDoubleFunction<T> height) {
      if (!points.isEmpty()) {
        Charts.scatter(
            chart,
            name,
            ink,
            points.stream().mapToDouble(exponent).toArray(),
            points.stream().mapToDouble(height).map(steps -> Math.max(1, steps)).toArray());
      }
    }

    /** The finished chart with a line at a sequence's length. */
    XYChart upTo(int length, List<T> points) {
      double[] x = points.stream().mapToDouble(exponent).sorted().toArray();
      if (x.length > 1) {
        Charts.curve(
            chart,
            "T = " + length,
            Ink.REFERENCE,
            new double[] {x[0], x[x.length - 1]},
            new double[] {length, length});
      }
      return chart;
    }
  }
}
