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
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.stream.IntStream;

/** How the gradient of a loss at the end fades on its way back through real cells. */
final class GradientThroughTime {
  /** Lags between two points of the curves. */
  private static final int EVERY = 5;

  private static final Setting<Integer> LENGTH = Setting.count("length", 1);
  private static final Setting<Integer> BATCH = Setting.count("batch", 1);
  private static final Setting<Integer> LAG =
      Setting.count("lag", 1).require(k -> k % EVERY == 0, "must be a multiple of " + EVERY + ".");
  private static final Setting<Integer> TRAIN_STEPS = Setting.count("train_steps", 1);
  private static final Setting<Integer> TRAIN_LENGTH = Setting.count("train_length", 1);
  private static final Axis LAGS = Axis.range("lag", 0, all -> all.get(LENGTH) - 1, EVERY);

  static final Experiment EXPERIMENT =
      Experiment.of("gradient-through-time", GradientThroughTime::trial)
          .settings(
              new Settings()
                  .with(CELLS, "rnn_tanh", "lstm", "gru")
                  .with(INITS, "default", "orthogonal")
                  .with(LENGTH, 200)
                  .with(BATCH, 32)
                  .with(VOCAB_SIZE, 10)
                  .with(EMBEDDING_SIZE, 16)
                  .with(HIDDEN_SIZE, 64)
                  .with(LAG, 50)
                  .with(TRAIN_STEPS, 100)
                  .with(TRAIN_LENGTH, 10)
                  .require("length must be more than lag.", all -> all.get(LENGTH) > all.get(LAG)))
          .quick(full -> full.with(LENGTH, 60).with(BATCH, 8).with(TRAIN_STEPS, 10))
          .seeds(20)
          .over(CELL)
          .over(INIT)
          .measure(Measure.of("log10_norm_untrained", "untrained_at_lag").digits(1).at("lag", LAG))
          .measure(Measure.of("log10_norm_trained", "trained_at_lag").digits(1).at("lag", LAG))
          .measure(Measure.of("untrained").along(LAGS).drawn())
          .measure(Measure.of("trained").along(LAGS).drawn())
          .table(
              Table.of("log10 of the gradient norm at lag ${lag}, against the last step")
                  .rows("cell", "init")
                  .column("before training", "log10_norm_untrained")
                  .band("log10_norm_untrained")
                  .column("after training", "log10_norm_trained"))
          .plot(curves("untrained", "Before").bands("bands", "log10_norm_untrained", "lag"))
          .plot(curves("trained", "After"));

  private GradientThroughTime() {}

  private static Plot curves(String measure, String when) {
    return Plot.lines(measure, measure, "lag")
        .by("cell init")
        .curves()
        .title(when + " training: gradient of the last step's loss by h_t")
        .axes("lag behind the last step (steps)", "log10 of the norm, last step = 0")
        .caption(when + " training, mean over the seeds with 95 % bands.");
  }

  private static Measured trial(TrialContext trial) {
    int batch = trial.get(BATCH);
    int lag = trial.get(LAG);
    Model model = model(trial);
    CopyFirstTask probe =
        new CopyFirstTask(trial.get(LENGTH), batch, trial.get(VOCAB_SIZE), trial.random("probe"));
    probe.next();
    double[] untrained = TimeGradients.log10Norms(model, probe.tokens(), probe.targets(), batch);
    trial.progress(.4);
    train(model, trial);
    double[] trained = TimeGradients.log10Norms(model, probe.tokens(), probe.targets(), batch);
    return new Measured()
        .put("untrained_at_lag", untrained[lag])
        .put("trained_at_lag", trained[lag])
        .put("untrained", thinned(untrained))
        .put("trained", thinned(trained));
  }

  private static void train(Model model, TrialContext trial) {
    CopyFirstTask task =
        new CopyFirstTask(
            trial.get(TRAIN_LENGTH), 100, trial.get(VOCAB_SIZE), trial.random("data"));
    Session session = model.session(task.steps(), task.batch(), task.readout(), true);
    Training training = new Training(model.parameters(), new Adam(.01), 5);
    for (int step = 0; step < trial.get(TRAIN_STEPS); step++) {
      training.step(task, session);
    }
  }

  private static double[] thinned(double[] values) {
    return IntStream.range(0, values.length)
        .filter(i -> i % EVERY == 0)
        .mapToDouble(i -> values[i])
        .toArray();
  }
}
