package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import java.util.List;
import java.util.SplittableRandom;

/** The training tips of notebook 001, section 8, put to the test on a character model. */
final class Tips {
  private static final String ADVISED = "as advised";
  private static final String UNCLIPPED = "no clipping";
  private static final String HIGH = "learning rate 10 times";
  private static final String HIGH_UNCLIPPED = HIGH + ", " + UNCLIPPED;
  private static final String LOW = "learning rate a tenth";
  private static final String SMALL = "batch a quarter";
  private static final String LARGE = "batch 4 times";
  private static final String DEFAULT = "PyTorch's initialization";
  private static final Setting<Integer> BATCH_SIZE =
      Setting.count("batch_size", 1).require(size -> size % 4 == 0, "must be a multiple of 4.");

  private static final Settings FULL =
      new Settings()
          .with(TEXT, "")
          .with(MAX_CHARACTERS, 500_000)
          .with(EMBEDDING_SIZE, 32)
          .with(HIDDEN_SIZE, 128)
          .with(SEQ_LENGTH, 50)
          .with(BATCH_SIZE, 32)
          .with(STEPS.require(steps -> steps % 4 == 0, "must be a multiple of 4."), 1000)
          .with(LEARNING_RATE, .003)
          .with(CLIP_NORM, 5.0);

  static final Experiment EXPERIMENT =
      new Contest("held-out loss", "nats per character", false)
          .over(
              Experiment.of("tips", Tips::trial)
                  .settings(FULL)
                  .bandsHold(all -> Corpus.usual(all, FULL))
                  .quick(
                      full ->
                          full.with(MAX_CHARACTERS, 100_000)
                              .with(HIDDEN_SIZE, 16)
                              .with(STEPS, 20)
                              .with(BATCH_SIZE, 8))
                  .reads(
                      all -> {
                        Corpus corpus = Corpus.of(all);
                        HeldOutText text = text(all, corpus, 4 * all.get(BATCH_SIZE));
                        text.trainingStreams();
                        text.testStreams();
                        return corpus.fingerprint();
                      })
                  .tell("source", outcome -> Corpus.of(outcome.settings()).contents()),
              Axis.of(
                  "model",
                  all ->
                      List.of(
                          ADVISED, UNCLIPPED, HIGH, HIGH_UNCLIPPED, LOW, SMALL, LARGE, DEFAULT)),
              new Match(ADVISED, UNCLIPPED),
              new Match(HIGH, HIGH_UNCLIPPED),
              new Match(ADVISED, HIGH),
              new Match(ADVISED, LOW),
              new Match(SMALL, ADVISED),
              new Match(ADVISED, LARGE),
              new Match(ADVISED, DEFAULT));

  private Tips() {}

  private static HeldOutText text(Settings all, Corpus corpus, int batch) {
    return HeldOutText.of(corpus, Vocabulary.of(corpus.text()), .1, all.get(SEQ_LENGTH), batch);
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings());
    String what = trial.text("model");
    double rate =
        trial.get(LEARNING_RATE) * (what.startsWith(HIGH) ? 10 : what.equals(LOW) ? .1 : 1);
    double clip = what.endsWith(UNCLIPPED) ? Double.POSITIVE_INFINITY : trial.get(CLIP_NORM);
    // As many characters are read, so that smaller batches make more steps.
    double size = what.equals(SMALL) ? .25 : what.equals(LARGE) ? 4 : 1;
    int batch = (int) (trial.get(BATCH_SIZE) * size);
    int steps = (int) (trial.get(STEPS) / size);
    HeldOutText text = text(trial.settings(), corpus, batch);
    int vocabSize = Vocabulary.of(corpus.text()).size();
    Model model = model(trial, vocabSize, layer(trial, "rnn_tanh"), vocabSize);
    if (!what.equals(DEFAULT)) {
      initialize(model.parameters(), trial.random("advised weights"));
    }
    Training training = new Training(model.parameters(), new Adam(rate), clip);
    StreamReader reader = new StreamReader(model, text.trainingStreams(), true);
    for (int step = 1; step <= steps; step++) {
      training.step(reader::next, reader::backward);
      trial.progress(step / (steps + 1.0));
    }
    return new Measured()
        .put(
            "score",
            new StreamReader(
                    model,
                    text(trial.settings(), corpus, trial.get(BATCH_SIZE)).testStreams(),
                    false)
                .mean());
  }

  /** Orthogonal recurrent weights, the others as Glorot and Bengio have them. */
  private static void initialize(Parameters parameters, SplittableRandom random) {
    for (Parameters.Slice slice : parameters.slices()) {
      if (slice.name().contains("weight_hh")) {
        Initializer.orthogonal(parameters.values(), slice, random, 1, 1);
      } else if (slice.name().contains("weight_ih") || slice.name().equals("fc.weight")) {
        Initializer.xavierUniform(parameters.values(), slice, random, 1);
      }
    }
    parameters.changed();
  }
}
