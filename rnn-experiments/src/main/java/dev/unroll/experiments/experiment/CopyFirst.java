package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Networks;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** How far back each cell can remember: the memory test of seed 001, as coded there, really run. */
final class CopyFirst implements Experiment<CopyFirst.Config> {
  /** What the notebook plots as simulated results, by length. */
  private static final Map<Integer, Double> SIMULATED =
      Map.of(5, .95, 10, .85, 20, .65, 30, .40, 50, .15);

  /**
   * The settings.
   *
   * @param cells cells compared
   * @param inits initializations of W_hh compared
   * @param lengths sequence lengths T
   * @param vocabSize tokens
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param steps training steps
   * @param samples sequences in a batch, and in the test
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   */
  record Config(
      List<String> cells,
      List<String> inits,
      List<Integer> lengths,
      int vocabSize,
      int embeddingSize,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate,
      double clipNorm) {
    Config {
      Networks.requireCells(cells);
      Networks.requireInits(inits);
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(clipNorm > 0, "clip_norm must be positive.");
    }
  }

  @Override
  public String name() {
    return "copy-first";
  }

  @Override
  public String summary() {
    return "how far back can each cell remember?";
  }

  @Override
  public Config defaults() {
    return new Config(
        List.of("rnn_tanh", "lstm", "gru"),
        List.of("default", "orthogonal"),
        List.of(5, 10, 20, 30, 50),
        10,
        16,
        64,
        100,
        100,
        .01,
        5);
  }

  @Override
  public Config quick() {
    return new Config(
        List.of("rnn_tanh", "lstm", "gru"),
        List.of("default"),
        List.of(5, 10, 20),
        10,
        16,
        64,
        100,
        100,
        .01,
        5);
  }

  @Override
  public int defaultSeeds() {
    return 20;
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (String cell : config.cells()) {
      for (String init : config.inits()) {
        for (int length : config.lengths()) {
          trials.add(
              Trial.of(seed)
                  .with("cell", cell)
                  .with("init", init)
                  .with("length", length)
                  .withWork(length * (1 + Cells.named(cell).gates())));
        }
      }
    }
    return trials;
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int length = trial.number("length");
    Cell cell = Cells.named(trial.text("cell"));
    RecurrentConfig recurrent =
        RecurrentConfig.of(cell, config.embeddingSize(), config.hiddenSize());
    Model model =
        new Model(
            new Model.Config(config.vocabSize(), recurrent, config.vocabSize()),
            context.random("weights"));
    Networks.initialize(
        model.parameters(), trial.text("init"), cell.gates(), context.random("recurrent weights"));
    CopyFirstTask task =
        new CopyFirstTask(length, config.samples(), config.vocabSize(), context.random("data"));
    Session session =
        model.session(length, config.samples(), Readout.LAST_STEP, true, Team.single());
    Training training =
        new Training(model.parameters(), new Adam(config.learningRate()), config.clipNorm());
    double loss = 0;
    for (int step = 0; step < config.steps(); step++) {
      task.next();
      loss =
          training.step(
              () -> {
                session.forward(task.tokens(), null, null, null);
                return session.crossEntropy(task.targets());
              },
              session::backward);
      context.progress((step + 1.0) / (config.steps() + 1));
    }
    task.next();
    session.forward(task.tokens(), null, null, null);
    double testLoss = session.crossEntropy(task.targets());
    ObjectNode figures = Json.COMPACT.createObjectNode();
    figures.put("accuracy", (double) session.correct() / config.samples());
    figures.put("test_loss", testLoss);
    figures.put("last_training_loss", loss);
    figures.put("last_gradient_norm", training.gradientNorm());
    return figures;
  }

