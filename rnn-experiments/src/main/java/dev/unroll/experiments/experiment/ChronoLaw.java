package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Networks;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** How the steps to a solution grow with T under chrono initialization, right and wrong. */
final class ChronoLaw extends Study<ChronoLaw.Config> {
  /**
   * The settings.
   *
   * @param cells gru, lstm
   * @param factors what chrono is told as a multiple of T; 0 stands for PyTorch's initialization
   * @param lengths T of copy-first, rising
   * @param vocabSize tokens
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param steps most training steps
   * @param samples sequences in a batch
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param window batches, each scored before it is learned from, that are looked at together
   * @param bar mean accuracy of a window that counts as solved and ends the training
   */
  record Config(
      List<String> cells,
      List<Double> factors,
      List<Integer> lengths,
      int vocabSize,
      int embeddingSize,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate,
      double clipNorm,
      int window,
      double bar) {
    Config {
      cells.forEach(cell -> Variant.of(cell + ":chrono"));
      factors.forEach(factor -> Configs.require(factor >= 0, "factors must not be negative."));
      lengths.forEach(length -> Configs.require(length >= 2, "lengths must be at least 2."));
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Solver.require(steps, learningRate, clipNorm, window);
    }

    Solver solver() {
      return new Solver(steps, learningRate, clipNorm, window, bar);
    }
  }

  ChronoLaw() {
    super(
        "chrono-law",
        "how do steps to a solution grow with T under chrono initialization?",
        5,
        new Config(
            List.of("gru", "lstm"),
            List.of(0.0, .1, .3, 1.0, 3.0, 10.0),
            List.of(10, 20, 50, 100, 200, 400),
            10,
            16,
            64,
            4000,
            100,
            .003,
            5,
            10,
            .99),
        new Config(
            List.of("gru"),
            List.of(0.0, .3, 1.0, 3.0),
            List.of(5, 10, 20),
            10,
            16,
            32,
            200,
            32,
            .01,
            5,
            10,
            .99));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (String cell : config.cells()) {
      for (double factor : config.factors()) {
        for (int length : config.lengths()) {
          trials.add(
              Trial.of(seed)
                  .with("cell", cell)
                  .with("factor", factor)
                  .with("length", length)
                  .withWork(length));
        }
      }
    }
    return trials;
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int length = trial.number("length");
    String cell = trial.text("cell");
    double factor = Double.parseDouble(trial.text("factor"));
    Variant variant = factor == 0 ? Variant.of(cell + ":default") : chrono(cell, factor);
    CopyFirstTask task =
        new CopyFirstTask(length, config.samples(), config.vocabSize(), context.random("data"));
    return config
        .solver()
        .run(
            variant.model(
                config.vocabSize(),
                config.embeddingSize(),
                config.hiddenSize(),
                1,
                config.vocabSize(),
                length,
                context::random),
            task,
            context,
            0,
            1)
        .into(figures());
  }

  private static Variant chrono(String cell, double factor) {
    return Variant.of(cell + ":chrono-" + factor);
  }

  private static String label(String cell, double factor) {
    return factor == 0
        ? Networks.label(cell) + ", default"
        : Networks.label(cell) + ", told " + (factor == 1 ? "T" : Numbers.plain(factor) + " T");
  }

