package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.OneHotRnn;
import dev.unroll.experiments.task.Proverbs;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.train.GradientClipping;
import dev.unroll.train.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** The character model that seed 001 writes in numpy, on its eight sayings. */
final class CharLmNumpy extends Study<CharLmNumpy.Config> {
  private static final double[] TEMPERATURES = {.5, .8, 1.0, 1.5};
  private static final int EVERY = 20;

  /** Smoothed loss after 200, 400, ... iterations. */
  private static final List<Double> BAND = List.of(3.20, 2.91, 2.58, 2.25, 1.95);

  /**
   * The settings.
   *
   * @param hiddenSize H
   * @param seqLength steps of a window
   * @param learningRate of plain SGD
   * @param clipValue largest absolute value of a gradient
   * @param iterations windows trained on
   */
  record Config(
      int hiddenSize, int seqLength, double learningRate, double clipValue, int iterations) {
    Config {
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(
          seqLength >= 1 && seqLength < 300, "seq_length must be at least 1 and below 300.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(clipValue > 0, "clip_value must be positive.");
      Configs.require(iterations >= EVERY, "iterations must be at least " + EVERY + ".");
    }
  }

  CharLmNumpy() {
    super(
        "char-lm-numpy",
        "does the notebook's own character model learn its eight sayings?",
        5,
        new Config(64, 25, .1, 5, 1000),
        new Config(64, 25, .1, 5, 200));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Vocabulary vocabulary = Vocabulary.of(Proverbs.TEXT);
    int[] text = vocabulary.encode("the text", Proverbs.TEXT);
    int v = vocabulary.size();
    int h = config.hiddenSize();
    int steps = config.seqLength();
    OneHotRnn rnn = new OneHotRnn(v, h, steps);
    SplittableRandom weights = context.random("weights");
    rnn.normal("rnn.weight_ih_l0", StrictMath.sqrt(2.0 / (v + h)), weights);
    rnn.normal("rnn.weight_hh_l0", StrictMath.sqrt(2.0 / (h + h)), weights);
    rnn.normal("fc.weight", StrictMath.sqrt(2.0 / (h + v)), weights);
    Training training =
        new Training(rnn.parameters(), new Sgd(config.learningRate()), Double.POSITIVE_INFINITY);
    SplittableRandom data = context.random("data");
    double smooth = StrictMath.log(v);
    List<Double> curve = new ArrayList<>();
    for (int i = 1; i <= config.iterations(); i++) {
      int start = data.nextInt(text.length - steps - 1);
      int[] inputs = Arrays.copyOfRange(text, start, start + steps);
      int[] targets = Arrays.copyOfRange(text, start + 1, start + steps + 1);
      double loss =
          training.step(
              () -> rnn.forward(inputs, targets, rnn.zeroState()),
              () -> {
                rnn.backward(1);
                GradientClipping.byValue(rnn.parameters(), (float) config.clipValue());
              });
      smooth = .999 * smooth + .001 * loss;
      if (i % EVERY == 0) {
        curve.add(smooth);
      }
      context.progress((double) i / config.iterations());
    }
    SplittableRandom random = context.random("samples");
    int first = vocabulary.encode("the text", "t")[0];
    List<String> samples = new ArrayList<>();
    for (double temperature : TEMPERATURES) {
      samples.add(
          "t" + vocabulary.decode(rnn.sample(first, rnn.zeroState(), 100, temperature, random)));
    }
    ObjectNode figures = figures();
    figures.put("smoothed_loss", smooth);
    figures.set("curve", Json.COMPACT.valueToTree(curve));
    figures.set("samples", Json.COMPACT.valueToTree(samples));
    return figures;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    int points = outcome.config().iterations() / EVERY;
    List<double[]> curves =
        outcome.records().stream().map(record -> record.numbers("curve")).toList();
    double[] x = IntStream.rangeClosed(1, points).mapToDouble(i -> i * (double) EVERY).toArray();
    XYChart chart =
        Charts.xy("Smoothed training loss", "iterations", "cross-entropy (nats per character)");
    Charts.meanWithBand(chart, "tanh RNN", Ink.BLUE, x, curves, false);
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (int at = 200; at <= outcome.config().iterations(); at += 200) {
      int index = at / EVERY - 1;
      Figure figure =
          Figure.of(
              "smoothed_loss",
              Map.of("iteration", at),
              "nats per character",
              curves.stream().mapToDouble(curve -> curve[index]).toArray());
      if (at / 200 <= BAND.size()) {
        double expected = BAND.get(at / 200 - 1);
        figure = figure.withBand(Band.around(expected, .02));
        Charts.expected(chart, at == 200 ? "bands" : "", at, expected - .02, expected + .02);
      }
      figures.add(figure);
      rows.add(
          List.of(
              String.valueOf(at),
              figure.text(3),
              figure.band() == null ? "" : figure.band().text()));
    }
    List<List<String>> samples = new ArrayList<>();
    for (int i = 0; i < TEMPERATURES.length; i++) {
      samples.add(List.of(Numbers.plain(TEMPERATURES[i]), outcome.first().texts("samples").get(i)));
    }
    return new Conclusion(
        new Result.Story(
            "Does the notebook's own character model learn its eight sayings?",
            "Seed 001's RNN in numpy: one-hot characters, hidden 64, windows of 25 from random"
                + " places, plain SGD at .1, gradients clipped to +-5, a smoothed loss; 1000"
                + " iterations.",
            "It prints the smoothed loss every 200 iterations and samples at four temperatures,"
                + " and calls the training complete.",
            "The smoothed loss goes "
                + String.join(
                    ", ",
                    figures.stream().map(figure -> Numbers.format("%.2f", figure.mean())).toList())
                + " nats a character; the samples are not words yet.",
            "The smoothing remembers a thousand iterations, so that the printed loss still holds"
                + " a third of the untrained model's at the end: the model is better than its"
                + " number, and nowhere near trained. Lower temperatures take likelier"
                + " characters."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Smoothed loss", List.of("iterations", "nats per character", "band"), rows),
            new Result.Table("Samples of the first seed", List.of("temperature", "text"), samples)),
        List.of(
            new Chart("loss", "Smoothed loss, mean over the seeds with its 95 % band.", chart)));
  }
}
