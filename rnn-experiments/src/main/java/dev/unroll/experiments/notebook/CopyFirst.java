package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Learning;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;

/** The memory test of notebook 001, as coded there, really run. */
final class CopyFirst {
  static final Experiment EXPERIMENT =
      Experiment.of("copy-first", CopyFirst::trial)
          .settings(
              new Settings()
                  .with(CELLS, "rnn_tanh", "lstm", "gru")
                  .with(INITS, "default", "orthogonal")
                  .with(LENGTHS, 5, 10, 20, 30, 50)
                  .with(VOCAB_SIZE, 10)
                  .with(EMBEDDING_SIZE, 16)
                  .with(HIDDEN_SIZE, 64)
                  .with(STEPS, 100)
                  .with(SAMPLES, 100)
                  .with(LEARNING_RATE, .01)
                  .with(CLIP_NORM, 5.0))
          .quick(full -> full.with(INITS, "default").with(LENGTHS, 5, 10, 20))
          .seeds(20)
          .over(CELL)
          .over(INIT)
          .over(LENGTH)
          .work(Learning::work)
          .measure(Measure.of("accuracy").unit("fraction").range(0, 1))
          .table(
              Table.of(
                      "Accuracy after ${steps} steps of ${samples} sequences, mean over ${seeds}"
                          + " seeds [95 % interval]")
                  .rows("cell", "init")
                  .spread("accuracy", "T")
                  .references("accuracy", "T", "notebook 001, simulated"))
          .plot(
              Plot.lines("accuracy", "accuracy", "T")
                  .by("cell")
                  .per("init")
                  .title("Accuracy at telling the first token, W_hh ${init}")
                  .axes("sequence length T (steps)", "accuracy (fraction of sequences)")
                  .range(0, 1)
                  .said("notebook 001, simulated")
                  .reference("chance", outcome -> 1.0 / outcome.get(VOCAB_SIZE))
                  .caption(
                      "Mean over ${seeds} seeds with its 95 % band, W_hh ${init}; the dashed line"
                          + " is the notebook's simulated one."));

  private CopyFirst() {}

  private static Measured trial(TrialContext trial) {
    int samples = trial.get(SAMPLES);
    Model model = model(trial);
    CopyFirstTask task = Learning.copyFirst(trial, trial.number("length"), "data");
    Session session = model.session(task.steps(), samples, task.readout(), true);
    Training training =
        new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), trial.get(CLIP_NORM));
    double loss = 0;
    for (int step = 0; step < trial.get(STEPS); step++) {
      loss = training.step(task, session);
      trial.progress((step + 1.0) / (trial.get(STEPS) + 1));
    }
    task.next();
    task.forward(session);
    double testLoss = task.loss(session);
    return new Measured()
        .put("accuracy", (double) session.correct() / samples)
        .put("test_loss", testLoss)
        .put("last_training_loss", loss)
        .put("last_gradient_norm", training.gradientNorm());
  }
}
