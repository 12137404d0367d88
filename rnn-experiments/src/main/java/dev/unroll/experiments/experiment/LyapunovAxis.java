package dev.unroll.experiments.experiment;

import dev.unroll.cell.LinearCell;
import dev.unroll.dynamics.Lyapunov;
import dev.unroll.dynamics.Newton;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.report.Chart;
import dev.unroll.experiments.report.Charts;
import dev.unroll.experiments.report.Charts.Ink;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Statistics;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Variant;
import dev.unroll.run.Team;
import dev.unroll.train.Embedding;
import dev.unroll.train.Model;
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
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * The headline: the largest Lyapunov exponent of a recurrence, and against it how far its gradients
 * reach, how long a memory it learns, and how many Newton iterations evaluate it over all of time
 * at once.
 */
final class LyapunovAxis extends Study<LyapunovAxis.Config> {
  private static final String PREDICTABILITY =
      "Gonzalez, Kozachkov, Zoltowski, Clarkson and Linderman 2025";

  /**
   * The settings.
   *
   * @param variants cells with their initializations, see {@link Variant}
   * @param told the length that chrono initializations are told
   * @param vocabSize tokens
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param lyapunovSteps T of the exponent
   * @param burnIn steps left out at either end
   * @param drives input sequences that the exponent is the mean over
   * @param reachLength T of the gradient
   * @param reachDrop powers of ten that the gradient's norm may fall before it counts as lost
   * @param newtonLengths T of Newton's method, rising
   * @param newtonTolerance largest change that counts as none
   * @param lengths the ladder of copy-first, rising
   * @param misses rungs missed in a row after which the ladder is left
   * @param steps most training steps on a rung
   * @param samples sequences in a batch
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param window batches, each scored before it is learned from, that are looked at together
   * @param bar mean accuracy of a window that counts as solved and ends the training
   */
  record Config(
      List<String> variants,
      int told,
      int vocabSize,
      int embeddingSize,
      int hiddenSize,
      int lyapunovSteps,
      int burnIn,
      int drives,
      int reachLength,
      double reachDrop,
      List<Integer> newtonLengths,
      double newtonTolerance,
      List<Integer> lengths,
      int misses,
      int steps,
      int samples,
      double learningRate,
      double clipNorm,
      int window,
      double bar) {
    Config {
      Variant.require(variants);
      Configs.require(told >= 2, "told must be at least 2.");
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(
          burnIn >= 0 && lyapunovSteps > 2 * burnIn,
          "lyapunov_steps must be more than twice burn_in.");
      Configs.require(drives >= 1, "drives must be at least 1.");
      Configs.require(reachLength >= 2, "reach_length must be at least 2.");
      Configs.require(reachDrop > 0, "reach_drop must be positive.");
      Configs.require(!newtonLengths.isEmpty(), "newton_lengths must not be empty.");
      newtonLengths.forEach(
          length -> Configs.require(length >= 1, "newton_lengths must be at least 1."));
      Configs.require(newtonTolerance > 0, "newton_tolerance must be positive.");
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
      Configs.require(misses >= 1, "misses must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Solver.require(steps, learningRate, clipNorm, window);
    }

    Ladder ladder() {
      return new Ladder(
          lengths,
          misses,
          vocabSize,
          samples,
          new Solver(steps, learningRate, clipNorm, window, bar));
    }

    int longestNewton() {
      return newtonLengths.getLast();
    }
  }

  LyapunovAxis() {
    super(
        "lyapunov",
        "what does remembering cost in serial time?",
        5,
        new Config(
            List.of(
                "rnn_tanh:default",
                "rnn_tanh:orthogonal-0.6",
                "rnn_tanh:orthogonal-0.8",
                "rnn_tanh:orthogonal-1",
                "rnn_tanh:orthogonal-1.2",
                "rnn_tanh:orthogonal-1.5",
                "rnn_tanh:orthogonal-2",
                "rnn_tanh:orthogonal-3",
                "rnn_tanh:gaussian-1",
                "rnn_tanh:gaussian-1.5",
                "rnn_tanh:gaussian-2",
                "rnn_tanh:gaussian-3",
                "gru:default",
                "gru:orthogonal",
                "gru:chrono",
                "lstm:default",
                "lstm:forget-1",
                "lstm:chrono",
                "min_gru:default"),
            100,
            10,
            16,
            64,
            3000,
            200,
            8,
            300,
            3,
            List.of(128, 512),
            1e-4,
            List.of(5, 10, 20, 30, 50, 75, 100, 150),
            1,
            2000,
            100,
            .003,
            5,
            20,
            .99),
        new Config(
            List.of("rnn_tanh:orthogonal-0.6", "rnn_tanh:orthogonal-1.2", "gru:default"),
            20,
            10,
            8,
            16,
            200,
            20,
            2,
            60,
            3,
            List.of(32, 64),
            1e-4,
            List.of(5, 10),
            1,
            150,
            32,
            .005,
            5,
            10,
            .99));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return config.variants().stream()
        .map(
            variant ->
                Trial.of(seed)
                    .with("variant", variant)
                    .withWork(1 + Variant.of(variant).cell().gates()))
        .toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Variant variant = Variant.of(trial.text("variant"));
    Model model = model(config, variant, context);
    ObjectNode figures = figures();

    float[] x = drive(config, model, config.lyapunovSteps(), config.drives(), context, "drive");
    double[] exponents =
        Lyapunov.largest(
            model.recurrent(),
            x,
            config.lyapunovSteps(),
            config.drives(),
            config.burnIn(),
            trial.seed(),
            Team.single());
    figures.put("exponent", Arrays.stream(exponents).average().orElseThrow());
    put(figures, "exponents", exponents);
    context.progress(.05);

    CopyFirstTask probe =
        new CopyFirstTask(config.reachLength(), 32, config.vocabSize(), context.random("probe"));
    probe.next();
    double[] norms = TimeGradients.log10Norms(model, probe.tokens(), probe.targets(), 32);
    figures.put("reach", reach(norms, config.reachDrop()));
    figures.put("reach_slope", slope(norms));
    context.progress(.08);

    newton(config, variant, model, context, figures);
    context.progress(.2);

    Ladder.Climb climb =
        config.ladder().climb(length -> model(config, variant, context), context, .2, 1);
    figures.put("memory", climb.horizon());
    put(figures, "memory_scores", climb.scores());
    return figures;
  }

  private static Model model(Config config, Variant variant, TrialContext context) {
    return variant.model(
        config.vocabSize(),
        config.embeddingSize(),
        config.hiddenSize(),
        1,
        config.vocabSize(),
        config.told(),
        context::random);
  }

  /** Random tokens as the recurrence sees them, {@code [T, B, embedding]}. */
  private static float[] drive(
      Config config, Model model, int steps, int batch, TrialContext context, String purpose) {
    Embedding embedding = Objects.requireNonNull(model.embedding());
    CopyFirstTask tokens =
        new CopyFirstTask(steps, batch, config.vocabSize(), context.random(purpose));
    tokens.next();
    float[] x = new float[steps * batch * config.embeddingSize()];
    embedding.forward(steps * batch, tokens.tokens(), x);
    return x;
  }

  /** The first lag at which the gradient has fallen by so many powers of ten, or all of them. */
  private static int reach(double[] norms, double drop) {
    int lag = 0;
    while (lag < norms.length && norms[lag] > -drop) {
      lag++;
    }
    return lag;
  }

  /** Nats a step from a tenth of the way to the end, or to where the gradient is no more. */
  private static double slope(double[] norms) {
    int last = norms.length - 1;
    while (last > 1 && !Double.isFinite(norms[last])) {
      last--;
    }
    int first = last / 10;
    return (norms[last] - norms[first]) * StrictMath.log(10) / (last - first);
  }

  private static void newton(
      Config config, Variant variant, Model model, TrialContext context, ObjectNode figures) {
    int lengths = config.newtonLengths().size();
    double[] full = new double[lengths];
    double[] diagonal = new double[lengths];
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < lengths; i++) {
      int steps = config.newtonLengths().get(i);
      if (variant.cell() instanceof LinearCell) {
        // Linear in its state: the first linear recurrence is already the answer.
        full[i] = 1;
        diagonal[i] = 1;
        outcomes.add("LINEAR");
        continue;
      }
      float[] x = drive(config, model, steps, 1, context, "newton");
      Newton.Options options =
          Newton.Options.deer()
              .withTolerance(config.newtonTolerance())
              .withMaxIterations(steps)
              .withReset(true);
      Newton.Solution solution =
          Newton.solve(model.recurrent(), x, steps, null, options, Team.single());
      full[i] = solution.iterations();
      outcomes.add(solution.outcome().name());
      diagonal[i] =
          Newton.solve(
                  model.recurrent(),
                  x,
                  steps,
                  null,
                  options.withJacobian(Newton.Jacobian.DIAGONAL),
                  Team.single())
              .iterations();
    }
    put(figures, "newton", full);
    put(figures, "quasi_newton", diagonal);
    figures.put("newton_outcome", outcomes.getLast());
    figures.put("newton_iterations", full[lengths - 1]);
    figures.put("quasi_newton_iterations", diagonal[lengths - 1]);
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
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
            "memory_against_newton_short_of_chaos",
            LyapunovAxis::memory,
            LyapunovAxis::newton,
            record -> exponent(record) < 0);
    Figure exponentAgainstNewton =
        correlation(
            outcome,
            "exponent_against_newton",
            LyapunovAxis::exponent,
            LyapunovAxis::newton,
            record -> true);
    for (Figure figure :
        Arrays.asList(
            memoryAgainstNewton,
            exponentAgainstNewton,
            correlation(
                outcome,
                "memory_against_newton",
                LyapunovAxis::memory,
                LyapunovAxis::newton,
                record -> true),
            correlation(
                outcome,
                "exponent_against_reach",
                LyapunovAxis::exponent,
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
        claims(config, points, exponentAgainstNewton, memoryAgainstNewton));
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
        Charts.xy(title, "largest Lyapunov exponent (nats per step)", "steps, or iterations");
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
    double[] x = shown.stream().mapToDouble(point -> point.exponent().mean()).toArray();
    draw(chart, "gradient reach (steps)", Ink.BLUE, x, shown, Point::reach);
    draw(chart, "learnable memory (steps)", Ink.GREEN, x, shown, Point::memory);
    draw(chart, "Newton iterations", Ink.VERMILION, x, shown, Point::newton);
    if (x.length > 1) {
      drawLength(chart, config, x[0], x[x.length - 1]);
    }
    return chart;
  }

  private static void draw(
      XYChart chart,
      String name,
      Ink ink,
      double[] x,
      List<Point> points,
      Function<Point, Figure> figure) {
    double[] y =
        points.stream().mapToDouble(point -> Math.max(1, figure.apply(point).mean())).toArray();
    Charts.scatter(chart, name, ink, x, y);
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
      Config config,
      Map<String, Point> points,
      @Nullable Figure exponentAgainstNewton,
      @Nullable Figure memoryAgainstNewton) {
    List<Claim> claims = new ArrayList<>();
    List<Point> nonlinear = points.values().stream().filter(point -> !point.isLinear()).toList();
    if (exponentAgainstNewton != null) {
      Double low = exponentAgainstNewton.low();
      claims.add(
          Claim.tested(
              PREDICTABILITY,
              "the largest Lyapunov exponent decides how many Newton iterations evaluate a"
                  + " recurrence",
              "rank correlation over "
                  + nonlinear.size()
                  + " networks: "
                  + exponentAgainstNewton.text(2),
              low != null && low > .8));
    }
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
            .filter(point -> Variant.of(point.name()).cell().gates() == 1)
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
              Statistics.format(
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
              "what a recurrence remembers is what it costs in serial time: short of chaos,"
                  + " networks that learn longer memories need more Newton iterations",
              "rank correlation of learnable memory with iterations over the networks with a"
                  + " negative exponent: "
                  + memoryAgainstNewton.text(2),
              low != null && low > .5));
    }
    claims.add(
        Claim.outOfReach(
            PREDICTABILITY,
            "the number of iterations grows with log T for predictable systems, up to T in the ten"
                + " thousands",
            "two lengths, the longer T = " + config.longestNewton(),
            Statistics.format(
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
                    Statistics.format(
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
            Statistics.format(
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
        Statistics.format(
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
            Statistics.plain(config.reachDrop()),
            config.reachLength(),
            Statistics.plain(config.newtonTolerance()),
            join(config.newtonLengths()),
            join(config.lengths()),
            Statistics.plain(config.learningRate()),
            config.steps(),
            config.samples(),
            config.window(),
            Statistics.format("%.0f %%", 100 * config.bar()),
            seeds),
        "",
        reading(config, sorted, memoryAgainstNewton),
        "All three are the same product of Jacobians seen from three sides. Backward it is the"
            + " gradient; forward it is how long a difference between two sequences lasts; and"
            + " Newton's linear recurrence carries each step's error on through it, so that errors"
            + " die out after a few iterations where the product shrinks, and have to be removed"
            + " step after step where it does not. What the exponent does not see is how nonlinear"
            + " the recurrence is: a cell that is nearly linear in its state can keep it for long"
            + " and still be solved at once, and one that is linear takes a single scan.");
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
    Point rememberer =
        nonlinear.stream()
            .max(Comparator.comparingDouble(point -> point.memory().mean()))
            .orElseThrow();
    return Statistics.format(
            "A network that forgets (%s, exponent %.2f) sends its gradient back %.0f steps, learns"
                + " a memory of %.0f and is evaluated over T = %d in %.0f Newton iterations, while"
                + " one at the other end (%s, exponent %.2f) needs %.0f. The longest memory, %.0f"
                + " steps, is learned by %s at exponent %.3f, which needs %.0f iterations. ",
            Variant.of(forgetful.name()).label(),
            forgetful.exponent().mean(),
            forgetful.reach().mean(),
            forgetful.memory().mean(),
            config.longestNewton(),
            forgetful.newton().mean(),
            Variant.of(chaotic.name()).label(),
            chaotic.exponent().mean(),
            chaotic.newton().mean(),
            rememberer.memory().mean(),
            Variant.of(rememberer.name()).label(),
            rememberer.exponent().mean(),
            rememberer.newton().mean())
        + (memoryAgainstNewton == null
            ? "There are too few networks here to say more."
            : "Over the networks short of chaos, memory and iterations have a rank correlation of "
                + memoryAgainstNewton.text(2)
                + (memoryAgainstNewton.low() != null && memoryAgainstNewton.low() > .5
                    ? ": what a recurrence remembers is what it costs in serial time."
                    : ": what a recurrence remembers is not simply what it costs in serial time."));
  }
}
