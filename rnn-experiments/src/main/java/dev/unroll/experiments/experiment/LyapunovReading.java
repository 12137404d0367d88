package dev.unroll.experiments.experiment;

import dev.unroll.experiments.experiment.LyapunovAxis.Config;
import dev.unroll.experiments.harness.Experiment.Conclusion;
import dev.unroll.experiments.harness.Experiment.Outcome;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/** What follows from the trials of {@link LyapunovAxis}: the figure, the claims, the reading. */
final class LyapunovReading {
  private static final String PREDICTABILITY =
      "Gonzalez, Kozachkov, Zoltowski, Clarkson and Linderman 2025";

  private LyapunovReading() {}

  /** The conclusion from what all trials measured. */
  static Conclusion of(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    Map<String, Point> points = new LinkedHashMap<>();
    for (String name : config.variants()) {
      Outcome<Config> some = outcome.where("variant", name);
      if (!some.isEmpty()) {
        Point point = Point.of(name, some);
        points.put(name, point);
        figures.addAll(point.figures());
      }
    }
    List<Point> sorted =
        points.values().stream()
            .sorted(Comparator.comparingDouble(point -> point.exponent().mean()))
            .toList();
    Figure memoryAgainstNewton =
        correlation(
            outcome,
            "memory_against_newton_plain_and_short_of_chaos",
            LyapunovReading::memory,
            LyapunovReading::newton,
            record -> exponent(record) < 0 && isPlain(record.trial().path("variant").asString()));
    for (Figure figure :
        Arrays.asList(
            memoryAgainstNewton,
            correlation(
                outcome,
                "exponent_against_newton",
                LyapunovReading::exponent,
                LyapunovReading::newton,
                record -> true),
            correlation(
                outcome,
                "memory_against_newton",
                LyapunovReading::memory,
                LyapunovReading::newton,
                record -> true),
            correlation(
                outcome,
                "exponent_against_reach",
                LyapunovReading::exponent,
                record -> record.number("reach"),
                record -> true))) {
      if (figure != null) {
        figures.add(figure);
      }
    }
    return new Conclusion(
        story(config, outcome.seeds().size(), sorted, memoryAgainstNewton),
        figures,
        List.of(),
        List.of(table(config, sorted)),
        List.of(
            new Chart(
                "axis",
                "Each variant at its exponent (mean over the seeds). Gradient reach is capped at "
                    + config.reachLength()
                    + " steps, memory at the ladder's "
                    + config.lengths().getLast()
                    + ", nothing learned is drawn at 1; dotted: T = "
                    + config.longestNewton()
                    + ", where Newton's method is no quicker than one step after another.",
                chart(config, sorted)),
            new Chart(
                "axis-seeds",
                "The same, each seed of each variant a point.",
                seedChart(config, outcome))),
        claims(config, points, memoryAgainstNewton));
  }

  /** Whether the cell has no gates. */
  private static boolean isPlain(String variant) {
    return Variant.of(variant).cell().gates() == 1;
  }

  private static double exponent(TrialRecord record) {
    return record.number("exponent");
  }

  private static double memory(TrialRecord record) {
    return record.number("memory");
  }

  private static double newton(TrialRecord record) {
    return record.number("newton_iterations");
  }

