package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.run.WeightFormat;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.ModelStream;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What weights of 16 and 8 bits cost in answers: models trained with floats, read in each format.
 */
final class RoundedWeights {
  private static final double HELD_OUT_PART = .1;

  /** Steps at whose end the first differences of states are looked at. */
  private static final int FIRST_STEPS = 100;

  private static final Setting<Integer> COPY_LENGTH = Setting.count("copy_length", 2);
  private static final Setting<Integer> STATE_STEPS = Setting.count("state_steps", FIRST_STEPS);

  private static final List<WeightFormat> FORMATS = List.of(WeightFormat.values());
  private static final Axis FORMAT =
      Axis.of("weights", all -> FORMATS.stream().map(WeightFormat::label).toList());

  static final Experiment EXPERIMENT =
      Experiment.of("rounded-weights", RoundedWeights::trial)
          .settings(
              solver(
                  tokens(10, 64, 128)
                      .with(TEXT, "")
                      .with(MAX_CHARACTERS, 300_000)
                      .with(CELLS, "rnn_tanh", "lstm", "gru", "min_gru")
                      .with(SEQ_LENGTH, 64)
                      .with(COPY_LENGTH, 20)
                      .with(TEST_SAMPLES, 2000)
                      .with(STATE_STEPS, 10_000),
                  2000,
                  32,
                  .003,
                  5,
                  20,
                  .99))
          .quick(
              full ->
                  full.with(MAX_CHARACTERS, 100_000)
                      .with(HIDDEN_SIZE, 64)
                      .with(COPY_LENGTH, 5)
                      .with(STEPS, 200)
                      .with(STATE_STEPS, 2000))
          .reads(RoundedWeights::fingerprint)
          .seeds(10)
          .over(CELL)
          .measure(Measure.of("bits").along(FORMAT).unit("bits per character").digits(4))
          .measure(
              Measure.list("more_bits", record -> moreThanFirst(record.numbers("bits")))
                  .along(FORMAT)
                  .unit("bits per character")
                  .digits(5))
          .measure(Measure.of("recalled").along(FORMAT).unit("fraction").range(0, 1).digits(4))
          .measure(
              Measure.list("more_recalled", record -> moreThanFirst(record.numbers("recalled")))
                  .along(FORMAT)
                  .unit("fraction")
                  .digits(5))
          .measure(Measure.of("first_difference").along(FORMAT).bootstrap().digits(4))
          .measure(Measure.of("state_difference").along(FORMAT).bootstrap().digits(4))
          .tell("source", outcome -> Corpus.of(outcome.settings()).contents())
          .table(
              Table.of("Mean over ${seeds} seeds [95 % interval]; more: than f32, seed by seed")
                  .rows("cell", "weights")
                  .column("held out, bits", "bits")
                  .column("more", "more_bits")
                  .column("first token told at T = ${copy_length}", "recalled")
                  .column("more", "more_recalled")
                  .column("states off by, ${first_steps} steps", "first_difference")
                  .column("${state_steps} steps", "state_difference"))
          .tell("first_steps", outcome -> FIRST_STEPS);

  private RoundedWeights() {}

  private static HeldOutText text(Settings all, Corpus corpus) {
    return HeldOutText.of(
        corpus, Vocabulary.of(corpus.text()), HELD_OUT_PART, all.get(SEQ_LENGTH), all.get(SAMPLES));
  }

  private static String fingerprint(Settings all) {
    Corpus corpus = Corpus.of(all);
    HeldOutText text = text(all, corpus);
    text.trainingStreams(); // a text that is too short is refused before anything is trained
    text.testStreams();
    return corpus.fingerprint();
  }

  private static double[] moreThanFirst(double[] values) {
    return Arrays.stream(values).map(value -> value - values[0]).toArray();
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings());
    HeldOutText text = text(trial.settings(), corpus);
    Model reader = network(trial, Vocabulary.of(corpus.text()).size());
    learn(reader, text, trial);
    Model copier = network(trial, trial.get(VOCAB_SIZE));
    solver(trial).run(copier, copyFirst(trial, trial.get(COPY_LENGTH), "data"), trial, .5, 1);
    CopyFirstTask test =
        new CopyFirstTask(
            trial.get(COPY_LENGTH),
            trial.get(TEST_SAMPLES),
            trial.get(VOCAB_SIZE),
            trial.random("test"));
    test.next();
    return new Measured()
        .put("bits", each(format -> bits(reader.withWeights(format), text)))
        .put("recalled", each(format -> recalled(copier.withWeights(format), test)))
        .put("first_difference", differences(reader, text.test(), FIRST_STEPS))
        .put("state_difference", differences(reader, text.test(), trial.get(STATE_STEPS)));
  }

  private static double[] each(ToDoubleFunction<WeightFormat> value) {
    return FORMATS.stream().mapToDouble(value).toArray();
  }

  private static Model network(TrialContext trial, int vocabSize) {
    return model(trial, vocabSize, layer(trial, trial.text("cell")), vocabSize);
  }

  private static void learn(Model model, HeldOutText text, TrialContext trial) {
    StreamReader reader = new StreamReader(model, text.trainingStreams(), true);
    Training training =
        new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), trial.get(CLIP_NORM));
    for (int step = 1; step <= trial.get(STEPS); step++) {
      training.step(reader::next, reader::backward);
      trial.progress(.5 * step / trial.get(STEPS));
    }
  }

  private static double bits(Model model, HeldOutText text) {
    return new StreamReader(model, text.testStreams(), false).mean() / StrictMath.log(2);
  }

  private static double recalled(Model model, CopyFirstTask test) {
    Session session = model.session(test.steps(), test.batch(), test.readout(), false);
    test.forward(session);
    test.loss(session);
    return test.score(session);
  }

  /** The largest difference of any h from that with floats, in each format, reading a text. */
  private static double[] differences(Model model, int[] tokens, int steps) {
    List<ModelStream> streams =
        FORMATS.stream().map(format -> model.withWeights(format).stream(1)).toList();
    double[] largest = new double[FORMATS.size()];
    for (int t = 0; t < steps; t++) {
      int token = tokens[t % tokens.length];
      streams.forEach(stream -> stream.step(token));
      float[] floats = streams.getFirst().state().h();
      for (int i = 0; i < largest.length; i++) {
        float[] h = streams.get(i).state().h();
        for (int j = 0; j < h.length; j++) {
          largest[i] = Math.max(largest[i], Math.abs((double) h[j] - floats[j]));
        }
      }
    }
    return largest;
  }
}
