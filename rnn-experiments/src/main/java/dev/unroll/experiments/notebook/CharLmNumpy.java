package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.OneHotRnn;
import dev.unroll.experiments.task.Proverbs;
import dev.unroll.experiments.task.Temperatures;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.train.GradientClipping;
import dev.unroll.train.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The character model that notebook 001 writes in numpy, on its eight sayings. */
final class CharLmNumpy {
  private static final Temperatures TEMPERATURES = Temperatures.of(.5, .8, 1.0, 1.5);
  private static final int EVERY = 20;
  private static final int PRINTED = 200;
  private static final Setting<Double> CLIP_VALUE = Setting.positive("clip_value");
  private static final Setting<Integer> ITERATIONS = Setting.count("iterations", EVERY);

  static final Experiment EXPERIMENT =
      Experiment.of("char-lm-numpy", CharLmNumpy::trial)
          .settings(
              new Settings()
                  .with(HIDDEN_SIZE, 64)
                  .with(Proverbs.WINDOW, 25)
                  .with(LEARNING_RATE, .1)
                  .with(CLIP_VALUE, 5.0)
                  .with(ITERATIONS, 1000))
          .quick(full -> full.with(ITERATIONS, 200))
          .measure(Measure.of("curve").labelled("tanh RNN").along(iterations(EVERY)).drawn())
          .measure(
              Measure.every(PRINTED / EVERY, "smoothed_loss", "curve")
                  .along(iterations(PRINTED))
                  .unit("nats per character")
                  .digits(3))
          .tell("last", outcome -> outcome.get(ITERATIONS) / PRINTED * PRINTED)
          .tell("untrained", outcome -> StrictMath.pow(.999, outcome.get(ITERATIONS)))
          .table(
              Table.of("Smoothed loss")
                  .rows("iteration")
                  .column("nats per character", "smoothed_loss")
                  .band("smoothed_loss"))
          .table(
              Table.of("What the first seed writes on the way, at temperature .8")
                  .rows("iteration")
                  .column(
                      "text",
                      row ->
                          row.outcome()
                              .first()
                              .texts("samples_on_the_way")
                              .get(
                                  row.outcome()
                                      .along("iteration")
                                      .indexOf(row.place().get("iteration")))))
          .table(TEMPERATURES.table())
          .plot(
              Plot.lines("loss", "curve", "iteration")
                  .curves()
                  .title("Smoothed training loss")
                  .axes("iterations", "cross-entropy (nats per character)")
                  .bands("bands", "smoothed_loss", "iteration")
                  .caption("Smoothed loss, mean over the seeds with its 95 % band."));

  private CharLmNumpy() {}

  private static Axis iterations(int every) {
    return Axis.range("iteration", every, all -> all.get(ITERATIONS), every);
  }

  private static Measured trial(TrialContext trial) {
    Vocabulary vocabulary = Vocabulary.of(Proverbs.TEXT);
    int[] text = vocabulary.encode("the text", Proverbs.TEXT);
    int v = vocabulary.size();
    int h = trial.get(HIDDEN_SIZE);
    int steps = trial.get(SEQ_LENGTH);
    int iterations = trial.get(ITERATIONS);
    float clip = trial.get(CLIP_VALUE).floatValue();
    OneHotRnn rnn = new OneHotRnn(v, h, steps);
    SplittableRandom weights = trial.random("weights");
    rnn.normal("rnn.weight_ih_l0", StrictMath.sqrt(2.0 / (v + h)), weights);
    rnn.normal("rnn.weight_hh_l0", StrictMath.sqrt(2.0 / (h + h)), weights);
    rnn.normal("fc.weight", StrictMath.sqrt(2.0 / (h + v)), weights);
    Training training =
        new Training(rnn.parameters(), new Sgd(trial.get(LEARNING_RATE)), Double.POSITIVE_INFINITY);
    SplittableRandom data = trial.random("data");
    double smooth = StrictMath.log(v);
    SplittableRandom chance = trial.random("samples on the way");
    List<Double> curve = new ArrayList<>();
    List<String> onTheWay = new ArrayList<>();
    for (int i = 1; i <= iterations; i++) {
      int start = data.nextInt(text.length - steps - 1);
      int[] inputs = Arrays.copyOfRange(text, start, start + steps);
      int[] targets = Arrays.copyOfRange(text, start + 1, start + steps + 1);
      double loss =
          training.step(
              () -> rnn.forward(inputs, targets, rnn.zeroState()),
              () -> {
                rnn.backward(1);
                GradientClipping.byValue(rnn.parameters(), clip);
              });
      smooth = .999 * smooth + .001 * loss;
      if (i % EVERY == 0) {
        curve.add(smooth);
      }
      if (i % PRINTED == 0) {
        int seed = chance.nextInt(v);
        onTheWay.add(
            vocabulary.decode(seed)
                + vocabulary.decode(rnn.sample(seed, rnn.zeroState(), 50, .8, chance)));
      }
      trial.progress((double) i / iterations);
    }
    SplittableRandom random = trial.random("samples");
    int first = vocabulary.encode("the text", "t")[0];
    return new Measured()
        .put("smoothed_loss", smooth)
        .put("curve", curve)
        .put("samples_on_the_way", onTheWay)
        .put(
            "samples",
            TEMPERATURES.draw(
                temperature ->
                    "t"
                        + vocabulary.decode(
                            rnn.sample(first, rnn.zeroState(), 100, temperature, random))));
  }
}
