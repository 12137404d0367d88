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
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.run.State;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;

/** Notebook 000's falling loss, with the loss on text it has not seen beside it. */
final class Memorisation {
  private static final Setting<Integer> SEQ_LENGTH = Setting.count("seq_length", 1);
  private static final Setting<Integer> WINDOWS = Setting.count("windows", 1);
  private static final Setting<Integer> HELD_OUT = Setting.count("held_out", 100);
  private static final Axis EPOCH = Axis.range("epoch", 1, all -> all.get(EPOCHS), 1);

  private static final Settings FULL =
      new Settings()
          .with(TEXT, "")
          .with(MAX_CHARACTERS, 50_000)
          .with(HIDDEN_SIZE, 128)
          .with(SEQ_LENGTH, 50)
          .with(WINDOWS, 1000)
          .with(EPOCHS.require(epochs -> epochs >= 2, "must be at least 2."), 5)
          .with(LEARNING_RATE, .003)
          .with(HELD_OUT, 10_000);

  static final Experiment EXPERIMENT =
      Experiment.of("memorisation", Memorisation::trial)
          .settings(FULL)
          .quick(
              full ->
                  full.with(HIDDEN_SIZE, 64)
                      .with(WINDOWS, 200)
                      .with(EPOCHS, 3)
                      .with(HELD_OUT, 5_000))
          .reads(
              all ->
                  Corpus.of(all)
                      .require(
                          1L + all.get(WINDOWS) + all.get(SEQ_LENGTH) + all.get(HELD_OUT),
                          "this setting")
                      .fingerprint())
          .bandsHold(all -> Corpus.usual(all, FULL))
          .measure(
              Measure.of("training_loss")
                  .along(EPOCH)
                  .unit("nats per character")
                  .digits(3)
                  .labelled("training windows"))
          .measure(
              Measure.list("held_out_loss", Memorisation::afterEachEpoch)
                  .along(EPOCH)
                  .unit("nats per character")
                  .labelled("held-out text"))
          .measure(
              Measure.of("held_out_rise", Memorisation::rise)
                  .unit("nats per character")
                  .at("from", 1)
                  .at("to", EPOCHS))
          .tell("uniform", Memorisation::uniform)
          .table(
              Table.of("Loss in nats per character")
                  .rows("epoch")
                  .column("training", "training_loss")
                  .said("notebook 000", "training_loss")
                  .column("held out", "held_out_loss"))
          .plot(
              Plot.lines("losses", "training_loss", "epoch")
                  .beside("held_out_loss")
                  .from(0)
                  .said("notebook 000, printed")
                  .reference("guessing evenly", Memorisation::uniform)
                  .title("Loss on seen and unseen text")
                  .axes("epoch", "cross-entropy (nats per character)")
                  .caption("Training and held-out loss, mean over the seeds with 95 % bands."));

  private Memorisation() {}

  private static double[] afterEachEpoch(TrialRecord record) {
    double[] losses = record.numbers("held_out_loss");
    return Arrays.copyOfRange(losses, 1, losses.length);
  }

  private static double rise(TrialRecord record) {
    double[] losses = afterEachEpoch(record);
    return losses[losses.length - 1] - losses[0];
  }

  /** The loss of guessing every character alike. */
  private static double uniform(Outcome outcome) {
    return StrictMath.log(outcome.first().number("vocabulary"));
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings()).first(trial.get(MAX_CHARACTERS));
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    int[] text = vocabulary.encode(corpus.name(), corpus.text());
    int steps = trial.get(SEQ_LENGTH);
    int windows = trial.get(WINDOWS);
    int epochs = trial.get(EPOCHS);
    Model model = characters(trial, vocabulary.size());
    Session session = model.session(steps, 1, Readout.EVERY_STEP, true);
    Training training =
        new Training(
            model.parameters(), new Adam(trial.get(LEARNING_RATE)), Double.POSITIVE_INFINITY);
    int seen = windows + steps;
    int[] heldOut = Arrays.copyOfRange(text, seen, seen + trial.get(HELD_OUT) + 1);
    double[] trainingLoss = new double[epochs];
    double[] heldOutLoss = new double[epochs + 1];
    heldOutLoss[0] = evaluate(model, heldOut, steps);
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int i = 0; i < windows; i++) {
        int[] inputs = Arrays.copyOfRange(text, i, i + steps);
        int[] targets = Arrays.copyOfRange(text, i + 1, i + steps + 1);
        trainingLoss[epoch] += training.step(session, inputs, targets) / windows;
        trial.progress((epoch + (double) i / windows) / epochs);
      }
      heldOutLoss[epoch + 1] = evaluate(model, heldOut, steps);
    }
    return new Measured()
        .put("last_training_loss", trainingLoss[epochs - 1])
        .put("training_loss", trainingLoss)
        .put("held_out_loss", heldOutLoss)
        .put("vocabulary", vocabulary.size());
  }

  /** Mean loss over {@code text} read in windows from zero states, as the training reads it. */
  private static double evaluate(Model model, int[] text, int steps) {
    Session session = model.session(steps, 1, Readout.EVERY_STEP, false);
    double sum = 0;
    int windows = (text.length - 1) / steps;
    for (int i = 0; i < windows; i++) {
      session.forward(
          Arrays.copyOfRange(text, i * steps, (i + 1) * steps), (State) null, null, null);
      sum += session.crossEntropy(Arrays.copyOfRange(text, i * steps + 1, (i + 1) * steps + 1));
    }
    return sum / windows;
  }
}
