package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

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
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.OneHotRnn;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.State;
import dev.unroll.train.Adagrad;
import dev.unroll.train.GradientClipping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Notebook 002's min-char-rnn (after Karpathy): Adagrad, clipping by value, state carried on. */
final class MinCharRnn {
  private static final int EVERY = 100;
  private static final Setting<Integer> ITERATIONS = Setting.count("iterations", EVERY);

  private static final Axis ITERATION =
      Axis.range("iteration", 0, all -> all.get(ITERATIONS), EVERY);

  private static final Axis HUNDRED =
      Axis.range("to", EVERY, all -> Math.min(3 * EVERY, all.get(ITERATIONS)), EVERY)
          .headed("iterations")
          .labelled(to -> Integer.parseInt(to) - EVERY + " to " + to);

  static final Experiment EXPERIMENT =
      Experiment.of("min-char-rnn", MinCharRnn::trial)
          .settings(
              new Settings()
                  .with(TEXT, "")
                  .with(Setting.count("max_characters", 1), 6661)
                  .with(HIDDEN_SIZE, 100)
                  .with(SEQ_LENGTH, 10)
                  .with(LEARNING_RATE, .01)
                  .with(ITERATIONS, 3000)
                  .require(
                      "max_characters must be more than seq_length + 1.",
                      all -> all.get(MAX_CHARACTERS) > all.get(SEQ_LENGTH) + 1L))
          .quick(full -> full.with(ITERATIONS, 300))
          .reads(
              all ->
                  text(all)
                      .require(all.get(SEQ_LENGTH) + 2L, "seq_length " + all.get(SEQ_LENGTH))
                      .fingerprint())
          .measure(
              Measure.of("smoothed loss", "curve")
                  .labelled("min-char-rnn")
                  .along(ITERATION)
                  .drawn())
          .derive(Measure.of("fall"), MinCharRnn::falls)
          .tell("source", outcome -> Corpus.of(outcome.settings()).name())
          .tell("characters", outcome -> outcome.first().number("characters"))
          .tell("falls", MinCharRnn::means)
          .check(
              "the smoothed loss begins at ln V for each character",
              outcome -> Math.abs(start(outcome) - uniform(outcome)) < .02,
              outcome -> Numbers.format("%.4f against %.4f", start(outcome), uniform(outcome)))
          .check(
              "it falls by .3 to 1.3 in each of the first three hundreds (expected about .3, .7, .8"
                  + " without a spread; these limits are ours)",
              outcome ->
                  outcome.grid("fall").figures().stream()
                      .allMatch(fall -> fall.mean() > .3 && fall.mean() < 1.3),
              MinCharRnn::means)
          .table(
              Table.of("Fall of the smoothed loss")
                  .rows(HUNDRED)
                  .column("measured", "fall")
                  .said("notebook 002", "fall"))
          .table(
              Table.of("What the first seed writes on the way")
                  .rows("iteration")
                  .column(
                      "smoothed loss",
                      row ->
                          Numbers.format("%.2f", row.outcome().first().numbers("curve")[at(row)]))
                  .column("text", row -> row.outcome().first().texts("samples").get(at(row))))
          .plot(
              Plot.lines("loss", "smoothed loss", "iteration")
                  .title("Smoothed loss")
                  .axes("iterations", "cross-entropy (nats over ${seq_length} characters)")
                  .said("notebook 002, printed")
                  .caption("Smoothed loss, mean over the seeds with its 95 % band."));

  private MinCharRnn() {}

  private static int at(Table.Row row) {
    return row.outcome().along("iteration").indexOf(row.place().get("iteration"));
  }

  private static double start(Outcome outcome) {
    return outcome.first().numbers("curve")[0] / outcome.get(SEQ_LENGTH);
  }

  private static double uniform(Outcome outcome) {
    return StrictMath.log(outcome.first().number("vocabulary"));
  }

  private static List<Figure> falls(Outcome outcome) {
    List<Figure> falls = new ArrayList<>();
    for (Object to : HUNDRED.values().apply(outcome.settings())) {
      int i = (int) to / EVERY;
      falls.add(
          Figure.of(
              "fall",
              Map.of("from", (i - 1) * EVERY, "to", to),
              "nats over " + outcome.get(SEQ_LENGTH) + " characters",
              outcome.records().stream()
                  .map(record -> record.numbers("curve"))
                  .mapToDouble(curve -> curve[i - 1] - curve[i])
                  .toArray()));
    }
    return falls;
  }

  private static String means(Outcome outcome) {
    return outcome.grid("fall").figures().stream()
        .map(fall -> Numbers.format("%.2f", fall.mean()))
        .collect(Collectors.joining(", "));
  }

  /** A file is cut as well: the notebook's text was no longer. */
  private static Corpus text(Settings all) {
    return Corpus.of(all).first(all.get(MAX_CHARACTERS));
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = text(trial.settings());
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    int[] text = vocabulary.encode(corpus.name(), corpus.text());
    int v = vocabulary.size();
    int steps = trial.get(SEQ_LENGTH);
    int iterations = trial.get(ITERATIONS);
    OneHotRnn rnn = new OneHotRnn(v, trial.get(HIDDEN_SIZE), steps);
    SplittableRandom weights = trial.random("weights");
    rnn.normal("rnn.weight_ih_l0", .1, weights);
    rnn.normal("rnn.weight_hh_l0", .1, weights);
    rnn.normal("fc.weight", .1, weights);
    Training training =
        new Training(
            rnn.parameters(),
            Adagrad.withEpsInsideRoot(trial.get(LEARNING_RATE), 1e-8),
            Double.POSITIVE_INFINITY);
    State state = rnn.zeroState();
    double smooth = StrictMath.log(v) * steps;
    SplittableRandom chance = trial.random("samples");
    List<Double> curve = new ArrayList<>();
    List<String> samples = new ArrayList<>();
    int p = 0;
    for (int n = 0; n <= iterations; n++) {
      if (p + steps + 1 >= text.length || n == 0) {
        state.clear();
        p = 0;
      }
      int[] inputs = Arrays.copyOfRange(text, p, p + steps);
      if (n % EVERY == 0) {
        samples.add(vocabulary.decode(rnn.sample(inputs[0], state, 200, 1, chance)));
      }
      int[] targets = Arrays.copyOfRange(text, p + 1, p + steps + 1);
      // The notebook sums the loss over the window where the session takes its mean.
      double loss =
          steps
              * training.step(
                  () -> rnn.forward(inputs, targets, state),
                  () -> {
                    rnn.backward(steps);
                    GradientClipping.byValue(rnn.parameters(), 5);
                  });
      smooth = smooth * .999 + loss * .001;
      if (n % EVERY == 0) {
        curve.add(smooth);
      }
      p += steps;
      trial.progress(n / (iterations + 1.0));
    }
    return new Measured()
        .put("smoothed_loss", smooth)
        .put("vocabulary", (long) v)
        .put("characters", (long) text.length)
        .put("curve", curve)
        .put("samples", samples);
  }
}
