package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.EncoderDecoder;
import dev.unroll.experiments.task.Networks;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Adam;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Exercise 5 of seed 001: an encoder-decoder, with and without attention, reverses a sequence. */
final class Seq2Seq extends Contest<Seq2Seq.Config> {
  private static final String GUESS = "guessing";
  private static final String PLAIN = "encoder-decoder";
  private static final String ATTENTION = "with attention";

  /**
   * The settings.
   *
   * @param vocabSize tokens
   * @param shortest shortest sequence of a batch
   * @param longest longest sequence, T
   * @param cell of encoder and decoder
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param steps training steps
   * @param samples sequences in a batch, and in the test of each length
   * @param learningRate Adam's
   */
  record Config(
      int vocabSize,
      int shortest,
      int longest,
      String cell,
      int embeddingSize,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate) {
    Config {
      Networks.requireCells(List.of(cell));
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(
          shortest >= 1 && shortest < longest, "shortest must be at least 1 and below longest.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
    }
  }

  Seq2Seq() {
    super(
        "seq2seq",
        "what does attention spare a decoder?",
        5,
        new Config(10, 3, 12, "gru", 16, 64, 1500, 64, .003),
        new Config(10, 3, 6, "gru", 16, 32, 60, 32, .01),
        "accuracy",
        "fraction of tokens",
        true);
  }

  @Override
  List<String> models(Config config) {
    return List.of(GUESS, PLAIN, ATTENTION);
  }

  @Override
  List<Match> matches(Config config) {
    return List.of(new Match(PLAIN, GUESS), new Match(ATTENTION, PLAIN));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    if (trial.text("model").equals(GUESS)) {
      return figures().put("score", 1.0 / config.vocabSize());
    }
    EncoderDecoder model = train(config, trial.text("model").equals(ATTENTION), context);
    SplittableRandom random = context.random("test");
    int lengths = config.longest() - config.shortest() + 1;
    double[] tokensRight = new double[lengths];
    double[] sequencesRight = new double[lengths];
    ObjectNode figures = figures();
    for (int i = 0; i < lengths; i++) {
      int steps = config.shortest() + i;
      int[] source = random.ints((long) steps * config.samples(), 0, config.vocabSize()).toArray();
      EncoderDecoder.Written written = model.write(steps, source);
      score(config.samples(), source, written.tokens(), i, tokensRight, sequencesRight);
      double[] weights = written.weights();
      if (weights != null && steps == config.longest()) {
        put(figures, "attention", meanOverSequences(steps, config.samples(), weights));
      }
    }
    figures.put(
        "score", IntStream.range(0, lengths).mapToDouble(i -> tokensRight[i]).sum() / lengths);
    put(figures, "tokens_right", tokensRight);
    put(figures, "sequences_right", sequencesRight);
    return figures;
  }

  private static EncoderDecoder train(Config config, boolean attention, TrialContext context) {
    EncoderDecoder model =
        new EncoderDecoder(
            config.vocabSize(),
            Cells.named(config.cell()),
            config.embeddingSize(),
            config.hiddenSize(),
            attention,
            context.random("weights"));
    int steps = config.longest();
    int batch = config.samples();
    EncoderDecoder.Session session = model.new Session(steps, batch);
    Training training = new Training(model.parameters(), new Adam(config.learningRate()), 5);
    SplittableRandom random = context.random("data");
    int[] source = new int[steps * batch];
    int[] target = new int[steps * batch];
    int[] lengths = new int[batch];
    for (int step = 0; step < config.steps(); step++) {
      for (int b = 0; b < batch; b++) {
        lengths[b] = random.nextInt(config.shortest(), steps + 1);
        for (int t = 0; t < lengths[b]; t++) {
          int token = random.nextInt(config.vocabSize());
          source[t * batch + b] = token;
          target[(lengths[b] - 1 - t) * batch + b] = token;
        }
      }
      training.step(() -> session.loss(source, lengths, target), session::backward);
      context.progress((step + 1.0) / (config.steps() + 1));
    }
    return model;
  }

  /** The fractions of tokens and of whole sequences that are the source reversed. */
  private static void score(
      int batch, int[] source, int[] written, int at, double[] tokens, double[] sequences) {
    int steps = source.length / batch;
    for (int b = 0; b < batch; b++) {
      int right = 0;
      for (int t = 0; t < steps; t++) {
        right += written[t * batch + b] == source[(steps - 1 - t) * batch + b] ? 1 : 0;
      }
      tokens[at] += right / (double) (steps * batch);
      sequences[at] += right == steps ? 1.0 / batch : 0;
    }
  }

  /** {@code [T, T]} from {@code [T, B, T]}, to five digits. */
  private static double[] meanOverSequences(int steps, int batch, double[] weights) {
    double[] mean = new double[steps * steps];
    for (int i = 0; i < weights.length; i++) {
      mean[i / (batch * steps) * steps + i % steps] += weights[i] / batch;
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] = StrictMath.rint(mean[i] * 1e5) / 1e5;
    }
    return mean;
  }

