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
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
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
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Seed 004's context retention: a sine copied to the output, and beside it a task with memory. */
final class Sine extends Study<Sine.Config> {
  /**
   * The settings.
   *
   * @param lengths lengths of the sine sequence
   * @param epochs training steps on the sine
   * @param hiddenSize H
   * @param learningRate Adam's
   * @param delays how many steps the second task's output lags behind its input
   * @param delayLength length of the second task's sequences
   * @param delayBatch sequences in its batch
   * @param delayEpochs training steps on it
   */
  record Config(
      List<Integer> lengths,
      int epochs,
      int hiddenSize,
      double learningRate,
      List<Integer> delays,
      int delayLength,
      int delayBatch,
      int delayEpochs) {
    Config {
      lengths.forEach(length -> Configs.require(length >= 2, "lengths must be at least 2."));
      Configs.require(epochs >= 1, "epochs must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(delayLength >= 2, "delay_length must be at least 2.");
      for (int delay : delays) {
        Configs.require(
            delay >= 0 && delay < delayLength, "delays must be at least 0, below delay_length.");
      }
      Configs.require(delayBatch >= 1, "delay_batch must be at least 1.");
      Configs.require(delayEpochs >= 1, "delay_epochs must be at least 1.");
    }
  }

  Sine() {
    super(
        "sine",
        "does a copied sine show that context is lost over long sequences?",
        20,
        new Config(
            List.of(20, 100, 1000, 2000), 10, 10, .01, List.of(0, 1, 2, 4, 8, 16), 50, 20, 500),
        new Config(List.of(20, 100), 10, 10, .01, List.of(0, 4), 20, 10, 100));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (int length : config.lengths()) {
      trials.add(
          Trial.of(seed)
              .with("task", "sine")
              .with("length", length)
              .withWork((double) length * config.epochs()));
    }
    for (int delay : config.delays()) {
      trials.add(
          Trial.of(seed)
              .with("task", "delay")
              .with("delay", delay)
              .withWork(
                  (double) config.delayLength() * config.delayBatch() * config.delayEpochs() / 10));
    }
    return trials;
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    return trial.text("task").equals("sine")
        ? sine(config, trial.number("length"), context)
        : delay(config, trial.number("delay"), context);
  }

  private static Model model(Config config, TrialContext context) {
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("rnn_tanh"), 1, config.hiddenSize());
    return new Model(new Model.Config(0, recurrent, 1), context.random("weights"));
  }

