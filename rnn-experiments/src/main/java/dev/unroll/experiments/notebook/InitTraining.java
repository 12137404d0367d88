package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
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
import dev.unroll.experiments.task.Batch;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Proverbs;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Exercise 7 of notebook 001: a tanh RNN trained from each of its four initializations of W_hh. */
final class InitTraining {
  private static final String SAYINGS = "sayings";

  /** Training steps that a point of the curves is the mean over. */
  private static final int EVERY = 10;

  private static final Setting<Double> DEVIATION = Setting.positive("deviation");
  private static final Setting<Integer> T = Setting.count("length", 2);

  /** The mean loss of some steps, in nats, that counts as solved. */
  private static final Setting<Double> SOLVED = Setting.positive("solved_nats");

  static final Experiment EXPERIMENT =
      Experiment.of("init-training", InitTraining::trial)
          .settings(
              new Settings()
                  .with(EMBEDDING_SIZE, 32)
                  .with(HIDDEN_SIZE, 100)
                  .with(DEVIATION, .01)
                  .with(Proverbs.WINDOW, 50)
                  .with(T, 20)
                  .with(SAMPLES, 100)
                  .with(LEARNING_RATE, .003)
                  .with(CLIP_NORM, 5.0)
                  .with(SOLVED, .1)
                  .with(STEPS.require(steps -> steps >= EVERY, "must be at least " + EVERY), 600))
          .quick(full -> full.with(HIDDEN_SIZE, 32).with(T, 5).with(STEPS, 50))
          .over(Axis.of("task", all -> List.of(SAYINGS, "copy-first")))
          .over(
              Axis.of("init", all -> List.of("normal", "xavier", "orthogonal", "identity"))
                  .labelled(init -> init.equals("xavier") ? "Xavier" : init)
                  .headed("initialization of W_hh"))
          .measure(
              Measure.of("last_loss").unit("nats").digits(3).clipped(0, Double.POSITIVE_INFINITY))
          .measure(Measure.stepsToSolve())
          .measure(
              Measure.of("loss", "losses")
                  .along(Axis.range("step", EVERY, all -> all.get(STEPS), EVERY))
                  .clipped(0, Double.POSITIVE_INFINITY)
                  .drawn())
          .table(
              Table.of("After training, mean over the seeds [95 % interval]")
                  .rows("task", "init")
                  .column("loss of the last " + EVERY + " steps, nats", "last_loss")
                  .solved()
                  .column("steps to ${solved_nats} nats, median", "steps_to_solve"))
          .plot(
              Plot.lines("loss", "loss", "step")
                  .by("init")
                  .per("task")
                  .curves()
                  .title("Training loss by initialization of W_hh, ${task}")
                  .axes("training steps", "cross-entropy (nats)")
                  .from(0)
                  .caption("Mean over the seeds with 95 % bands, ${task}."));

  private InitTraining() {}

  private static Measured trial(TrialContext trial) {
    trial.progress(0);
    Vocabulary characters = Vocabulary.of(Proverbs.TEXT);
    boolean sayings = trial.text("task").equals(SAYINGS);
    int vocabSize = sayings ? characters.size() : 10;
    Model model = model(trial, vocabSize, layer(trial, "rnn_tanh"), vocabSize);
    initialize(model.parameters(), trial);
    Training training =
        new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), trial.get(CLIP_NORM));
    DoubleSupplier step = sayings ? sayings(model, training, trial) : copy(model, training, trial);
    int steps = trial.get(STEPS) / EVERY * EVERY;
    List<Double> losses = new ArrayList<>();
    int solved = 0;
    double sum = 0;
    for (int i = 1; i <= steps; i++) {
      sum += step.getAsDouble();
      if (i % EVERY == 0) {
        losses.add(StrictMath.rint(1e5 * sum / EVERY) / 1e5);
        solved = solved == 0 && losses.getLast() < trial.get(SOLVED) ? i : solved;
        sum = 0;
      }
      trial.progress((double) i / steps);
    }
    return new Measured()
        .put("last_loss", losses.getLast())
        .put("solved", solved > 0 ? 1 : 0)
        .put("steps", solved > 0 ? solved : steps)
        .put("losses", losses);
  }

  /** All of the notebook's sayings at once. */
  private static DoubleSupplier sayings(Model model, Training training, TrialContext trial) {
    Batch batch = Proverbs.batch(trial.get(SEQ_LENGTH));
    Session session = model.session(batch.steps(), batch.lengths().length, batch.readout(), true);
    return () -> training.step(() -> batch.loss(session), session::backward);
  }

  /** Fresh sequences whose first token is to be told. */
  private static DoubleSupplier copy(Model model, Training training, TrialContext trial) {
    CopyFirstTask task =
        new CopyFirstTask(trial.get(T), trial.get(SAMPLES), 10, trial.random("data"));
    Session session = model.session(task.steps(), task.batch(), task.readout(), true);
    return () -> training.step(task, session);
  }

  private static void initialize(Parameters parameters, TrialContext trial) {
    Parameters.Slice slice = parameters.slice("rnn.weight_hh_l0");
    SplittableRandom random = trial.random("recurrent weights");
    float[] values = parameters.values();
    switch (trial.text("init")) {
      case "normal" -> Initializer.normal(values, slice, random, 0, trial.get(DEVIATION));
      case "xavier" -> Initializer.xavierNormal(values, slice, random, 1);
      case "orthogonal" -> Initializer.orthogonal(values, slice, random, 1, 1);
      default -> Initializer.identity(values, slice, 1, 1);
    }
    parameters.changed();
  }
}
