package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Trial;
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
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** What a second layer gives to cells whose gates do not look at the state. */
final class MinDepth extends Study<MinDepth.Config> {
  private static final String PAPER = "Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024";

  /**
   * The settings.
   *
   * @param cells cells compared
   * @param layers numbers of layers compared
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
      List<Integer> layers,
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
      Networks.requireCells(cells);
      layers.forEach(count -> Configs.require(count >= 1, "layers must be at least 1."));
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

  MinDepth() {
    super(
        "min-depth",
        "what does a second layer give to minGRU and minLSTM?",
        5,
        new Config(
            List.of("min_gru", "min_lstm", "gru"),
            List.of(1, 2, 3),
            List.of(5, 10, 20, 50, 100),
            10,
            16,
            64,
            4000,
            100,
            .003,
            5,
            20,
            .99),
        new Config(
            List.of("min_gru", "min_lstm"),
            List.of(1, 2),
            List.of(5, 10),
            10,
            16,
            32,
            300,
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
      for (int layers : config.layers()) {
        for (int length : config.lengths()) {
          trials.add(
              Trial.of(seed)
                  .with("cell", cell)
                  .with("layers", layers)
                  .with("length", length)
                  .withWork((double) length * layers));
        }
      }
    }
    return trials;
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int length = trial.number("length");
    CopyFirstTask task =
        new CopyFirstTask(length, config.samples(), config.vocabSize(), context.random("data"));
    return config
        .solver()
        .run(
            Variant.of(trial.text("cell") + ":default")
                .model(
                    config.vocabSize(),
                    config.embeddingSize(),
                    config.hiddenSize(),
                    trial.number("layers"),
                    config.vocabSize(),
                    length,
                    context::random),
            task,
            context,
            0,
            1)
        .into(figures());
  }

  private static String label(String cell, int layers) {
    return Networks.label(cell) + ", " + layers + (layers == 1 ? " layer" : " layers");
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    XYChart chart =
        Charts.xyOfMany(
            "Accuracy at copy-first by number of layers",
            "sequence length T (steps)",
            "accuracy (fraction of sequences)");
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.05);
    double[] x = config.lengths().stream().mapToDouble(length -> length).toArray();
    List<String> labels = new ArrayList<>();
    List<double[]> map = new ArrayList<>();
    for (String cell : config.cells()) {
      for (int layers : config.layers()) {
        String label = label(cell, layers);
        List<String> row = new ArrayList<>(List.of(label));
        List<Figure> line = new ArrayList<>();
        double[] means = new double[x.length];
        for (int i = 0; i < x.length; i++) {
          Outcome<Config> some =
              outcome
                  .where("cell", cell)
                  .where("layers", layers)
                  .where("length", config.lengths().get(i));
          if (some.isEmpty()) {
            row.add("stopped");
            continue;
          }
          Map<String, Object> where = new LinkedHashMap<>();
          where.put("cell", cell);
          where.put("layers", layers);
          where.put("T", config.lengths().get(i));
          Figure figure =
              Figure.bootstrapped("accuracy", where, "fraction", some.each("best_score"));
          line.add(figure);
          means[i] = figure.mean();
          double solved = some.records().stream().mapToDouble(r -> r.number("solved")).sum();
          row.add(
              figure.text(2)
                  + Numbers.format(", %.0f of %d solved", solved, some.records().size()));
        }
        rows.add(row);
        figures.addAll(line);
        labels.add(label);
        map.add(means);
        sentences.add(
            label
                + " "
                + line.stream()
                    .map(figure -> Numbers.format("%.2f", figure.mean()))
                    .collect(Collectors.joining(" / ")));
        if (line.size() == x.length) {
          Ink ink = Ink.of(labels.size() - 1);
          Charts.points(chart, label, ink, x, means);
        }
      }
    }
    Charts.curve(
        chart,
        "chance",
        Ink.REFERENCE,
        new double[] {x[0], x[x.length - 1]},
        new double[] {1.0 / config.vocabSize(), 1.0 / config.vocabSize()});
    List<String> columns = new ArrayList<>(List.of("network"));
    config.lengths().forEach(length -> columns.add("T = " + length));
    List<Claim> claims = claims(outcome, figures);
    return new Conclusion(
        story(outcome, sentences),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Accuracy of the best window, mean over the seeds [95 %], and seeds that solved it",
                columns, rows)),
        List.of(
            new Chart("accuracy", "Best window, mean over the seeds.", chart),
            new Chart(
                "accuracy-map",
                "The same as a map.",
                Charts.heatMap(
                    "Accuracy at copy-first",
                    "sequence length T (steps)",
                    "",
                    config.lengths(),
                    labels,
                    map.toArray(double[][]::new)))),
        claims);
  }

  /** The accuracy of one seed, summed over the lengths. */
  private static double sum(Outcome<Config> some) {
    return some.records().stream().mapToDouble(one -> one.number("best_score")).average().orElse(0);
  }

