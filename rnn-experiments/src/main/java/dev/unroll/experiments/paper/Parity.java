package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Solver;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.ParityAtEndTask;
import dev.unroll.experiments.task.ParityTask;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Which cells can track a state: parity, learned on short strings and asked for on long ones. */
final class Parity {
  /** The accuracy beyond the training's lengths that counts as tracking the state. */
  private static final double TRACKS = .95;

  private static final Setting<Integer> SHORTEST = Setting.count("shortest", 1);
  private static final Setting<Integer> LONGEST = Setting.count("longest", 1);

  static final Experiment EXPERIMENT =
      Experiment.of("parity", Parity::trial)
          .settings(
              new Settings()
                  .with(EMBEDDING_SIZE, 16)
                  .with(HIDDEN_SIZE, 64)
                  .with(STEPS, 20_000)
                  .with(SAMPLES, 100)
                  .with(LEARNING_RATES, .001, .003, .01)
                  .with(Tuning.SEEDS, 3)
                  .with(CLIP_NORM, 1.0)
                  .with(WINDOW, 100)
                  .require(
                      "window must be from 1 to steps.", all -> all.get(WINDOW) <= all.get(STEPS))
                  .with(
                      VARIANTS,
                      "rnn_tanh:default",
                      "lstm:default",
                      "gru:default",
                      "slstm:default",
                      "min_gru:default",
                      "min_gru_signed:default")
                  .with(NUM_LAYERS, 1)
                  .with(SHORTEST, 3)
                  .with(LONGEST, 40)
                  .with(TEST_LENGTHS, 20, 40, 64, 128, 256)
                  .with(TEST_SAMPLES, 1000)
                  .require(
                      "shortest must be at most longest.",
                      all -> all.get(SHORTEST) <= all.get(LONGEST))
                  .require(
                      "test_lengths must have one of longest or more.",
                      all -> Collections.max(all.get(TEST_LENGTHS)) >= all.get(LONGEST)))
          .quick(
              full ->
                  full.with(
                          VARIANTS,
                          "rnn_tanh:default",
                          "gru:default",
                          "min_gru:default",
                          "min_gru_signed:default")
                      .with(SHORTEST, 1)
                      .with(LONGEST, 8)
                      .with(TEST_LENGTHS, 4, 8, 32)
                      .with(TEST_SAMPLES, 200)
                      .with(EMBEDDING_SIZE, 8)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 400)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATES, .01))
          .seeds(10, 11)
          .tuned(
              new Tuning(
                  LEARNING_RATE,
                  LEARNING_RATES,
                  "accuracy beyond the training's lengths",
                  one -> one.number("unseen_accuracy"),
                  Map.of(),
                  List.of(VARIANT)))
          .over(VARIANT)
          .work(Learning::work)
          .measure(
              Measure.of("accuracy", "test_accuracies")
                  .unit("fraction")
                  .along(TESTED_AT)
                  .range(0, 1))
          .measure(Measure.of("unseen_accuracy").unit("fraction").digits(3).range(0, 1))
          .perSeed(
              Measure.of("seeds_that_track").unit("fraction of seeds").fraction(),
              seed -> !seed.isEmpty() && seed.first().number("unseen_accuracy") >= TRACKS ? 1 : 0,
              VARIANT)
          .table(
              Table.of(
                      "Accuracy after so many bits, mean over the seeds [95 %]; chance is .5."
                          + " beyond: mean over the lengths ${longest} to ${test_lengths?max}")
                  .rows("variant")
                  .column("beyond", "unseen_accuracy")
                  .column("seeds at .95 beyond", "seeds_that_track")
                  .spread("accuracy", "tested_at"))
          .plot(
              Plot.lines("accuracy", "accuracy", "tested_at")
                  .by("variant")
                  .title("Parity, trained at lengths ${shortest} to ${longest}")
                  .axes("bits seen so far (steps)", "accuracy (fraction of sequences)")
                  .range(.4, 1)
                  .reference("chance", outcome -> .5)
                  .caption(
                      "Accuracy after so many bits, mean over the seeds with 95 % bands; the"
                          + " training saw ${shortest} to ${longest}."));

  private Parity() {}

  private static Measured trial(TrialContext trial) {
    int longest = trial.get(LONGEST);
    Model model = model(trial, trial.text("variant"), trial.get(NUM_LAYERS), 2, 2, longest);
    Task task =
        new ParityAtEndTask(trial.get(SHORTEST), longest, trial.get(SAMPLES), trial.random("data"));
    // No early end: a gate that has only begun to flip would fail at longer strings.
    Solver.Run run = tireless(trial).run(model, task, trial, 0, .98);
    // One long test tells every shorter one, since each step is asked.
    ParityTask test =
        new ParityTask(
            Collections.max(trial.get(TEST_LENGTHS)),
            trial.get(TEST_SAMPLES),
            trial.random("test"));
    double[] scores = test.scores(answered(model, test));
    return new Measured()
        .put("steps", run.steps())
        .put("score", run.score())
        .put(
            "unseen_accuracy",
            Arrays.stream(scores, longest - 1, test.steps()).average().orElseThrow())
        .put(
            "test_accuracies",
            trial.get(TEST_LENGTHS).stream().mapToDouble(at -> scores[at - 1]).toArray());
  }
}
