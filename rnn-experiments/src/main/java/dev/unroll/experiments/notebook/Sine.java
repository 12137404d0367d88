package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;

/** Notebook 004's context retention: a sine copied to the output, beside a task with memory. */
final class Sine {
  private static final Setting<List<Integer>> DELAYS = Setting.counts("delays", 0);
  private static final Setting<Integer> DELAY_LENGTH = Setting.count("delay_length", 2);
  private static final Setting<Integer> DELAY_BATCH = Setting.count("delay_batch", 1);
  private static final Setting<Integer> DELAY_EPOCHS = Setting.count("delay_epochs", 1);

  static final Experiment EXPERIMENT =
      Experiment.of("sine", Sine::trial)
          .settings(
              new Settings()
                  .with(
                      LENGTHS.require(
                          all -> all.stream().allMatch(t -> t >= 2), "must be at least 2."),
                      20,
                      100,
                      1000,
                      2000)
                  .with(EPOCHS, 10)
                  .with(HIDDEN_SIZE, 10)
                  .with(LEARNING_RATE, .01)
                  .with(DELAYS, 0, 1, 2, 4, 8, 16)
                  .with(DELAY_LENGTH, 50)
                  .with(DELAY_BATCH, 20)
                  .with(DELAY_EPOCHS, 500)
                  .require(
                      "delays must be below delay_length.",
                      all -> all.get(DELAYS).stream().allMatch(k -> k < all.get(DELAY_LENGTH))))
          .quick(
              full ->
                  full.with(LENGTHS, 20, 100)
                      .with(DELAYS, 0, 4)
                      .with(DELAY_LENGTH, 20)
                      .with(DELAY_BATCH, 10)
                      .with(DELAY_EPOCHS, 100))
          .seeds(20)
          .part("task", "sine")
          .over(LENGTH)
          .part("task", "delay")
          .over(Axis.of("delay", DELAYS).named("k"))
          .work(
              (all, trial) ->
                  trial.text("task").equals("sine")
                      ? (double) trial.number("length") * all.get(EPOCHS)
                      : .1 * all.get(DELAY_LENGTH) * all.get(DELAY_BATCH) * all.get(DELAY_EPOCHS))
          .measure(Measure.of("mse").only("task", "sine").digits(3))
          .measure(
              Measure.of("relative_mse")
                  .labelled("error of the tanh RNN")
                  .only("task", "delay")
                  .digits(3))
          .tell("shortest", outcome -> outcome.along("T").getFirst())
          .tell("longest", outcome -> outcome.along("T").getLast())
          .check(
              "no trend: the longest sequence is within .12 of the shortest",
              outcome -> Math.abs(last(outcome, "mse") - first(outcome, "mse")) < .12,
              outcome -> ends(outcome, "mse"))
          .check(
              "memory has its price: the longest delay costs more than none",
              outcome -> last(outcome, "relative_mse") > first(outcome, "relative_mse") + .1,
              outcome -> ends(outcome, "relative_mse"))
          .table(
              Table.of("Copy a sine: mean squared error, mean over the seeds [95 % interval]")
                  .rows("T")
                  .column("error", "mse")
                  .band("mse"))
          .table(
              Table.of("Noise, k steps late: error as a fraction of the variance")
                  .rows("k")
                  .column("error", "relative_mse"))
          .plot(
              Plot.of("overlay", Sine::overlay)
                  .caption("The sine and what the first seed's network gives."))
          .plot(
              Plot.lines("delay", "relative_mse", "k")
                  .title("Noise given out k steps late")
                  .axes("delay k (steps)", "error (fraction of the variance)")
                  .caption("The error of the task that needs memory, with its 95 % band."));

  private Sine() {}

  private static double first(Outcome outcome, String measure) {
    return outcome.grid(measure).figures().getFirst().mean();
  }

  private static double last(Outcome outcome, String measure) {
    return outcome.grid(measure).figures().getLast().mean();
  }