  private static List<Claim> claims(Outcome<Config> outcome, List<Figure> figures) {
    Config config = outcome.config();
    List<Claim> claims = new ArrayList<>();
    for (String cell : List.of("min_gru", "min_lstm")) {
      Map<String, Object> where = new LinkedHashMap<>();
      where.put("cell", cell);
      where.put("layers", 2);
      where.put("less", 1);
      Figure gain =
          Paired.difference(
              "gain_of_a_second_layer",
              where,
              "fraction, mean over the lengths",
              outcome.where("cell", cell).where("layers", 2),
              outcome.where("cell", cell).where("layers", 1),
              MinDepth::sum);
      if (gain != null) {
        figures.add(gain);
        claims.add(
            Paired.claim(
                PAPER,
                (cell.equals("min_gru")
                        ? "one layer of minGRU does not solve selective copying (.37), two do (.97)"
                        : "one layer of minLSTM does not solve selective copying (.38), two nearly"
                            + " do (.86)")
                    + ": the second layer's gates know of the past what the first layer tells them",
                Numbers.format(
                    "copy-first instead, T = %d to %d: a second layer adds %s of accuracy",
                    config.lengths().getFirst(), config.lengths().getLast(), gain.text(2)),
                gain));
      }
    }
    claims.add(
        Claim.outOfReach(
            PAPER,
            "three layers reach .995 (minGRU) and .96 (minLSTM) on selective copying of 16 tokens"
                + " out of 4096 steps",
            "copy-first at T up to " + config.lengths().getLast(),
            Numbers.format(
                "400,000 batches of 64 at T = 4096 take about %.0f times the multiplications of our"
                    + " longest trial at its full length, for each seed",
                4096.0
                    / config.lengths().getLast()
                    * 400_000
                    / config.steps()
                    * 64
                    / config.samples())));
    return claims;
  }

  private static Result.Story story(Outcome<Config> outcome, List<String> sentences) {
    Config config = outcome.config();
    return new Result.Story(
        "What does a second layer give to minGRU and minLSTM?",
        Numbers.format(
            "copy-first, vocabulary %d, embedding %d, hidden %d, batches of %d fresh sequences,"
                + " Adam at %s, clip %s, at most %d steps; solved, and ended, when %d batches in a"
                + " row, each scored before it is learned from, are %s right on average; %d seeds.",
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
        "Accuracy of the best window at T = "
            + config.lengths().stream().map(String::valueOf).collect(Collectors.joining(" / "))
            + ": "
            + String.join("; ", sentences)
            + ".",
        "A gate that sees only its input cannot tell the first token from a later one that looks"
            + " the same, so one layer has to fade all alike and read the first out of the faded"
            + " sum. A first layer can tell the second that something has been seen before, and"
            + " then the second layer's gate can stay shut.");
  }
}