  @Override
  List<Result.Table> tables(Outcome<Config> outcome) {
    Config config = outcome.config();
    return List.of(
        new Result.Table(
            "Whole sequences reversed without a mistake, by length",
            List.of("length", PLAIN, ATTENTION),
            IntStream.rangeClosed(config.shortest(), config.longest())
                .mapToObj(
                    length ->
                        List.of(
                            String.valueOf(length),
                            whole(outcome, PLAIN, length),
                            whole(outcome, ATTENTION, length)))
                .toList()));
  }

  private static String whole(Outcome<Config> outcome, String model, int length) {
    Outcome<Config> some = outcome.where("model", model);
    if (some.isEmpty()) {
      return "";
    }
    int at = length - outcome.config().shortest();
    return Figure.bootstrapped(
            "sequences_right",
            Map.of(),
            "",
            some.records().stream()
                .mapToDouble(record -> record.numbers("sequences_right")[at])
                .toArray())
        .text(2);
  }

  @Override
  List<Chart> charts(Outcome<Config> outcome) {
    Config config = outcome.config();
    XYChart chart =
        Charts.xy(
            "Tokens right against length", "length of the sequence (steps)", "fraction of tokens");
    double[] x =
        IntStream.rangeClosed(config.shortest(), config.longest()).asDoubleStream().toArray();
    int series = 0;
    for (String model : List.of(PLAIN, ATTENTION)) {
      Outcome<Config> some = outcome.where("model", model);
      if (!some.isEmpty()) {
        Charts.meanWithBand(
            chart,
            model,
            Ink.of(series++),
            x,
            some.records().stream().map(record -> record.numbers("tokens_right")).toList(),
            true);
      }
    }
    double chance = 1.0 / config.vocabSize();
    Charts.curve(
        chart,
        GUESS,
        Ink.REFERENCE,
        new double[] {x[0], x[x.length - 1]},
        new double[] {chance, chance});
    Chart byLength =
        new Chart("length", "Mean over the seeds with its 95 % band, on unseen sequences.", chart);
    Outcome<Config> attending = outcome.where("model", ATTENTION);
    if (attending.isEmpty()) {
      return List.of(byLength);
    }
    int steps = config.longest();
    double[] weights = attending.first().numbers("attention");
    double[][] rows = new double[steps][steps];
    for (int t = 0; t < steps; t++) {
      // The first written token stands on top, as one reads.
      System.arraycopy(weights, t * steps, rows[steps - 1 - t], 0, steps);
    }
    return List.of(
        byLength,
        new Chart(
            "attention",
            "Where the first seed's decoder looks, mean over its longest test sequences.",
            Charts.heatMap(
                "Attention",
                "token read",
                "token written",
                IntStream.rangeClosed(1, steps).boxed().toList(),
                IntStream.rangeClosed(1, steps).mapToObj(t -> steps + 1 - t).toList(),
                rows)));
  }

  @Override
  Result.Story story(Outcome<Config> outcome, Map<String, Figure> scores) {
    Config config = outcome.config();
    return new Result.Story(
        "What does attention spare a decoder?",
        Numbers.format(
            "A %s of %d reads %d to %d random tokens of %d kinds, another begins with its last"
                + " state and writes them backwards; %d Adam steps of %d sequences. With attention"
                + " the decoder also sees a mean of all the encoder's states, weighted by how"
                + " alike they are to its own (dot product, softmax). In the test the decoder is"
                + " fed with its own tokens.",
            Networks.label(config.cell()),
            config.hiddenSize(),
            config.shortest(),
            config.longest(),
            config.vocabSize(),
            config.steps(),
            config.samples()),
        "Exercise 5 of seed 001 asks for an encoder-decoder and stops there. Seed 003 computes one"
            + " attention context and closes: memory needs long paths, but gradients dislike long"
            + " paths; gates and attention are two answers to that.",
        "Tokens right on unseen sequences, mean over all lengths: "
            + String.join(
                ", ",
                scores.entrySet().stream()
                    .map(one -> Numbers.format("%s %.3f", one.getKey(), one.getValue().mean()))
                    .toList())
            + ".",
        "Without attention everything goes through one state: it has to hold the whole sequence at"
            + " once, and the gradient for the token read first goes through every step of both"
            + " networks. Attention leaves the tokens where they were read and opens a path of one"
            + " step to each; what is left to learn is where to look, and the map shows that it is"
            + " learned: the later the token is written, the earlier the one looked at.");
  }
}