  /** What was measured of one variant. */
  private record Point(
      String name,
      Figure exponent,
      Figure reach,
      Figure slope,
      Figure memory,
      Figure newton,
      Figure newtonShort,
      Figure quasi,
      List<String> outcomes) {
    static Point of(String name, Outcome<Config> some) {
      List<Integer> lengths = some.config().newtonLengths();
      Map<String, Object> where = Map.of("variant", name);
      return new Point(
          name,
          Figure.of("largest_lyapunov_exponent", where, "nats per step", some.each("exponent")),
          Figure.bootstrapped("gradient_reach", where, "steps", some.each("reach")),
          Figure.of("gradient_slope", where, "nats per step", some.each("reach_slope")),
          Figure.bootstrapped("learnable_memory", where, "steps", some.each("memory")),
          iterations("newton_iterations", name, lengths.getLast(), some, "newton", true),
          iterations("newton_iterations", name, lengths.getFirst(), some, "newton", false),
          iterations(
              "quasi_newton_iterations", name, lengths.getLast(), some, "quasi_newton", true),
          some.records().stream().map(record -> record.text("newton_outcome")).distinct().toList());
    }

    private static Figure iterations(
        String figure,
        String name,
        int length,
        Outcome<Config> some,
        String field,
        boolean longest) {
      Map<String, Object> where = new LinkedHashMap<>();
      where.put("variant", name);
      where.put("T", length);
      return Figure.bootstrapped(
          figure,
          where,
          "iterations",
          some.records().stream()
              .map(record -> record.numbers(field))
              .mapToDouble(values -> values[longest ? values.length - 1 : 0])
              .toArray());
    }

    List<Figure> figures() {
      return List.of(exponent, reach, slope, memory, newton, newtonShort, quasi);
    }

    boolean isLinear() {
      return outcomes.contains("LINEAR");
    }
  }

