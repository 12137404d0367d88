package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Where on the axis of the gain of W_hh a tanh network learns to remember, and how far. */
final class GainPhase extends Study<GainPhase.Config> {
  /**
   * The settings.
   *
   * @param ensembles how W_hh is drawn: orthogonal, gaussian
   * @param gains what it is multiplied with; a Gaussian entry has variance gain²/H
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
      List<String> ensembles,
      List<Double> gains,
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
      for (String ensemble : ensembles) {
        Configs.require(
            List.of("orthogonal", "gaussian").contains(ensemble),
            "ensembles knows orthogonal and gaussian, not '" + ensemble + "'.");
      }
      gains.forEach(gain -> Configs.require(gain > 0, "gains must be positive."));
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
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

  GainPhase() {
    super(
        "gain-phase",
        "where on the axis of the gain does a tanh RNN learn to remember?",
        5,
        new Config(
            List.of("orthogonal", "gaussian"),
            List.of(.4, .6, .8, .9, 1.0, 1.1, 1.2, 1.4, 1.6, 1.9, 2.2),
            List.of(10, 20, 30, 50, 75, 100, 150),
            10,
            16,
            64,
            2000,
            100,
            .003,
            5,
            20,
            .99),
        new Config(
            List.of("orthogonal", "gaussian"),
            List.of(.4, 1.0, 1.4, 2.2),
            List.of(5, 10, 20),
            10,
            16,
            32,
            200,
            32,
            .003,
            5,
            10,
            .99));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (String ensemble : config.ensembles()) {
      for (double gain : config.gains()) {
        for (int length : config.lengths()) {
          trials.add(
              Trial.of(seed)
                  .with("ensemble", ensemble)
                  .with("gain", gain)
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
    Variant variant = Variant.of("rnn_tanh:" + trial.text("ensemble") + "-" + trial.text("gain"));
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

  /** The longest length that one seed's trials solved, 0 if none. */
  private static double longest(Outcome<?> some) {
    return some.records().stream()
        .filter(one -> one.number("solved") == 1)
        .mapToDouble(one -> one.trial().path("length").asDouble())
        .max()
        .orElse(0);
  }

  private static double[] longestBySeed(Outcome<Config> some) {
    return some.seeds().stream().mapToDouble(seed -> longest(some.where("seed", seed))).toArray();
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<Result.Table> tables = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    XYChart lines = Charts.xy("Longest T solved", "gain of W_hh", "sequence length T (steps)");
    lines.getStyler().setYAxisMin(0.0);
    Map<String, Map<Double, Figure>> longest = new LinkedHashMap<>();
    double[] x = config.gains().stream().mapToDouble(gain -> gain).toArray();
    for (int e = 0; e < config.ensembles().size(); e++) {
      String ensemble = config.ensembles().get(e);
      double[][] accuracy = new double[config.lengths().size()][x.length];
      List<List<String>> rows = new ArrayList<>();
      Map<Double, Figure> line = new LinkedHashMap<>();
      for (int g = 0; g < x.length; g++) {
        Outcome<Config> some = outcome.where("ensemble", ensemble).where("gain", x[g]);
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("ensemble", ensemble);
        where.put("gain", x[g]);
        Figure figure = Figure.bootstrapped("longest_solved", where, "steps", longestBySeed(some));
        line.put(x[g], figure);
        figures.add(figure);
        List<String> row = new ArrayList<>(List.of(Numbers.plain(x[g]), figure.text(0)));
        for (int i = 0; i < config.lengths().size(); i++) {
          Outcome<Config> cell = some.where("length", config.lengths().get(i));
          double[] scores = cell.isEmpty() ? new double[1] : cell.each("best_score");
          Figure score = Figure.bootstrapped("accuracy", where, "fraction", scores);
          accuracy[i][g] = score.mean();
          row.add(score.text(2));
        }
        rows.add(row);
      }
      longest.put(ensemble, line);
      Ink ink = Ink.of(e);
      Charts.band(
          lines,
          ensemble,
          ink,
          x,
          line.values().stream().mapToDouble(GainPhase::low).toArray(),
          line.values().stream().mapToDouble(GainPhase::high).toArray());
      Charts.points(
          lines, ensemble, ink, x, line.values().stream().mapToDouble(Figure::mean).toArray());
      List<String> columns = new ArrayList<>(List.of("gain", "longest T solved"));
      config.lengths().forEach(length -> columns.add("T = " + length));
      tables.add(
          new Result.Table(
              "Accuracy with " + ensemble + " W_hh, best window, mean over the seeds [95 %]",
              columns,
              rows));
      charts.add(
          new Chart(
              "accuracy-" + ensemble,
              "Accuracy of the best window, mean over the seeds; chance is "
                  + Numbers.plain(1.0 / config.vocabSize())
                  + ".",
              Charts.heatMap(
                  "Accuracy at copy-first, " + ensemble + " W_hh",
                  "gain of W_hh",
                  "sequence length T (steps)",
                  config.gains(),
                  config.lengths(),
                  accuracy)));
    }
    charts.add(new Chart("longest", "Mean over the seeds with 95 % bands.", lines));
    List<Claim> claims = claims(outcome, longest, figures);
    return new Conclusion(story(outcome, longest), figures, List.of(), tables, charts, claims);
  }

  private static double low(Figure figure) {
    return figure.low() == null ? figure.mean() : figure.low();
  }

  private static double high(Figure figure) {
    return figure.high() == null ? figure.mean() : figure.high();
  }