  private static ObjectNode sine(Config config, int length, TrialContext context) {
    float[] wave = new float[length];
    for (int t = 0; t < length; t++) {
      wave[t] = (float) StrictMath.sin(4 * StrictMath.PI * t / (length - 1));
    }
    Model model = model(config, context);
    Session session = model.session(length, 1, Readout.EVERY_STEP, true, Team.single());
    Training training =
        new Training(model.parameters(), new Adam(config.learningRate()), Double.POSITIVE_INFINITY);
    double mse = 0;
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      mse =
          training.step(
              () -> {
                session.forward(wave, null, null, null);
                return session.meanSquaredError(wave, null);
              },
              session::backward);
    }
    session.forward(wave, null, null, null);
    double[] output = new double[Math.min(length, 200)];
    for (int i = 0; i < output.length; i++) {
      output[i] = session.logits()[i * length / output.length];
    }
    ObjectNode figures = figures();
    figures.put("mse", mse);
    if (context.seed() == 1) {
      put(figures, "output", output);
    }
    return figures;
  }

  /** White noise in, the same noise {@code delay} steps later out; tested on fresh noise. */
  private static ObjectNode delay(Config config, int delay, TrialContext context) {
    int steps = config.delayLength();
    int batch = config.delayBatch();
    Model model = model(config, context);
    Session session = model.session(steps, batch, Readout.EVERY_STEP, true, Team.single());
    Training training =
        new Training(model.parameters(), new Adam(config.learningRate()), Double.POSITIVE_INFINITY);
    SplittableRandom random = context.random("data");
    float[] x = new float[steps * batch];
    float[] target = new float[steps * batch];
    boolean[] mask = new boolean[steps * batch];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i >= delay * batch;
    }
    for (int epoch = 0; epoch < config.delayEpochs(); epoch++) {
      draw(x, target, delay * batch, random);
      training.step(
          () -> {
            session.forward(x, null, null, null);
            return session.meanSquaredError(target, mask);
          },
          session::backward);
      context.progress((double) epoch / config.delayEpochs());
    }
    draw(x, target, delay * batch, random);
    session.forward(x, null, null, null);
    // Uniform on -1 to 1 has variance 1/3: what always answering 0 would cost.
    ObjectNode figures = figures();
    figures.put("relative_mse", 3 * session.meanSquaredError(target, mask));
    return figures;
  }

  private static void draw(float[] x, float[] target, int shift, SplittableRandom random) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    System.arraycopy(x, 0, target, shift, x.length - shift);
  }

  private static @Nullable Band band(int length) {
    // One training differs from the next by .1.
    return switch (length) {
      case 20 -> Band.near(.17, .1);
      case 100 -> Band.near(.13, .1);
      case 1000, 2000 -> Band.near(.18, .1);
      default -> null;
    };
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (int length : config.lengths()) {
      Outcome<Config> some = outcome.where("length", length);
      Figure mse =
          Figure.of("mse", Map.of("task", "sine", "T", length), "", some.each("mse"))
              .withBand(band(length));
      figures.add(mse);
      rows.add(
          List.of(
              "copy a sine, T = " + length,
              mse.text(3),
              mse.band() == null ? "" : mse.band().text()));
    }
    double shortest = figures.getFirst().mean();
    double longest = figures.getLast().mean();
    List<Figure> delays = new ArrayList<>();
    for (int delay : config.delays()) {
      Outcome<Config> some = outcome.where("delay", delay);
      Figure relative =
          Figure.of(
              "relative_mse", Map.of("task", "delay", "k", delay), "", some.each("relative_mse"));
      delays.add(relative);
      rows.add(List.of("noise, " + delay + " steps late (relative)", relative.text(3), ""));
    }
    figures.addAll(delays);
    return new Conclusion(
        new Result.Story(
            "Does a copied sine show that context is lost over long sequences?",
            "Seed 004: a tanh RNN of 10 learns to give out the sine that it is given, for 10"
                + " epochs of Adam at .01, at T = "
                + String.join(", ", config.lengths().stream().map(String::valueOf).toList())
                + ". Beside it a task that does need memory: give out noise k steps late.",
            "As the sequence gets longer, the gap between the sine and the output grows, which"
                + " shows that contextual information is lost.",
            Numbers.format(
                "The error is %.2f at T = %d and %.2f at T = %d. Noise given out %d steps late"
                    + " costs %.2f of its variance, %d steps late %.2f.",
                shortest,
                config.lengths().getFirst(),
                longest,
                config.lengths().getLast(),
                config.delays().getFirst(),
                delays.getFirst().mean(),
                config.delays().getLast(),
                delays.getLast().mean()),
            "The output is asked for at the very step the input comes: y = x needs no memory, and"
                + " what is left of the error after ten steps is that of a model that has hardly"
                + " been trained, at every length. The picture in the notebook gets worse because"
                + " one training differs from the next. With a delay the error does grow, because"
                + " then the state has to hold the last k inputs at once."),
        figures,
        List.of(
            new Result.Check(
                "no trend: the longest sequence is within .12 of the shortest",
                Math.abs(longest - shortest) < .12,
                Numbers.format("%.3f and %.3f", shortest, longest)),
            new Result.Check(
                "memory has its price: the longest delay costs more than none",
                delays.getLast().mean() > delays.getFirst().mean() + .1,
                Numbers.format(
                    "%.3f and %.3f", delays.getFirst().mean(), delays.getLast().mean()))),
        List.of(
            new Result.Table(
                "Mean squared error, mean over the seeds [95 % interval]",
                List.of("task", "error", "band"), rows)),
        List.of(
            new Chart(
                "overlay", "The sine and what the first seed's network gives.", overlay(outcome)),
            new Chart(
                "delay",
                "The error of the task that needs memory, with its 95 % band.",
                delayChart(outcome))));
  }

  private static XYChart overlay(Outcome<Config> outcome) {
    XYChart chart =
        Charts.xy("The sine and the network's output", "place in the sequence (fraction)", "value");
    double[] place = IntStream.rangeClosed(0, 100).mapToDouble(i -> i / 100.0).toArray();
    double[] wave = new double[place.length];
    for (int i = 0; i < wave.length; i++) {
      wave[i] = StrictMath.sin(4 * StrictMath.PI * place[i]);
    }
    Charts.curve(chart, "sine", Ink.CLAIMED, place, wave);
    int index = 0;
    for (int length : outcome.config().lengths()) {
      for (var record : outcome.where("length", length).records()) {
        if (record.has("output")) {
          double[] output = record.numbers("output");
          double[] x =
              IntStream.range(0, output.length)
                  .mapToDouble(i -> (double) i / output.length)
                  .toArray();
          Charts.curve(chart, "T = " + length, Ink.of(index++), x, output);
        }
      }
    }
    return chart;
  }

  private static XYChart delayChart(Outcome<Config> outcome) {
    XYChart chart =
        Charts.xy(
            "Noise given out k steps late", "delay k (steps)", "error (fraction of the variance)");
    List<Integer> delays = outcome.config().delays();
    List<double[]> runs = new ArrayList<>();
    for (long seed : outcome.seeds()) {
      Outcome<Config> some = outcome.where("seed", seed).where("task", "delay");
      if (some.records().size() == delays.size()) {
        runs.add(some.each("relative_mse"));
      }
    }
    Charts.meanWithBand(
        chart,
        "tanh RNN, hidden " + outcome.config().hiddenSize(),
        Ink.BLUE,
        delays.stream().mapToDouble(delay -> delay).toArray(),
        runs,
        true);
    return chart;
  }
}