  private static String ends(Outcome outcome, String measure) {
    return Numbers.format("%.3f and %.3f", first(outcome, measure), last(outcome, measure));
  }

  private static Measured trial(TrialContext trial) {
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named("rnn_tanh"), 1, trial.get(HIDDEN_SIZE));
    Model model = new Model(Model.Config.of(recurrent, 1), trial.random("weights"));
    Training training =
        new Training(
            model.parameters(), new Adam(trial.get(LEARNING_RATE)), Double.POSITIVE_INFINITY);
    return trial.text("task").equals("sine")
        ? sine(model, training, trial)
        : delay(model, training, trial);
  }

  /** The notebook's sine: two periods. */
  static float[] wave(int length) {
    float[] wave = new float[length];
    for (int t = 0; t < length; t++) {
      wave[t] = (float) StrictMath.sin(4 * StrictMath.PI * t / (length - 1));
    }
    return wave;
  }

  /** One step of learning to give out what comes in; its mean squared error. */
  static double copy(Training training, Session session, float[] wave) {
    return training.step(
        () -> {
          session.forward(wave);
          return session.meanSquaredError(wave, null);
        },
        session::backward);
  }

  private static Measured sine(Model model, Training training, TrialContext trial) {
    int length = trial.number("length");
    float[] wave = wave(length);
    Session session = model.session(length, 1, Readout.EVERY_STEP, true);
    double mse = 0;
    for (int epoch = 0; epoch < trial.get(EPOCHS); epoch++) {
      mse = copy(training, session, wave);
    }
    session.forward(wave);
    double[] output = new double[Math.min(length, 200)];
    for (int i = 0; i < output.length; i++) {
      output[i] = session.logits()[i * length / output.length];
    }
    Measured measured = new Measured().put("mse", mse);
    return trial.seed() == 1 ? measured.put("output", output) : measured;
  }

  /** White noise in, the same noise some steps later out; tested on fresh noise. */
  private static Measured delay(Model model, Training training, TrialContext trial) {
    int steps = trial.get(DELAY_LENGTH);
    int batch = trial.get(DELAY_BATCH);
    int epochs = trial.get(DELAY_EPOCHS);
    int shift = trial.number("delay") * batch;
    Session session = model.session(steps, batch, Readout.EVERY_STEP, true);
    SplittableRandom random = trial.random("data");
    float[] x = new float[steps * batch];
    float[] target = new float[steps * batch];
    boolean[] mask = new boolean[steps * batch];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i >= shift;
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
      draw(x, target, shift, random);
      training.step(
          () -> {
            session.forward(x);
            return session.meanSquaredError(target, mask);
          },
          session::backward);
      trial.progress((double) epoch / epochs);
    }
    draw(x, target, shift, random);
    session.forward(x);
    // Uniform on -1 to 1 has variance 1/3: what always answering 0 would cost.
    return new Measured().put("relative_mse", 3 * session.meanSquaredError(target, mask));
  }

  private static void draw(float[] x, float[] target, int shift, SplittableRandom random) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    System.arraycopy(x, 0, target, shift, x.length - shift);
  }

  private static XYChart overlay(Outcome outcome) {
    XYChart chart =
        Charts.xy("The sine and the network's output", "place in the sequence (fraction)", "value");
    double[] place = IntStream.rangeClosed(0, 100).mapToDouble(i -> i / 100.0).toArray();
    double[] wave = new double[place.length];
    for (int i = 0; i < wave.length; i++) {
      wave[i] = StrictMath.sin(4 * StrictMath.PI * place[i]);
    }
    Charts.curve(chart, "sine", Ink.CLAIMED, place, wave);
    int index = 0;
    for (TrialRecord record : outcome.records()) {
      if (record.has("output")) {
        double[] output = record.numbers("output");
        double[] x =
            IntStream.range(0, output.length)
                .mapToDouble(i -> (double) i / output.length)
                .toArray();
        String name = "T = " + record.trial().path("length").asString();
        Charts.curve(chart, name, Ink.of(index++), x, output);
      }
    }
    return chart;
  }
}