  /** Spearman's rank correlation over the variants, one for each seed. */
  private static @Nullable Figure correlation(
      Outcome<Config> outcome,
      String name,
      ToDoubleFunction<TrialRecord> one,
      ToDoubleFunction<TrialRecord> other,
      Predicate<TrialRecord> among) {
    List<Double> values = new ArrayList<>();
    for (long seed : outcome.seeds()) {
      List<TrialRecord> records =
          outcome.where("seed", seed).records().stream()
              .filter(record -> !record.text("newton_outcome").equals("LINEAR"))
              .filter(record -> Double.isFinite(exponent(record)))
              .filter(among)
              .toList();
      if (records.size() >= 3) {
        double value =
            new SpearmansCorrelation()
                .correlation(
                    records.stream().mapToDouble(one).toArray(),
                    records.stream().mapToDouble(other).toArray());
        if (Double.isFinite(value)) {
          values.add(value);
        }
      }
    }
    return values.isEmpty()
        ? null
        : Figure.bootstrapped(
            "rank_correlation_" + name,
            Map.of(),
            "",
            values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static XYChart emptyChart(String title) {
    XYChart chart =
        Charts.xyOfMany(title, "largest Lyapunov exponent (nats per step)", "steps, or iterations");
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(1.0);
    chart.getStyler().setYAxisMax(1000.0);
    return chart;
  }

  private static void drawLength(XYChart chart, Config config, double from, double to) {
    double length = config.longestNewton();
    Charts.curve(
        chart,
        "T = " + config.longestNewton(),
        Ink.REFERENCE,
        new double[] {from, to},
        new double[] {length, length});
  }

  private static XYChart chart(Config config, List<Point> sorted) {
    XYChart chart = emptyChart("What a recurrence remembers, and what it costs");
    List<Point> shown =
        sorted.stream().filter(point -> Double.isFinite(point.exponent().mean())).toList();
    List<Point> plain = shown.stream().filter(point -> isPlain(point.name())).toList();
    List<Point> gated = shown.stream().filter(point -> !isPlain(point.name())).toList();
    draw(chart, "gradient reach (steps)", Ink.BLUE, shown, Point::reach);
    draw(chart, "learnable memory (steps)", Ink.GREEN, plain, Point::memory);
    draw(chart, "learnable memory, gated", Ink.SKY, gated, Point::memory);
    draw(chart, "Newton iterations", Ink.VERMILION, plain, Point::newton);
    draw(chart, "Newton iterations, gated", Ink.PURPLE, gated, Point::newton);
    double[] x = shown.stream().mapToDouble(point -> point.exponent().mean()).toArray();
    if (x.length > 1) {
      drawLength(chart, config, x[0], x[x.length - 1]);
    }
    return chart;
  }

  private static void draw(
      XYChart chart, String name, Ink ink, List<Point> points, Function<Point, Figure> figure) {
    if (!points.isEmpty()) {
      Charts.scatter(
          chart,
          name,
          ink,
          points.stream().mapToDouble(point -> point.exponent().mean()).toArray(),
          points.stream().mapToDouble(p -> Math.max(1, figure.apply(p).mean())).toArray());
    }
  }

  private static XYChart seedChart(Config config, Outcome<Config> outcome) {
    XYChart chart = emptyChart("The same, seed by seed");
    List<TrialRecord> shown =
        outcome.records().stream()
            .filter(record -> Double.isFinite(record.number("exponent")))
            .toList();
    double[] x = shown.stream().mapToDouble(record -> record.number("exponent")).toArray();
    Map<String, Ink> inks = new LinkedHashMap<>();
    inks.put("reach", Ink.BLUE);
    inks.put("memory", Ink.GREEN);
    inks.put("newton_iterations", Ink.VERMILION);
    inks.forEach(
        (field, ink) ->
            Charts.scatter(
                chart,
                field.replace('_', ' '),
                ink,
                x,
                shown.stream().mapToDouble(r -> Math.max(1, r.number(field))).toArray()));
    if (x.length > 1) {
      drawLength(
          chart,
          config,
          Arrays.stream(x).min().orElseThrow(),
          Arrays.stream(x).max().orElseThrow());
    }
    return chart;
  }

  private static Result.Table table(Config config, List<Point> sorted) {
    List<List<String>> rows = new ArrayList<>();
    for (Point point : sorted) {
      rows.add(
          List.of(
              Variant.of(point.name()).label(),
              point.exponent().text(3),
              point.reach().text(0),
              point.slope().text(3),
              point.memory().text(0),
              point.newtonShort().text(0),
              point.newton().text(0),
              point.quasi().text(0),
              point.outcomes().size() == 1 && point.outcomes().contains("CONVERGED")
                  ? ""
                  : String.join(", ", point.outcomes()).toLowerCase(Locale.ROOT)));
    }
    return new Result.Table(
        "By exponent, mean over the seeds [95 %]",
        List.of(
            "network",
            "exponent (nats per step)",
            "gradient reach (steps)",
            "slope of the gradient (nats per step)",
            "learnable memory (steps)",
            "Newton iterations, T = " + config.newtonLengths().getFirst(),
            "T = " + config.longestNewton(),
            "with a diagonal Jacobian, T = " + config.longestNewton(),
            "Newton"),
        rows);
  }

  private static List<Claim> claims(
      Config config, Map<String, Point> points, @Nullable Figure memoryAgainstNewton) {
    List<Claim> claims = new ArrayList<>();
    List<Point> nonlinear = points.values().stream().filter(point -> !point.isLinear()).toList();
    claim(
        claims,
        PREDICTABILITY,
        "a predictable recurrence, one with a negative exponent, is evaluated in far fewer"
            + " iterations than it has steps",
        nonlinear.stream().filter(point -> point.exponent().mean() < -.05).toList(),
        config,
        point -> point.newton().mean() <= .1 * config.longestNewton());
    claim(
        claims,
        PREDICTABILITY,
        "a chaotic recurrence needs about as many iterations as it has steps",
        nonlinear.stream().filter(point -> point.exponent().mean() > .05).toList(),
        config,
        point -> point.newton().mean() >= .5 * config.longestNewton());
    claim(
        claims,
        "Lim, Zhu, Selfridge and Kasim 2024",
        "where the recurrence forgets, the number of iterations hardly depends on T",
        nonlinear.stream().filter(point -> point.exponent().mean() < -.1).toList(),
        config,
        point -> point.newton().mean() <= point.newtonShort().mean() + 2);
    List<Point> live =
        points.values().stream()
            .filter(point -> Double.isFinite(point.exponent().mean()))
            .filter(point -> isPlain(point.name()))
            .toList();
    if (!live.isEmpty()) {
      double worst =
          live.stream()
              .mapToDouble(point -> Math.abs(point.exponent().mean() - point.slope().mean()))
              .max()
              .orElse(0);
      claims.add(
          Claim.tested(
              "Engelken, Wolf and Abbott 2023; Vogt, Puelma Touzel, Shlizerman and Lajoie 2022",
              "the exponent is the rate at which backpropagated gradients grow or vanish",
              Numbers.format(
                  "plain RNNs: the slope of the gradient's norm over %d steps is at most %.3f nats"
                      + " a step off the exponent",
                  config.reachLength(), worst),
              worst < .05));
    }
    if (memoryAgainstNewton != null) {
      Double low = memoryAgainstNewton.low();
      claims.add(
          Claim.tested(
              "this project, 2026",
              "what a plain RNN remembers is what it costs in serial time: short of chaos, those"
                  + " that learn longer memories need more Newton iterations",
              "rank correlation of learnable memory with iterations over the plain RNNs with a"
                  + " negative exponent: "
                  + memoryAgainstNewton.text(2),
              low != null && low > .5));
    }
    Point plain = rememberer(nonlinear, true);
    Point gated = rememberer(nonlinear, false);
    if (plain != null && gated != null) {
      claims.add(
          Claim.tested(
              "this project, 2026",
              "the same holds for gated cells: none remembers as long as the best plain RNN for"
                  + " fewer iterations",
              Numbers.format(
                  "%s learns %s steps in %s iterations, %s %s in %s",
                  Variant.of(plain.name()).label(),
                  plain.memory().text(0),
                  plain.newton().text(0),
                  Variant.of(gated.name()).label(),
                  gated.memory().text(0),
                  gated.newton().text(0)),
              !paysLess(gated, plain)));
    }
    claims.add(
        Claim.outOfReach(
            PREDICTABILITY,
            "the number of iterations grows with log T for predictable systems, up to T in the ten"
                + " thousands",
            "two lengths, the longer T = " + config.longestNewton(),
            Numbers.format(
                "T = 16,384 and a chaotic network, which needs about T iterations, take about %.0f"
                    + " times the work of our longest solution, for each seed and network",
                StrictMath.pow(16_384.0 / config.longestNewton(), 2))));
    return claims;
  }

  /** A claim about each of some networks; it is reproduced where it holds for all of them. */
  private static void claim(
      List<Claim> claims,
      String source,
      String statement,
      List<Point> about,
      Config config,
      Predicate<Point> holds) {
    if (about.isEmpty()) {
      return;
    }
    List<String> exceptions =
        about.stream()
            .filter(holds.negate())
            .map(
                point ->
                    Numbers.format(
                        "%s (exponent %.2f: %.0f iterations at T = %d, %.0f at %d)",
                        Variant.of(point.name()).label(),
                        point.exponent().mean(),
                        point.newtonShort().mean(),
                        config.newtonLengths().getFirst(),
                        point.newton().mean(),
                        config.longestNewton()))
            .toList();
    claims.add(
        Claim.tested(
            source,
            statement,
            Numbers.format(
                "holds for %d of %d networks%s",
                about.size() - exceptions.size(),
                about.size(),
                exceptions.isEmpty() ? "" : ", not for " + String.join(", ", exceptions)),
            exceptions.isEmpty()));
  }

  private static Result.Story story(
      Config config, int seeds, List<Point> sorted, @Nullable Figure memoryAgainstNewton) {
    return new Result.Story(
        "What does remembering cost in serial time?",
        Numbers.format(
            "Untrained networks of %d driven by random tokens (vocabulary %d, embedding %d; chrono"
                + " is told %d). The exponent: norm growth over %d steps, %d left out at either"
                + " end, mean of %d drives. Gradient reach: the lag at which dL/dh_t has lost %s"
                + " powers of ten, up to %d. Newton iterations: DEER with the full Jacobian, values"
                + " that leave the numbers reset, to a change of %s, at T = %s, at most T."
                + " Learnable memory: the longest T of copy-first on the ladder %s that Adam at %s"
                + " solves in %d steps of %d sequences, a rung ending when %d batches in a row,"
                + " each scored before it is learned from, are %s right on average. %d seeds.",
            config.hiddenSize(),
            config.vocabSize(),
            config.embeddingSize(),
            config.told(),
            config.lyapunovSteps(),
            config.burnIn(),
            config.drives(),
            Numbers.plain(config.reachDrop()),
            config.reachLength(),
            Numbers.plain(config.newtonTolerance()),
            join(config.newtonLengths()),
            join(config.lengths()),
            Numbers.plain(config.learningRate()),
            config.steps(),
            config.samples(),
            config.window(),
            Numbers.format("%.0f %%", 100 * config.bar()),
            seeds),
        "",
        reading(config, sorted, memoryAgainstNewton),
        "All three are the same product of Jacobians seen from three sides. Backward it is the"
            + " gradient; forward it is how long a difference between two sequences lasts; and"
            + " Newton's linear recurrence carries each step's error on through it, so that errors"
            + " die out after a few iterations where the product shrinks, and have to be removed"
            + " step after step where it does not. What the exponent does not see is how nonlinear"
            + " the recurrence is: a cell that is nearly linear in its state can keep it for long"
            + " and still be solved at once, and one that is linear takes a single scan. What"
            + " either way costs in time, on how many cores, is measured by rnn-bench: a full run's"
            + " report below results/bench, All of time at once.");
  }

  private static String join(List<Integer> numbers) {
    return String.join(", ", numbers.stream().map(String::valueOf).toList());
  }

  /** Three sentences: the forgetful, the ones at the edge, and the two together. */
  private static String reading(
      Config config, List<Point> sorted, @Nullable Figure memoryAgainstNewton) {
    List<Point> nonlinear =
        sorted.stream()
            .filter(point -> !point.isLinear() && Double.isFinite(point.exponent().mean()))
            .toList();
    if (nonlinear.isEmpty()) {
      return "Every network here is linear in its state: one scan evaluates it.";
    }
    Point forgetful = nonlinear.getFirst();
    Point chaotic = nonlinear.getLast();
    Point plain = rememberer(nonlinear, true);
    Point gated = rememberer(nonlinear, false);
    Double low = memoryAgainstNewton == null ? null : memoryAgainstNewton.low();
    return Numbers.format(
            "A network that forgets (%s, exponent %.2f) sends its gradient back %.0f steps, learns"
                + " a memory of %.0f and is evaluated over T = %d in %.0f Newton iterations, while"
                + " one at the other end (%s, exponent %.2f) needs %.0f. ",
            Variant.of(forgetful.name()).label(),
            forgetful.exponent().mean(),
            forgetful.reach().mean(),
            forgetful.memory().mean(),
            config.longestNewton(),
            forgetful.newton().mean(),
            Variant.of(chaotic.name()).label(),
            chaotic.exponent().mean(),
            chaotic.newton().mean())
        + "The longest memory "
        + Stream.of(plain, gated)
            .filter(Objects::nonNull)
            .map(
                point ->
                    Numbers.format(
                        "of the %s, %.0f steps, is learned by %s at exponent %.3f and costs %.0f"
                            + " iterations",
                        isPlain(point.name()) ? "plain networks" : "gated ones",
                        point.memory().mean(),
                        Variant.of(point.name()).label(),
                        point.exponent().mean(),
                        point.newton().mean()))
            .collect(Collectors.joining("; that "))
        + ". "
        + (memoryAgainstNewton == null
            ? "There are too few networks here to say more."
            : "Among plain networks short of chaos memory and iterations have a rank correlation of"
                + " "
                + memoryAgainstNewton.text(2)
                + (low != null && low > .5
                    ? ": what they remember is what they cost in serial time"
                    : ": what they remember is not simply what they cost in serial time")
                + (plain != null && gated != null && paysLess(gated, plain)
                    ? ", and gates are what remembers without paying it."
                    : "."));
  }

  /** Of the plain networks, or of the gated ones, the one that learns the longest memory. */
  private static @Nullable Point rememberer(List<Point> points, boolean plain) {
    return points.stream()
        .filter(point -> isPlain(point.name()) == plain)
        .max(
            Comparator.comparingDouble((Point point) -> point.memory().mean())
                .thenComparingDouble(point -> -point.newton().mean()))
        .orElse(null);
  }

  /** Whether one remembers as long as another, and for fewer iterations beyond their intervals. */
  private static boolean paysLess(Point one, Point other) {
    Double most = one.newton().high();
    Double least = other.newton().low();
    return one.memory().mean() >= other.memory().mean()
        && (most == null ? one.newton().mean() : most)
            < (least == null ? other.newton().mean() : least);
  }
}