  private static @Nullable Band band(String cell, String init, int length) {
    // Bands without a spread were printed to two digits; one hundred test sequences move each seed
    // by .03 at chance.
    return switch (init + " " + cell + " " + length) {
      case "default rnn_tanh 5", "default lstm 5", "default gru 5" -> Band.near(1, .03);
      case "default rnn_tanh 10" -> Band.around(.88, .20);
      case "default rnn_tanh 20" -> Band.around(.62, .25);
      case "default rnn_tanh 30" -> Band.around(.25, .19);
      case "default rnn_tanh 50" -> Band.around(.17, .09);
      case "default lstm 10" -> Band.around(.37, .22);
      case "default gru 10" -> Band.near(.99, .03);
      case "default lstm 20",
          "default lstm 30",
          "default lstm 50",
          "default gru 20",
          "default gru 30",
          "default gru 50" ->
          Band.near(.10, .03);
      default -> null;
    };
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    List<String> columns = new ArrayList<>(List.of("cell", "W_hh"));
    config.lengths().forEach(length -> columns.add("T = " + length));
    for (String init : config.inits()) {
      XYChart chart =
          Charts.xy(
              "Accuracy at telling the first token, W_hh " + init,
              "sequence length T (steps)",
              "accuracy (fraction of sequences)");
      chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.05);
      for (int i = 0; i < config.cells().size(); i++) {
        String cell = config.cells().get(i);
        Map<Integer, Figure> line = accuracies(outcome, cell, init);
        figures.addAll(line.values());
        List<String> row = new ArrayList<>(List.of(Networks.label(cell), init));
        for (int length : config.lengths()) {
          Figure figure = line.get(length);
          row.add(figure == null ? "stopped" : figure.text(2));
        }
        rows.add(row);
        draw(chart, Networks.label(cell), Ink.of(i), line);
      }
      drawReferences(chart, config);
      charts.add(
          new Chart(
              "accuracy-" + init,
              "Mean over "
                  + outcome.seeds().size()
                  + " seeds with its 95 % band, W_hh "
                  + init
                  + "; the dashed line is the notebook's simulated one.",
              chart));
    }
    rows.add(simulatedRow(config));
    if (config.cells().contains("rnn_tanh")) {
      rows.add(bandRow("rnn_tanh", config));
    }
    return new Conclusion(
        story(outcome),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Accuracy after %d steps of %d sequences, mean over %d seeds [95 %% interval]"
                    .formatted(config.steps(), config.samples(), outcome.seeds().size()),
                columns,
                rows)),
        charts);
  }

  private static Map<Integer, Figure> accuracies(
      Outcome<Config> outcome, String cell, String init) {
    Map<Integer, Figure> line = new LinkedHashMap<>();
    for (int length : outcome.config().lengths()) {
      Outcome<Config> some =
          outcome.where("cell", cell).where("init", init).where("length", length);
      if (some.isEmpty()) {
        continue;
      }
      Map<String, Object> where = new LinkedHashMap<>();
      where.put("cell", cell);
      where.put("init", init);
      where.put("T", length);
      Figure figure =
          Figure.bootstrapped("accuracy", where, "fraction", some.each("accuracy"))
              .withBand(band(cell, init, length));
      Double simulated = SIMULATED.get(length);
      if (cell.equals("rnn_tanh") && simulated != null) {
        figure = figure.withClaim(simulated);
      }
      line.put(length, figure);
    }
    return line;
  }

  private static void draw(XYChart chart, String name, Ink ink, Map<Integer, Figure> line) {
    double[] x = line.keySet().stream().mapToDouble(length -> length).toArray();
    double[] mean = line.values().stream().mapToDouble(Figure::mean).toArray();
    double[] low =
        line.values().stream().mapToDouble(f -> f.low() == null ? f.mean() : f.low()).toArray();
    double[] high =
        line.values().stream().mapToDouble(f -> f.high() == null ? f.mean() : f.high()).toArray();
    if (x.length > 0) {
      Charts.band(chart, name, ink, x, low, high);
      Charts.points(chart, name, ink, x, mean);
    }
  }

  private static void drawReferences(XYChart chart, Config config) {
    List<Integer> claimed = config.lengths().stream().filter(SIMULATED::containsKey).toList();
    if (!claimed.isEmpty()) {
      Charts.curve(
          chart,
          "seed 001, simulated",
          Ink.CLAIMED,
          claimed.stream().mapToDouble(length -> length).toArray(),
          claimed.stream().mapToDouble(length -> SIMULATED.getOrDefault(length, 0.0)).toArray());
    }
    double chance = 1.0 / config.vocabSize();
    Charts.curve(
        chart,
        "chance",
        Ink.REFERENCE,
        new double[] {config.lengths().getFirst(), config.lengths().getLast()},
        new double[] {chance, chance});
  }

  private static List<String> simulatedRow(Config config) {
    List<String> row = new ArrayList<>(List.of("seed 001, simulated", ""));
    for (int length : config.lengths()) {
      Double value = SIMULATED.get(length);
      row.add(value == null ? "" : Numbers.format("%.2f", value));
    }
    return row;
  }

  private static List<String> bandRow(String cell, Config config) {
    List<String> row = new ArrayList<>(List.of("band, " + Networks.label(cell), "default"));
    for (int length : config.lengths()) {
      Band band = band(cell, "default", length);
      row.add(band == null ? "" : band.text());
    }
    return row;
  }

  private static Result.Story story(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<String> sentences = new ArrayList<>();
    for (String cell : config.cells()) {
      Map<Integer, Figure> line = accuracies(outcome, cell, config.inits().getFirst());
      sentences.add(
          Networks.label(cell)
              + " "
              + String.join(
                  " / ",
                  line.values().stream()
                      .map(figure -> Numbers.format("%.2f", figure.mean()))
                      .toList()));
    }
    return new Result.Story(
        "How far back can each cell remember?",
        "The memory test of seed 001 as coded there: random tokens of a vocabulary of "
            + config.vocabSize()
            + ", the first one to be told after the last; embedding "
            + config.embeddingSize()
            + ", hidden "
            + config.hiddenSize()
            + ", "
            + config.steps()
            + " Adam steps of "
            + config.samples()
            + " fresh sequences, learning rate "
            + Numbers.plain(config.learningRate())
            + ", gradients clipped at norm "
            + Numbers.plain(config.clipNorm())
            + "; "
            + outcome.seeds().size()
            + " seeds.",
        "The notebook did not run its test. It plots simulated accuracies for a vanilla RNN (.95,"
            + " .85, .65, .40, .15 at T = 5, 10, 20, 30, 50) and concludes that LSTM and GRU solve"
            + " the problem.",
        "At T = "
            + String.join(", ", config.lengths().stream().map(String::valueOf).toList())
            + " the accuracies are: "
            + String.join("; ", sentences)
            + ".",
        "With so few steps the question is not what a cell can hold but how soon its gradient finds"
            + " the first token. Before training all three lose the gradient at a similar rate"
            + " (gradient-through-time), and a gate that stands half open also forgets half of the"
            + " state at each step: it first has to learn to stay open, for which a hundred steps"
            + " at T = 20 are too few. Orthogonal W_hh helps wherever W_hh alone is what loses the"
            + " gradient. Seeds differ a great deal: a single run of this test says little.");
  }
}
