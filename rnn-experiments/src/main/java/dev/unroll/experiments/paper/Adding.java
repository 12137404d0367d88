package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.AddingTask;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The adding problem, and whether what was learned at one length holds at others. */
final class Adding {
  /** The fraction of the baseline's error that counts as far below it. */
  private static final double FAR_BELOW = .1;

  /** Errors above this are drawn here. */
  private static final double CAP = .5;

  private static final String CHRONO = "lstm:chrono";
  private static final String FORGET = "lstm:forget-1";

  static final Experiment EXPERIMENT =
      Experiment.of("adding", Adding::trial)
          .settings(
              tunedSolver(new Settings().with(HIDDEN_SIZE, 64), 20_000, 50, 5, 50, .99)
                  .with(TUNING_LENGTH, 100)
                  .with(VARIANTS, "rnn_tanh:default", "rnn_relu:identity", FORGET, CHRONO)
                  .with(Setting.counts("lengths", 2), 100, 200, 400, 750)
                  .with(Setting.counts("test_lengths", 2), 100, 200, 400, 750)
                  .with(TEST_SAMPLES, 1000))
          .quick(
              full ->
                  full.with(VARIANTS, "rnn_tanh:default", "gru:chrono")
                      .with(LENGTHS, 10)
                      .with(TEST_LENGTHS, 5, 10, 20)
                      .with(TEST_SAMPLES, 200)
                      .with(HIDDEN_SIZE, 24)
                      .with(STEPS, 300)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATES, .01)
                      .with(WINDOW, 20))
          .seeds(10, 11)
          .tuned(learningRateByScore(VARIANT))
          .over(VARIANT)
          .over(TRAINED_AT)
          .work(Learning::work)
          .measure(Measure.stepsToSolve())
          .measure(
              Measure.of("mean_squared_error", "test_errors")
                  .along(TESTED_AT)
                  .digits(4)
                  .range(0, Double.POSITIVE_INFINITY))
          .measure(
              Measure.list("error_of_baseline", Adding::ofBaseline)
                  .unit("fraction")
                  .along(TESTED_AT)
                  .range(0, Double.POSITIVE_INFINITY))
          .perSeed(
              Measure.of("seeds_far_below_baseline").unit("fraction of seeds").fraction(),
              Adding::farBelow,
              VARIANT,
              TRAINED_AT)
          .measure(losses(one -> one.numbers("losses")))
          .measure(
              Measure.list("capped error", one -> capped(one.numbers("test_errors")))
                  .along(TESTED_AT)
                  .range(0, CAP)
                  .drawn())
          .derive(LOG_HAZARD_RATIO, Adding::sooner)
          .table(
              Table.of(
                      "Trained at T = ${trained_at}: seeds that solved it, steps until then, mean"
                          + " squared error of the test [95 %]; always answering 1 has .1667")
                  .per("trained_at")
                  .rows("variant")
                  .solved()
                  .column("steps, median", "steps_to_solve")
                  .spread("mean_squared_error", "tested_at"))
          .plot(
              Plot.lines("training", "losses", "training_step")
                  .per("trained_at")
                  .by("variant")
                  .curves()
                  .title("Adding problem at T = ${trained_at}")
                  .axes("training steps", "mean squared error")
                  .reference("always 1", outcome -> AddingTask.BASELINE)
                  .caption(
                      "Error in training, mean over the seeds with 95 % bands; a seed that has"
                          + " solved it stays at its last value. The dotted line is always"
                          + " answering 1."))
          .plot(
              Plot.lines("lengths", "capped error", "tested_at")
                  .per("trained_at")
                  .by("variant")
                  .title("Trained at T = ${trained_at}, tested at other lengths")
                  .axes("sequence length T of the test (steps)", "mean squared error")
                  .range(0, CAP)
                  .reference("always 1", outcome -> AddingTask.BASELINE)
                  .caption(
                      "Error at other lengths, mean over the seeds with 95 % bands, errors above .5"
                          + " drawn at .5. The dotted line is always answering 1."));

  private Adding() {}

  /** Whether a seed's trial ends far below the baseline; one that stopped does not. */
  private static double farBelow(Outcome seed) {
    return !seed.isEmpty() && seed.first().number("error") < FAR_BELOW * AddingTask.BASELINE
        ? 1
        : 0;
  }

  private static double[] ofBaseline(TrialRecord record) {
    return Arrays.stream(record.numbers("test_errors"))
        .map(error -> error / AddingTask.BASELINE)
        .toArray();
  }

  private static double[] capped(double[] errors) {
    return Arrays.stream(errors).map(error -> Math.min(CAP, error)).toArray();
  }

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    Model model =
        Variant.of(trial.text("variant"))
            .model(
                OptionalInt.empty(),
                AddingTask.INPUT_SIZE,
                trial.get(HIDDEN_SIZE),
                1,
                1,
                length,
                trial::random);
    AddingTask task = new AddingTask(length, trial.get(SAMPLES), trial.random("data"));
    return solver(trial)
        .run(model, task, trial, 0, .98)
        .withLosses()
        .put("error", test(model, length, trial))
        .put(
            "test_errors",
            trial.get(TEST_LENGTHS).stream().mapToDouble(at -> test(model, at, trial)).toArray());
  }

  private static double test(Model model, int length, TrialContext trial) {
    AddingTask task =
        new AddingTask(length, trial.get(TEST_SAMPLES), trial.random("test " + length));
    task.next();
    Session session = model.session(task.steps(), task.batch(), task.readout(), false);
    task.forward(session);
    return task.loss(session);
  }

  /** How much sooner the seeds of an LSTM come to a solution with chrono than without. */
  private static List<Figure> sooner(Outcome outcome) {
    List<Figure> ratios = new ArrayList<>();
    for (int length : outcome.get(LENGTHS)) {
      Outcome here = outcome.where("length", length);
      if (outcome.get(VARIANTS).containsAll(List.of(CHRONO, FORGET))) {
        ratios.add(
            logHazardRatio(
                here.where("variant", CHRONO),
                here.where("variant", FORGET),
                Map.of("variant", CHRONO, "less", FORGET, "trained_at", length)));
      }
    }
    return ratios;
  }
}