  /** The trials' steps; those that did not solve count with all the steps there were. */
  private static double steps(TrialRecord record) {
    return record.number("steps");
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<Result.Table> tables = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    List<String> laws = new ArrayList<>();
    double[] x = config.lengths().stream().mapToDouble(length -> length).toArray();
    for (String cell : config.cells()) {
      XYChart chart =
          Charts.xyOfMany(
              "Steps to a solution of copy-first, " + Networks.label(cell),
              "sequence length T (steps)",
              "training steps");
      chart.getStyler().setYAxisMin(0.0);
      List<List<String>> rows = new ArrayList<>();
      double[][] solved = new double[config.factors().size()][x.length];
      for (int f = 0; f < config.factors().size(); f++) {
        double factor = config.factors().get(f);
        Outcome<Config> some = outcome.where("cell", cell).where("factor", factor);
        List<String> row = new ArrayList<>(List.of(label(cell, factor)));
        List<Figure> line = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
          Outcome<Config> at = some.where("length", config.lengths().get(i));
          if (at.isEmpty()) {
            row.add("stopped");
            continue;
          }
          Map<String, Object> where = new LinkedHashMap<>();
          where.put("cell", cell);
          where.put("told", factor == 0 ? "default" : factor + " T");
          where.put("T", config.lengths().get(i));
          double fraction =
              at.records().stream().mapToDouble(r -> r.number("solved")).average().orElse(0);
          where.put("solved", Numbers.plain(fraction));
          solved[f][i] = fraction;
          Figure figure =
              Figure.bootstrapped(
                  "steps_to_solve",
                  where,
                  "training steps",
                  at.records().stream().mapToDouble(ChronoLaw::steps).toArray());
          figures.add(figure);
          row.add(
              fraction == 0
                  ? "not in " + config.steps()
                  : figure.text(0)
                      + (fraction < 1 ? Numbers.format(", %.0f %% solved", 100 * fraction) : ""));
          if (fraction == 1) {
            line.add(figure);
          }
        }
        rows.add(row);
        draw(chart, label(cell, factor), Ink.of(f), line);
        law(label(cell, factor), line, laws);
      }
      List<String> columns = new ArrayList<>(List.of("initialization"));
      config.lengths().forEach(length -> columns.add("T = " + length));
      tables.add(
          new Result.Table(
              "Steps to a solution, " + Networks.label(cell) + ", mean over the seeds [95 %]",
              columns,
              rows));
      charts.add(
          new Chart(
              "steps-" + cell,
              "Mean over the seeds with 95 % bands, where every seed solved it; a line that ends"
                  + " early was not solved further.",
              chart));
      charts.add(
          new Chart(
              "solved-" + cell,
              "Fraction of the seeds that solved it within " + config.steps() + " steps.",
              Charts.heatMap(
                  "Fraction of seeds that solved copy-first, " + Networks.label(cell),
                  "sequence length T (steps)",
                  "",
                  config.lengths(),
                  config.factors().stream().map(factor -> label(cell, factor)).toList(),
                  solved)));
    }
    List<Claim> claims = claims(outcome, figures);
    return new Conclusion(story(outcome, laws), figures, List.of(), tables, charts, claims);
  }

  private static void draw(XYChart chart, String name, Ink ink, List<Figure> line) {
    if (!line.isEmpty()) {
      double[] x = line.stream().mapToDouble(ChronoLaw::length).toArray();
      Charts.band(
          chart,
          name,
          ink,
          x,
          line.stream().mapToDouble(f -> f.low() == null ? f.mean() : f.low()).toArray(),
          line.stream().mapToDouble(f -> f.high() == null ? f.mean() : f.high()).toArray());
      Charts.points(chart, name, ink, x, line.stream().mapToDouble(Figure::mean).toArray());
    }
  }

  private static double length(Figure figure) {
    return ((Number) figure.where().getOrDefault("T", 0)).doubleValue();
  }

  /** The exponent of T in the steps, where there are lengths enough to tell. */
  private static void law(String label, List<Figure> line, List<String> laws) {
    if (line.size() >= 3) {
      SimpleRegression fit = new SimpleRegression();
      line.forEach(
          figure -> fit.addData(StrictMath.log(length(figure)), StrictMath.log(figure.mean())));
      laws.add(
          Numbers.format(
              "%s: steps grow like T to the %.2f ± %.2f over T = %.0f to %.0f",
              label,
              fit.getSlope(),
              fit.getSlopeConfidenceInterval(),
              length(line.getFirst()),
              length(line.getLast())));
    }
  }

  private static List<Claim> claims(Outcome<Config> outcome, List<Figure> figures) {
    Config config = outcome.config();
    List<Claim> claims = new ArrayList<>();
    for (String cell : config.cells()) {
      Outcome<Config> all = outcome.where("cell", cell);
      if (config.factors().contains(0.0) && config.factors().contains(1.0)) {
        Figure saved = saved(all, 1, 0, cell, figures);
        if (saved != null) {
          claims.add(
              Paired.claim(
                  "Tallec and Ollivier 2018",
                  "chrono initialization learns long dependencies faster than the standard one ("
                      + Networks.label(cell)
                      + ")",
                  Numbers.format(
                      "copy-first, T to %d: %s steps fewer over all lengths, a failure counting as"
                          + " %d; theirs is a copy task of T = 500 and 2000",
                      config.lengths().getLast(), saved.text(0), config.steps()),
                  saved));
        }
      }
    }
    double most = config.lengths().getLast();
    claims.add(
        Claim.outOfReach(
            "Tallec and Ollivier 2018",
            "chrono initialization solves copying over 500 and 2000 steps, where the standard one"
                + " stays at the baseline",
            "our lengths end at " + config.lengths().getLast(),
            Numbers.format(
                "T = 2000 with 50,000 batches of 100 takes about %.0f times the multiplications of"
                    + " our longest trial at its full length",
                2000 / most * 50_000 / config.steps() * 100 / config.samples())));
    return claims;
  }

  /** Steps saved by being told {@code factor} instead of {@code other}, over all lengths. */
  private static @Nullable Figure saved(
      Outcome<Config> all, double factor, double other, String cell, List<Figure> figures) {
    Map<String, Object> where = new LinkedHashMap<>();
    where.put("cell", cell);
    where.put("told", factor + " T");
    where.put("instead_of", other == 0 ? "default" : other + " T");
    Figure saved =
        Paired.difference(
            "steps_saved",
            where,
            "training steps",
            all.where("factor", other),
            all.where("factor", factor),
            one -> one.records().stream().mapToDouble(ChronoLaw::steps).sum());
    if (saved != null) {
      figures.add(saved);
    }
    return saved;
  }

  private static Result.Story story(Outcome<Config> outcome, List<String> laws) {
    Config config = outcome.config();
    List<String> wrong = new ArrayList<>();
    for (String cell : config.cells()) {
      Outcome<Config> all = outcome.where("cell", cell);
      double right = total(all, 1);
      for (double factor : config.factors()) {
        if (factor != 1 && right > 0) {
          wrong.add(
              Numbers.format("%s %.1f times", label(cell, factor), total(all, factor) / right));
        }
      }
    }
    return new Result.Story(
        "How do the steps to a solution grow with T under chrono initialization, and what if it is"
            + " told a wrong T?",
        Numbers.format(
            "copy-first, vocabulary %d, embedding %d, hidden %d, batches of %d fresh sequences,"
                + " Adam at %s, clip %s, at most %d steps; solved, and ended, when %d batches in a"
                + " row, each scored before it is learned from, are %s right on average. Gate"
                + " biases are log u with u from U(1, Tmax - 1), Tmax a multiple of T; %d seeds.",
            config.vocabSize(),
            config.embeddingSize(),
            config.hiddenSize(),
            config.samples(),
            Numbers.plain(config.learningRate()),
            Numbers.plain(config.clipNorm()),
            config.steps(),
            config.window(),
            Numbers.format("%.0f %%", 100 * config.bar()),
            outcome.seeds().size()),
        "",
        (laws.isEmpty() ? "No line is long enough for a law. " : String.join("; ", laws) + ". ")
            + "Steps over all lengths against being told T exactly, a failure counting as "
            + config.steps()
            + ": "
            + String.join(", ", wrong)
            + ".",
        "A unit whose gate lets through 1/u at each step remembers for about u steps. Told too"
            + " little, no unit is slow enough for the gradient to arrive; told too much, most"
            + " units hardly move within the sequence, so that the signal is weaker but still"
            + " there, and the price is a factor rather than failure.");
  }

  private static double total(Outcome<Config> all, double factor) {
    return all.where("factor", factor).records().stream().mapToDouble(ChronoLaw::steps).sum();
  }
}
