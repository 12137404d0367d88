package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.GateProbe;
import dev.unroll.experiments.task.Networks;
import dev.unroll.experiments.task.Streams;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * A character model of real text, cell by cell: truncated BPTT over streams with the state carried,
 * and the loss on text that was held out (after Karpathy's char-rnn).
 */
public final class CharLm implements Experiment<CharLm.Config> {
  /** The ending of the checkpoint that each trial leaves in the run's folder. */
  public static final String CHECKPOINT = ".safetensors";

  private static final double[] TEMPERATURES = {.5, .8, 1.0};
  private static final List<String> GATED = List.of("lstm", "gru");
  private static final int BINS = 20;
  private static final double LN2 = StrictMath.log(2);

  /**
   * The settings.
   *
   * @param text a UTF-8 file, or empty for the sources of java.util in the running JDK
   * @param maxCharacters how much of those sources is taken
   * @param cells cells compared
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param numLayers stacked layers
   * @param seqLength steps of a window
   * @param batchSize streams read side by side
   * @param learningRate Adam's
   * @param gradClip largest global norm of the gradients
   * @param steps training steps
   * @param evalEvery steps between two looks at the held-out text
   * @param valFrac fraction of the text that is held out, its end
   * @param sampleLength characters drawn at each temperature
   * @param initFrom a checkpoint to begin with, or empty; it decides the architecture
   */
  public record Config(
      String text,
      int maxCharacters,
      List<String> cells,
      int embeddingSize,
      int hiddenSize,
      int numLayers,
      int seqLength,
      int batchSize,
      double learningRate,
      double gradClip,
      int steps,
      int evalEvery,
      double valFrac,
      int sampleLength,
      String initFrom) {
    /** Checks every setting. */
    public Config {
      Networks.requireCells(cells);
      Configs.require(maxCharacters >= 1000, "max_characters must be at least 1000.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(numLayers >= 1, "num_layers must be at least 1.");
      Configs.require(seqLength >= 1, "seq_length must be at least 1.");
      Configs.require(batchSize >= 1, "batch_size must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(gradClip > 0, "grad_clip must be positive.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(evalEvery >= 1, "eval_every must be at least 1.");
      Configs.require(valFrac > 0 && valFrac < 1, "val_frac must lie between 0 and 1.");
      Configs.require(sampleLength >= 0, "sample_length must not be negative.");
    }
  }

  /** The text in two parts, as tokens. */
  private record Split(String name, int[] training, int[] heldOut) {
    static Split of(Corpus corpus, Vocabulary vocabulary, double heldOutFraction) {
      int[] tokens = vocabulary.encode(corpus.name(), corpus.text());
      int cut = (int) Math.round(tokens.length * (1 - heldOutFraction));
      return new Split(
          corpus.name(),
          Arrays.copyOf(tokens, cut),
          Arrays.copyOfRange(tokens, cut, tokens.length));
    }

    Streams trainingStreams(Config config) {
      return new Streams(
          "The training part of " + name, training, config.seqLength(), config.batchSize());
    }

    /** As many streams as the held-out part has room for; the state is carried over all of it. */
    Streams heldOutStreams(Config config) {
      int batch = Math.clamp((heldOut.length - 1) / config.seqLength(), 1, config.batchSize());
      return new Streams("The held-out part of " + name, heldOut, config.seqLength(), batch);
    }
  }

  @Override
  public String name() {
    return "char-lm";
  }

  @Override
  public String summary() {
    return "how well does each cell predict the next character of real text?";
  }

  @Override
  public Config defaults() {
    return new Config(
        "",
        1_000_000,
        List.of("rnn_tanh", "lstm", "gru"),
        64,
        128,
        1,
        64,
        32,
        .003,
        5,
        2500,
        250,
        .1,
        300,
        "");
  }

  @Override
  public Config quick() {
    return new Config(
        "",
        200_000,
        List.of("rnn_tanh", "lstm", "gru"),
        32,
        64,
        1,
        64,
        32,
        .003,
        5,
        200,
        50,
        .1,
        200,
        "");
  }

  @Override
  public int defaultSeeds() {
    return 5;
  }

  @Override
  public String fingerprint(Config config) {
    Corpus corpus = Corpus.load(config.text(), config.maxCharacters());
    // Whatever is wrong with text or checkpoint is told before anything is trained.
    Split split = Split.of(corpus, vocabulary(config, corpus), config.valFrac());
    split.trainingStreams(config);
    split.heldOutStreams(config);
    return corpus.name() + ", SHA-256 " + corpus.sha256();
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return config.cells().stream()
        .map(
            cell ->
                Trial.of(seed)
                    .with("cell", cell)
                    .withWork(1 + dev.unroll.cell.Cells.named(cell).gates()))
        .toList();
  }

  private static Vocabulary vocabulary(Config config, Corpus corpus) {
    return config.initFrom().isEmpty()
        ? Vocabulary.of(corpus.text())
        : load(config.initFrom()).vocabulary();
  }

  private static CharModel load(String file) {
    try {
      return CharModel.load(Path.of(file));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Corpus corpus = Corpus.load(config.text(), config.maxCharacters());
    CharModel chars =
        config.initFrom().isEmpty()
            ? CharModel.of(
                Vocabulary.of(corpus.text()),
                trial.text("cell"),
                config.embeddingSize(),
                config.hiddenSize(),
                config.numLayers(),
                context.random("weights"))
            : load(config.initFrom());
    Split split = Split.of(corpus, chars.vocabulary(), config.valFrac());
    ObjectNode figures = Json.COMPACT.createObjectNode();
    watchGates(figures, "gates_before", config, chars, split);
    train(figures, config, chars, split, context);
    watchGates(figures, "gates_after", config, chars, split);
    watchReach(figures, config, chars, split);
    figures.put("characters", corpus.text().length());
    figures.put("vocabulary", chars.vocabulary().size());
    figures.put("parameters", chars.model().parameters().size());
    figures.put("unigram_nats", unigram(split, chars.vocabulary().size()));
    SplittableRandom random = context.random("samples");
    String prime = chars.vocabulary().decode(split.heldOut()[0]);
    List<String> samples = new ArrayList<>();
    for (double temperature : TEMPERATURES) {
      samples.add(prime + chars.sample(prime, config.sampleLength(), temperature, random));
    }
    figures.set("samples", Json.COMPACT.valueToTree(samples));
    try {
      chars.save(context.file(CHECKPOINT));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    return figures;
  }

  /** A histogram of the gate that keeps, on held-out text; for one layer with gates. */
  private static void watchGates(
      ObjectNode figures, String name, Config config, CharModel chars, Split split) {
    RecurrentConfig recurrent = chars.model().config().recurrent();
    // The gates after i of the LSTM and after r of the GRU.
    if (recurrent.numLayers() == 1 && GATED.contains(recurrent.cell().name())) {
      Streams streams = split.heldOutStreams(config);
      streams.next();
      double[] histogram =
          GateProbe.histogram(chars.model(), 1, streams.tokens(), streams.batch(), BINS);
      figures.set(name, Json.COMPACT.valueToTree(rounded(histogram)));
    }
  }

  /** How far the gradient of one prediction reaches back, on held-out text; for one layer. */
  private static void watchReach(ObjectNode figures, Config config, CharModel chars, Split split) {
    if (chars.model().config().recurrent().numLayers() == 1) {
      Streams streams = split.heldOutStreams(config);
      streams.next();
      int[] targets = streams.targets();
      int[] last = Arrays.copyOfRange(targets, targets.length - streams.batch(), targets.length);
      double[] reach =
          TimeGradients.log10Norms(chars.model(), streams.tokens(), last, streams.batch());
      figures.set("gradient_through_time", Json.COMPACT.valueToTree(rounded(reach)));
    }
  }

  /** To five digits, which keeps the file small. */
  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(value -> StrictMath.rint(value * 1e5) / 1e5).toArray();
  }

  private static void train(
      ObjectNode figures, Config config, CharModel chars, Split split, TrialContext context) {
    Streams streams = split.trainingStreams(config);
    int batch = config.batchSize();
    Session session =
        chars.model().session(config.seqLength(), batch, Readout.EVERY_STEP, true, Team.single());
    State state = State.zeros(chars.model().config().recurrent(), batch);
    Training training =
        new Training(
            chars.model().parameters(), new Adam(config.learningRate()), config.gradClip());
    List<Integer> evalSteps = new ArrayList<>();
    List<Double> trainingNats = new ArrayList<>();
    List<Double> heldOutNats = new ArrayList<>();
    Map<String, List<Double>> norms = new LinkedHashMap<>();
    double sum = 0;
    int counted = 0;
    long start = System.nanoTime();
    long evaluating = 0;
    for (int step = 1; step <= config.steps(); step++) {
      if (streams.next()) {
        clear(state);
      }
      double loss =
          training.step(
              () -> {
                session.forward(streams.tokens(), state, null, state);
                return session.crossEntropy(streams.targets());
              },
              session::backward);
      sum += loss;
      counted++;
      if (step % config.evalEvery() == 0 || step == config.steps()) {
        long evaluationStart = System.nanoTime();
        evalSteps.add(step);
        trainingNats.add(sum / counted);
        heldOutNats.add(evaluate(config, chars, split));
        training
            .layerNorms()
            .forEach(
                (layer, norm) -> norms.computeIfAbsent(layer, l -> new ArrayList<>()).add(norm));
        sum = 0;
        counted = 0;
        evaluating += System.nanoTime() - evaluationStart;
      }
      double seconds = (System.nanoTime() - start - evaluating) / 1e9;
      context.progress(
          (double) step / (config.steps() + 1),
          Numbers.format(
              "training loss %.3f nats%s, %.0f characters/s",
              loss,
              heldOutNats.isEmpty() ? "" : Numbers.format(", held-out %.3f", heldOutNats.getLast()),
              step * (double) config.seqLength() * batch / seconds));
    }
    double seconds = (System.nanoTime() - start - evaluating) / 1e9;
    context.timing(
        "characters_per_second", config.steps() * (double) config.seqLength() * batch / seconds);
    figures.put("held_out_nats", heldOutNats.getLast());
    figures.put("held_out_bits", heldOutNats.getLast() / LN2);
    figures.put("training_nats", trainingNats.getLast());
    figures.set("eval_steps", Json.COMPACT.valueToTree(evalSteps));
    figures.set("training_curve", Json.COMPACT.valueToTree(trainingNats));
    figures.set("held_out_curve", Json.COMPACT.valueToTree(heldOutNats));
    norms.forEach(
        (layer, values) ->
            figures.set("gradient_norms " + layer, Json.COMPACT.valueToTree(values)));
  }

  private static void clear(State state) {
    Arrays.fill(state.h(), 0f);
    Arrays.fill(state.c(), 0f);
  }

  /** Mean loss over the held-out text, state carried, in nats a character. */
  private static double evaluate(Config config, CharModel chars, Split split) {
    Streams streams = split.heldOutStreams(config);
    int batch = streams.batch();
    Session session =
        chars.model().session(config.seqLength(), batch, Readout.EVERY_STEP, false, Team.single());
    State state = State.zeros(chars.model().config().recurrent(), batch);
    double sum = 0;
    for (int i = 0; i < streams.windows(); i++) {
      streams.next();
      session.forward(streams.tokens(), state, null, state);
      sum += session.crossEntropy(streams.targets());
    }
    return sum / streams.windows();
  }

  /** The held-out loss of a model that knows only how frequent each character is. */
  private static double unigram(Split split, int vocabSize) {
    double[] counts = new double[vocabSize];
    Arrays.fill(counts, 1);
    for (int token : split.training()) {
      counts[token]++;
    }
    double total = Arrays.stream(counts).sum();
    double sum = 0;
    for (int token : split.heldOut()) {
      sum -= StrictMath.log(counts[token] / total);
    }
    return sum / split.heldOut().length;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    XYChart chart =
        Charts.xy("Loss on held-out text", "training steps", "cross-entropy (nats per character)");
    List<Figure> figures = new ArrayList<>();
    List<Result.Check> checks = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<List<String>> samples = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    double unigram = outcome.first().number("unigram_nats");
    for (int i = 0; i < config.cells().size(); i++) {
      String cell = config.cells().get(i);
      Outcome<Config> some = outcome.where("cell", cell);
      if (some.isEmpty()) {
        continue;
      }
      TrialRecord first = some.first();
      Map<String, Object> where = Map.of("cell", cell);
      Figure nats =
          Figure.of("held_out_loss", where, "nats per character", some.each("held_out_nats"));
      Figure bits =
          Figure.of("held_out_loss", where, "bits per character", some.each("held_out_bits"));
      Figure training =
          Figure.of("training_loss", where, "nats per character", some.each("training_nats"));
      figures.addAll(List.of(nats, bits, training));
      checks.add(
          new Result.Check(
              Networks.label(cell) + " beats the unigram baseline by at least 0.5 nats",
              nats.mean() < unigram - .5,
              Numbers.format("%.3f against %.3f", nats.mean(), unigram)));
      rows.add(
          List.of(
              Networks.label(cell),
              Numbers.format("%,d", (long) first.number("parameters")),
              training.text(3),
              nats.text(3),
              bits.text(3)));
      sentences.add(Numbers.format("%s %.3f", Networks.label(cell), nats.mean()));
      for (int t = 0; t < TEMPERATURES.length; t++) {
        samples.add(
            List.of(
                Networks.label(cell),
                Numbers.plain(TEMPERATURES[t]),
                first.texts("samples").get(t)));
      }
      Charts.meanWithBand(
          chart,
          Networks.label(cell),
          Ink.of(i),
          first.numbers("eval_steps"),
          some.records().stream().map(record -> record.numbers("held_out_curve")).toList(),
          true);
    }
    double[] steps = outcome.first().numbers("eval_steps");
    Charts.curve(
        chart,
        "unigram baseline",
        Ink.REFERENCE,
        new double[] {steps[0], steps[steps.length - 1]},
        new double[] {unigram, unigram});
    String source =
        config.text().isEmpty()
            ? "the sources of java.util that the JDK ships"
            : String.valueOf(Path.of(config.text()).getFileName());
    return new Conclusion(
        new Result.Story(
            "How well does each cell predict the next character of real text?",
            Numbers.format(
                "%,d characters of %s, %d different ones; the last %.0f %% held out. Embedding %d,"
                    + " hidden %d, %d layer(s), %d streams of %d steps with the state carried, Adam"
                    + " at %s, clip %s, %,d steps; %d seed(s).",
                (long) outcome.first().number("characters"),
                source,
                (long) outcome.first().number("vocabulary"),
                100 * config.valFrac(),
                config.embeddingSize(),
                config.hiddenSize(),
                config.numLayers(),
                config.batchSize(),
                config.seqLength(),
                Numbers.plain(config.learningRate()),
                Numbers.plain(config.gradClip()),
                config.steps(),
                outcome.seeds().size()),
            "The notebooks judge their character models by the loss on the text they train on.",
            "Held-out loss in nats a character at the end: "
                + String.join(", ", sentences)
                + Numbers.format("; knowing only frequencies gives %.3f.", unigram),
            "The held-out loss is what the model has learned of the text and not by heart. At equal"
                + " hidden size the gated cells have three to four times the weights of the tanh"
                + " RNN, and carry a state over more steps. Low temperatures draw the likeliest"
                + " characters and repeat themselves; high ones make more mistakes."),
        figures,
        checks,
        List.of(
            new Result.Table(
                "Loss at the end, mean over the seeds [95 % interval]",
                List.of("cell", "parameters", "training, nats", "held out, nats", "held out, bits"),
                rows),
            new Result.Table(
                "Samples of the first seed", List.of("cell", "temperature", "text"), samples),
            inside(outcome)),
        charts(outcome, chart));
  }

  /** What the trainings saw of themselves. */
  private static Result.Table inside(Outcome<Config> outcome) {
    List<List<String>> rows = new ArrayList<>();
    for (String cell : outcome.config().cells()) {
      Outcome<Config> some = outcome.where("cell", cell);
      if (!some.isEmpty()) {
        rows.add(
            List.of(
                Networks.label(cell),
                lastNorm(some, "embedding"),
                lastNorm(some, "layer 1"),
                lastNorm(some, "readout"),
                saturated(some, "gates_before"),
                saturated(some, "gates_after")));
      }
    }
    return new Result.Table(
        "Inside the training: gradient norms at the end before clipping; gates (f of the LSTM, z of"
            + " the GRU) beyond .1 and .9",
        List.of(
            "cell", "embedding", "first layer", "readout", "saturated before", "saturated after"),
        rows);
  }

  private static String lastNorm(Outcome<Config> outcome, String layer) {
    return Figure.of(
            "norm",
            Map.of(),
            "",
            outcome.records().stream()
                .map(record -> record.numbers("gradient_norms " + layer))
                .mapToDouble(norms -> norms[norms.length - 1])
                .toArray())
        .text(3);
  }

  private static String saturated(Outcome<Config> outcome, String when) {
    return has(outcome, when)
        ? Figure.of(
                "saturated",
                Map.of(),
                "",
                outcome.records().stream()
                    .map(record -> record.numbers(when))
                    .mapToDouble(bins -> bins[0] + bins[1] + bins[BINS - 2] + bins[BINS - 1])
                    .toArray())
            .text(3)
        : "no gates";
  }

  private static boolean has(Outcome<Config> outcome, String figure) {
    return outcome.records().stream().allMatch(record -> record.has(figure));
  }

  private static List<Chart> charts(Outcome<Config> outcome, XYChart loss) {
    List<Chart> charts = new ArrayList<>();
    charts.add(
        new Chart("held-out-loss", "Held-out loss, mean over the seeds with its 95 % band.", loss));
    if (has(outcome, "gradient_through_time")) {
      XYChart reach =
          Charts.xy(
              "Gradient of one prediction by the state, after training",
              "lag behind the prediction (characters)",
              "log10 of the norm, lag 0 = 0");
      List<String> cells = outcome.config().cells();
      for (int i = 0; i < cells.size(); i++) {
        Outcome<Config> some = outcome.where("cell", cells.get(i));
        if (!some.isEmpty()) {
          List<double[]> runs =
              some.records().stream()
                  .map(record -> record.numbers("gradient_through_time"))
                  .toList();
          double[] lags = IntStream.range(0, runs.getFirst().length).asDoubleStream().toArray();
          Charts.meanWithBand(reach, Networks.label(cells.get(i)), Ink.of(i), lags, runs, false);
        }
      }
      charts.add(new Chart("through-time", "On held-out text, mean with its 95 % band.", reach));
    }
    return charts;
  }
}