  /** The gain at which the longest sequences are learned. */
  private static double best(Map<Double, Figure> line) {
    return line.entrySet().stream()
        .max(Comparator.comparingDouble(one -> one.getValue().mean()))
        .orElseThrow()
        .getKey();
  }

  private static List<Claim> claims(
      Outcome<Config> outcome, Map<String, Map<Double, Figure>> longest, List<Figure> figures) {
    Config config = outcome.config();
    List<Claim> claims = new ArrayList<>();
    double smallest = config.gains().getFirst();
    double largest = config.gains().getLast();
    for (Map.Entry<String, Map<Double, Figure>> line : longest.entrySet()) {
      double best = best(line.getValue());
      Outcome<Config> ensemble = outcome.where("ensemble", line.getKey());
      List<String> measured = new ArrayList<>();
      boolean holds = true;
      for (double end : List.of(smallest, largest)) {
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("ensemble", line.getKey());
        where.put("gain", best);
        where.put("less", end);
        Figure margin =
            Paired.difference(
                "longest_difference",
                where,
                "steps",
                ensemble.where("gain", best),
                ensemble.where("gain", end),
                GainPhase::longest);
        if (margin != null) {
          figures.add(margin);
          holds &= margin.low() != null && margin.low() > 0;
          measured.add(Numbers.format("%s steps further than at %s", margin.text(0), plain(end)));
        }
      }
      claims.add(
          Claim.tested(
              "Schoenholz, Gilmer, Ganguli and Sohl-Dickstein 2017; Chen, Pennington and Schoenholz"
                  + " 2018",
              "what can be learned reaches furthest where order turns into chaos, and less far on"
                  + " both sides ("
                  + line.getKey()
                  + " W_hh)",
              Numbers.format(
                  "best at gain %s, which learns %s; copy-first instead of their images",
                  plain(best), String.join(", ", measured)),
              holds));
    }
    Map<Double, Figure> orthogonal = longest.get("orthogonal");
    Map<Double, Figure> gaussian = longest.get("gaussian");
    if (orthogonal != null && gaussian != null) {
      Map<String, Object> where = new LinkedHashMap<>();
      where.put("orthogonal_gain", best(orthogonal));
      where.put("gaussian_gain", best(gaussian));
      Figure margin =
          Paired.difference(
              "orthogonal_less_gaussian",
              where,
              "steps",
              outcome.where("ensemble", "orthogonal").where("gain", best(orthogonal)),
              outcome.where("ensemble", "gaussian").where("gain", best(gaussian)),
              GainPhase::longest);
      if (margin != null) {
        figures.add(margin);
        claims.add(
            Paired.claim(
                "Chen, Pennington and Schoenholz 2018",
                "with all singular values at one (orthogonal W_hh) a plain RNN learns further than"
                    + " any Gaussian one",
                "each at its best gain: " + margin.text(0) + " steps further",
                margin));
      }
    }
    claims.add(
        Claim.outOfReach(
            "Chen, Pennington and Schoenholz 2018",
            "the length that can be trained grows in proportion to the time constant predicted by"
                + " mean-field theory",
            "hidden " + config.hiddenSize() + " and " + config.gains().size() + " gains",
            "the theory is for wide networks and a dense grid near the transition: H = 1024 and 40"
                + " gains take about "
                + Math.round(
                    40.0 / config.gains().size() * Math.pow(1024.0 / config.hiddenSize(), 2))
                + " times the multiplications of this run"));
    return claims;
  }

  private static String plain(double gain) {
    return Numbers.plain(gain);
  }

  private static Result.Story story(
      Outcome<Config> outcome, Map<String, Map<Double, Figure>> longest) {
    Config config = outcome.config();
    return new Result.Story(
        "Where on the axis of the gain does a tanh RNN learn to remember?",
        Numbers.format(
            "A tanh RNN of %d whose W_hh is orthogonal, or Gaussian with variance 1/H, times a gain"
                + " from %s to %s; copy-first with vocabulary %d, embedding %d, batches of %d fresh"
                + " sequences, Adam at %s, clip %s, at most %d steps. Training ends when %d batches"
                + " in a row, each scored before it is learned from, are %s right on average; %d"
                + " seeds.",
            config.hiddenSize(),
            plain(config.gains().getFirst()),
            plain(config.gains().getLast()),
            config.vocabSize(),
            config.embeddingSize(),
            config.samples(),
            plain(config.learningRate()),
            plain(config.clipNorm()),
            config.steps(),
            config.window(),
            Numbers.format("%.0f %%", 100 * config.bar()),
            outcome.seeds().size()),
        "",
        longest.entrySet().stream()
                .map(
                    line ->
                        Numbers.format(
                            "%s W_hh reaches furthest at gain %s: T = %s on average, against %s at"
                                + " gain %s and %s at gain %s",
                            line.getKey(),
                            plain(best(line.getValue())),
                            value(line.getValue(), best(line.getValue())),
                            value(line.getValue(), config.gains().getFirst()),
                            plain(config.gains().getFirst()),
                            value(line.getValue(), config.gains().getLast()),
                            plain(config.gains().getLast())))
                .collect(Collectors.joining("; "))
            + ".",
        "Below the edge W_hh and tanh together shrink whatever differs between two sequences, and"
            + " the gradient with it; far above the edge the state is chaotic, and both the first"
            + " token and the gradient drown in what it does by itself. A tanh contracts a little"
            + " at every step, so that the edge for a driven network lies above gain 1.");
  }

  private static String value(Map<Double, Figure> line, double gain) {
    Figure figure = line.get(gain);
    return figure == null ? "?" : Numbers.format("%.0f", figure.mean());
  }
}
