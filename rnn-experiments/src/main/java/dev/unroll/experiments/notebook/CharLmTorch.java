package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Proverbs;
import dev.unroll.experiments.task.Temperatures;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The two-layer character model that notebook 001 writes in PyTorch, on its eight sayings. */
final class CharLmTorch {
  private static final Temperatures TEMPERATURES = Temperatures.of(.5, .8, 1.0);
  private static final int PRINTED = 40;

  static final Experiment EXPERIMENT =
      Experiment.of("char-lm-torch", CharLmTorch::trial)
          .settings(
              new Settings()
                  .with(EMBEDDING_SIZE, 32)
                  .with(HIDDEN_SIZE, 128)
                  .with(NUM_LAYERS, 2)
                  .with(Proverbs.WINDOW, 50)
                  .with(LEARNING_RATE, .01)
                  .with(CLIP_NORM, 5.0)
                  .with(EPOCHS, 200))
          .quick(full -> full.with(EPOCHS, 40))
          .seeds(20)
          .measure(Measure.of("parameters").digits(0))
          .measure(
              Measure.of("training loss", "losses")
                  .labelled("two-layer tanh RNN")
                  .along(epochs(1))
                  .drawn())
          .measure(
              Measure.every(PRINTED, "loss", "losses")
                  .along(epochs(PRINTED))
                  .unit("nats per character")
                  .digits(5))
          .tell("characters", outcome -> Proverbs.TEXT.length())
          .tell("first_five", CharLmTorch::firstFive)
          .table(
              Table.of("Training loss")
                  .rows("epoch")
                  .column("nats per character", "loss")
                  .band("loss"))
          .table(TEMPERATURES.table())
          .plot(
              Plot.lines("loss", "training loss", "epoch")
                  .log10()
                  .curves()
                  .title("Training loss")
                  .axes("epochs", "log10 of the cross-entropy (nats)")
                  .bands("band at epoch 40", "loss", "epoch")
                  .caption(
                      "Training loss, log10 of the mean over the seeds and of its 95 % band."));

  private CharLmTorch() {}

  private static Axis epochs(int every) {
    return Axis.range("epoch", every, all -> all.get(EPOCHS), every);
  }

  /** What the first five seeds alone say at the epoch of the band. */
  private static double firstFive(Outcome outcome) {
    return outcome.grid("loss").cells().stream()
        .limit(1)
        .flatMapToDouble(cell -> Arrays.stream(cell.values()).limit(5))
        .average()
        .orElse(Double.NaN);
  }

  private static Measured trial(TrialContext trial) {
    Vocabulary vocabulary = Vocabulary.of(Proverbs.TEXT);
    Model model =
        model(
            trial,
            vocabulary.size(),
            layer(trial, "rnn_tanh").withNumLayers(trial.get(NUM_LAYERS)),
            vocabulary.size());
    double[] losses =
        Proverbs.batch(trial.get(SEQ_LENGTH)).train(model, trial.get(CLIP_NORM), trial);
    CharModel chars = new CharModel(model, vocabulary);
    SplittableRandom random = trial.random("samples");
    return new Measured()
        .put("last_loss", losses[losses.length - 1])
        .put("parameters", (long) model.parameters().size())
        .put("losses", losses)
        .put(
            "samples",
            TEMPERATURES.draw(temperature -> "t" + chars.sample("t", 150, temperature, random)));
  }
}
