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
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.TinyShakespeare;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Seed 000's falling loss, with the loss on text it has not seen beside it. */
final class Memorisation extends Study<Memorisation.Config> {
  private static final double[] PRINTED = {.6322, .5484, .5348, .5000, .4635};

  /**
   * The settings.
   *
   * @param text a UTF-8 file, or empty for the sources of java.util in the running JDK
   * @param maxCharacters how much of the text is used
   * @param hiddenSize H
   * @param seqLength steps of a window
   * @param windows overlapping windows of an epoch, each a step of its own
   * @param epochs passes over the windows
   * @param learningRate Adam's
   * @param heldOut characters after the windows that the model is tested on
   */
  record Config(
      String text,
      int maxCharacters,
      int hiddenSize,
      int seqLength,
      int windows,
      int epochs,
      double learningRate,
      int heldOut) {
    Config {
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(seqLength >= 1, "seq_length must be at least 1.");
      Configs.require(windows >= 1, "windows must be at least 1.");
      Configs.require(epochs >= 2, "epochs must be at least 2.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(heldOut >= 100, "held_out must be at least 100.");
      Configs.require(maxCharacters >= 1000, "max_characters must be at least 1000.");
    }

    Config withText(String other) {
      return new Config(
          other, maxCharacters, hiddenSize, seqLength, windows, epochs, learningRate, heldOut);
    }

    int needed() {
      return windows + seqLength + heldOut + 1;
    }
  }

  Memorisation() {
    super(
        "memorisation",
        "is a falling training loss a sign that language is learned?",
        5,
        new Config("", 50_000, 128, 50, 1000, 5, .003, 10_000),
        new Config("", 50_000, 64, 50, 200, 3, .003, 5_000));
  }

  @Override
  public String fingerprint(Config config) {
    Corpus corpus = Corpus.load(config.text(), config.maxCharacters());
    corpus.require(config.needed(), "this setting");
    return corpus.name() + ", SHA-256 " + corpus.sha256();
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Corpus corpus = Corpus.load(config.text(), config.maxCharacters());
    String used =
        corpus.text().substring(0, Math.min(corpus.text().length(), config.maxCharacters()));
    Vocabulary vocabulary = Vocabulary.of(used);
    int[] text = vocabulary.encode(corpus.name(), used);
    int v = vocabulary.size();
    int steps = config.seqLength();
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("rnn_tanh"), v, config.hiddenSize());
    Model model = new Model(new Model.Config(v, recurrent, v), context.random("weights"));
    Session session = model.session(steps, 1, Readout.EVERY_STEP, true, Team.single());
    Training training =
        new Training(model.parameters(), new Adam(config.learningRate()), Double.POSITIVE_INFINITY);
    int[] heldOut =
        Arrays.copyOfRange(
            text, config.windows() + steps, config.windows() + steps + config.heldOut() + 1);
    double[] trainingLoss = new double[config.epochs()];
    double[] heldOutLoss = new double[config.epochs() + 1];
    heldOutLoss[0] = evaluate(model, heldOut, steps);
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      for (int i = 0; i < config.windows(); i++) {
        int[] inputs = Arrays.copyOfRange(text, i, i + steps);
        int[] targets = Arrays.copyOfRange(text, i + 1, i + steps + 1);
        trainingLoss[epoch] +=
            training.step(
                    () -> {
                      session.forward(inputs, null, null, null);
                      return session.crossEntropy(targets);
                    },
                    session::backward)
                / config.windows();
        context.progress((epoch + (double) i / config.windows()) / config.epochs());
      }
      heldOutLoss[epoch + 1] = evaluate(model, heldOut, steps);
    }
    ObjectNode figures = figures();
    figures.put("last_training_loss", trainingLoss[config.epochs() - 1]);
    put(figures, "training_loss", trainingLoss);
    put(figures, "held_out_loss", heldOutLoss);
    figures.put("vocabulary", v);
    return figures;
  }

  /** Mean loss over {@code text} read in windows from zero states, as the training reads it. */
  private static double evaluate(Model model, int[] text, int steps) {
    Session session = model.session(steps, 1, Readout.EVERY_STEP, false, Team.single());
    double sum = 0;
    int windows = (text.length - 1) / steps;
    for (int i = 0; i < windows; i++) {
      session.forward(
          Arrays.copyOfRange(text, i * steps, (i + 1) * steps), (State) null, null, null);
      sum += session.crossEntropy(Arrays.copyOfRange(text, i * steps + 1, (i + 1) * steps + 1));
    }
    return sum / windows;
  }

  /** Of tiny Shakespeare, the notebook's text; no band is known for another. */
  private static @Nullable Band band(Config config, int epoch) {
    if (!config.text().equals(TinyShakespeare.NAME)) {
      return null;
    }
    return epoch == 0 ? Band.near(.63, .1) : epoch == 4 ? Band.near(.45, .1) : null;
  }

  @Override
  public boolean bandsHold(Config config) {
    Config usual = defaults();
    return config.equals(usual) || config.equals(usual.withText(TinyShakespeare.NAME));
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    int epochs = outcome.config().epochs();
    List<double[]> training =
        outcome.records().stream().map(record -> record.numbers("training_loss")).toList();
    List<double[]> heldOut =
        outcome.records().stream().map(record -> record.numbers("held_out_loss")).toList();
    XYChart chart =
        Charts.xy("Loss on seen and unseen text", "epoch", "cross-entropy (nats per character)");
    double[] x = IntStream.rangeClosed(1, epochs).asDoubleStream().toArray();
    Charts.meanWithBand(chart, "training windows", Ink.BLUE, x, training, true);
    Charts.meanWithBand(
        chart,
        "held-out text",
        Ink.VERMILION,
        IntStream.rangeClosed(0, epochs).asDoubleStream().toArray(),
        heldOut,
        true);
    int claimed = Math.min(epochs, PRINTED.length);
    Charts.curve(
        chart,
        "seed 000, printed",
        Ink.CLAIMED,
        Arrays.copyOf(x, claimed),
        Arrays.copyOf(PRINTED, claimed));
    chart.getStyler().setYAxisMin(0.0);
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      int at = epoch;
      Figure seen =
          Figure.of(
                  "training_loss",
                  Map.of("epoch", epoch + 1),
                  "nats per character",
                  training.stream().mapToDouble(run -> run[at]).toArray())
              .withBand(band(outcome.config(), epoch));
      Figure unseen =
          Figure.of(
              "held_out_loss",
              Map.of("epoch", epoch + 1),
              "nats per character",
              heldOut.stream().mapToDouble(run -> run[at + 1]).toArray());
      if (epoch < PRINTED.length) {
        seen = seen.withClaim(PRINTED[epoch]);
      }
      if (epoch == epochs - 1) {
        unseen = unseen.withBand(Band.atLeast(4.2));
      }
      figures.addAll(List.of(seen, unseen));
      rows.add(
          List.of(
              String.valueOf(epoch + 1),
              seen.text(3),
              epoch < PRINTED.length ? Numbers.format("%.4f", PRINTED[epoch]) : "",
              unseen.text(2)));
    }
    double[] rise = heldOut.stream().mapToDouble(run -> run[epochs] - run[1]).toArray();
    Figure rises =
        Figure.of("held_out_rise", Map.of("from", 1, "to", epochs), "nats per character", rise)
            .withBand(Band.atLeast(0));
    figures.add(rises);
    double uniform = StrictMath.log(outcome.first().number("vocabulary"));
    return new Conclusion(
        new Result.Story(
            "Is a falling training loss a sign that language is learned?",
            "Seed 000's model and training: embedding as wide as the vocabulary, tanh RNN of "
                + outcome.config().hiddenSize()
                + ", 1000 windows of 50 characters that each begin one character after the last,"
                + " one Adam step for each window, 5 epochs; beside it the loss on the "
                + outcome.config().heldOut()
                + " characters that follow. The text is the JDK's own sources unless another is"
                + " named; the notebook's is tiny Shakespeare.",
            "The loss falls from .6322 to .4635, which the notebook lists under what to observe.",
            Numbers.format(
                "The training loss goes from %.2f to %.2f while the loss on unseen text goes from"
                    + " %.2f to %.2f; guessing evenly would give %.2f.",
                figures.getFirst().mean(),
                figures.get(2 * epochs - 2).mean(),
                figures.get(1).mean(),
                figures.get(2 * epochs - 1).mean(),
                uniform),
            "The thousand windows overlap: together they are only the first 1,050 characters of the"
                + " text, each seen fifty times an epoch. The model learns these lines by heart and"
                + " grows sure of them, and being sure makes it worse on any other text, worse even"
                + " than guessing. A loss without held-out text beside it says nothing about"
                + " language."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Loss in nats a character",
                List.of("epoch", "training", "seed 000", "held out"),
                rows)),
        List.of(
            new Chart(
                "losses",
                "Training and held-out loss, mean over the seeds with 95 % bands.",
                chart)));
  }
}
