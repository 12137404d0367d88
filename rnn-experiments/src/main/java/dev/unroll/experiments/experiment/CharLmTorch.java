package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Proverbs;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Interval;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** The two-layer character model that seed 001 writes in PyTorch, on its eight sayings. */
final class CharLmTorch extends Study<CharLmTorch.Config> {
  private static final double[] TEMPERATURES = {.5, .8, 1.0};

  /**
   * The settings.
   *
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param numLayers stacked layers
   * @param seqLength steps of a window
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param epochs passes over the text
   */
  record Config(
      int embeddingSize,
      int hiddenSize,
      int numLayers,
      int seqLength,
      double learningRate,
      double clipNorm,
      int epochs) {
    Config {
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(numLayers >= 1, "num_layers must be at least 1.");
      Configs.require(
          seqLength >= 1 && seqLength < 300, "seq_length must be at least 1 and below 300.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(clipNorm > 0, "clip_norm must be positive.");
      Configs.require(epochs >= 1, "epochs must be at least 1.");
    }
  }

  CharLmTorch() {
    super(
        "char-lm-torch",
        "what does a loss of almost zero on eight sayings mean?",
        20,
        new Config(32, 128, 2, 50, .01, 5, 200),
        new Config(32, 128, 2, 50, .01, 5, 40));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Vocabulary vocabulary = Vocabulary.of(Proverbs.TEXT);
    int[] text = vocabulary.encode("the text", Proverbs.TEXT);
    int steps = config.seqLength();
    // range(0, len(text) - seq_length - 1, seq_length)
    int batch = (text.length - steps - 1 + steps - 1) / steps;
    int[] inputs = new int[steps * batch];
    int[] targets = new int[steps * batch];
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < steps; t++) {
        inputs[t * batch + b] = text[b * steps + t];
        targets[t * batch + b] = text[b * steps + t + 1];
      }
    }
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named("rnn_tanh"), config.embeddingSize(), config.hiddenSize())
            .withNumLayers(config.numLayers());
    Model model =
        new Model(
            new Model.Config(vocabulary.size(), recurrent, vocabulary.size()),
            context.random("weights"));
    Session session = model.session(steps, batch, Readout.EVERY_STEP, true, Team.single());
    Training training =
        new Training(model.parameters(), new Adam(config.learningRate()), config.clipNorm());
    double[] losses = new double[config.epochs()];
    for (int epoch = 0; epoch < losses.length; epoch++) {
      losses[epoch] =
          training.step(
              () -> {
                session.forward(inputs, null, null, null);
                return session.crossEntropy(targets);
              },
              session::backward);
      context.progress((epoch + 1.0) / losses.length);
    }
    CharModel chars = new CharModel(model, vocabulary);
    SplittableRandom random = context.random("samples");
    List<String> samples = new ArrayList<>();
    for (double temperature : TEMPERATURES) {
      samples.add("t" + chars.sample("t", 150, temperature, random));
    }
    ObjectNode figures = figures();
    figures.put("last_loss", losses[losses.length - 1]);
    figures.put("parameters", model.parameters().size());
    put(figures, "losses", losses);
    figures.set("samples", Json.COMPACT.valueToTree(samples));
    return figures;
  }

  /** How far a mean of few seeds can be trusted at epoch 40, by the first five of many. */
  private static String fewSeeds(List<double[]> curves) {
    double[] losses =
        curves.stream()
            .filter(curve -> curve.length >= 40)
            .mapToDouble(curve -> curve[39])
            .toArray();
    if (losses.length < 10) {
      return "";
    }
    return Numbers.format(
        " One training differs from the next by %.4f at epoch 40, so that a mean of five still"
            + " moves by half the band's half width: the first five seeds alone give %.4f. Hence"
            + " %d seeds.",
        Interval.standardDeviation(losses),
        java.util.Arrays.stream(losses).limit(5).average().orElseThrow(),
        losses.length);
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    int epochs = outcome.config().epochs();
    List<double[]> curves =
        outcome.records().stream().map(record -> record.numbers("losses")).toList();
    XYChart chart = Charts.xy("Training loss", "epochs", "log10 of the cross-entropy (nats)");
    Charts.meanWithBand(
        chart,
        "two-layer tanh RNN",
        Ink.BLUE,
        IntStream.rangeClosed(1, epochs).asDoubleStream().toArray(),
        curves.stream()
            .map(curve -> java.util.Arrays.stream(curve).map(StrictMath::log10).toArray())
            .toList(),
        false);
    Charts.expected(
        chart, "band at epoch 40", 40, StrictMath.log10(.0068), StrictMath.log10(.0084));
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.of("parameters", Map.of(), "", outcome.each("parameters"))
            .withBand(Band.around(58_429, 0)));
    List<List<String>> rows = new ArrayList<>();
    for (int epoch = 40; epoch <= epochs; epoch += 40) {
      int index = epoch - 1;
      Figure figure =
          Figure.of(
              "loss",
              Map.of("epoch", epoch),
              "nats per character",
              curves.stream().mapToDouble(curve -> curve[index]).toArray());
      figures.add(epoch == 40 ? figure.withBand(Band.around(.0076, .0008)) : figure);
      rows.add(List.of(String.valueOf(epoch), figure.text(5)));
    }
    List<List<String>> samples = new ArrayList<>();
    for (int i = 0; i < TEMPERATURES.length; i++) {
      samples.add(List.of(Numbers.plain(TEMPERATURES[i]), outcome.first().texts("samples").get(i)));
    }
    return new Conclusion(
        new Result.Story(
            "What does a loss of almost zero on eight sayings mean?",
            "Seed 001's PyTorch model: embedding 32, two tanh layers of 128, all windows of 50"
                + " characters in one batch, Adam at .01, clip 5, 200 epochs.",
            "It prints the falling loss every 40 epochs and samples from the model.",
            Numbers.format(
                "%,d parameters; the loss is %s nats at epoch 40 and the samples repeat the"
                    + " sayings.",
                Math.round(figures.getFirst().mean()),
                figures.size() > 1 ? Numbers.format("%.4f", figures.get(1).mean()) : "unknown"),
            "There are 58,429 weights for a few hundred characters: the model knows them by heart."
                + " What is left of the loss is mostly the first characters of each window, where"
                + " the state is still empty. The experiment memorisation puts held-out text beside"
                + " such a loss."
                + fewSeeds(curves)),
        figures,
        List.of(),
        List.of(
            new Result.Table("Training loss", List.of("epoch", "nats per character"), rows),
            new Result.Table("Samples of the first seed", List.of("temperature", "text"), samples)),
        List.of(new Chart("loss", "Training loss, mean of log10 with its 95 % band.", chart)));
  }
}
