package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.report.chart.CellNames;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.List;

/** Exercise 1 of notebook 001, truncated BPTT: the gradient's window against what is learned. */
final class Tbptt {
  private static final String MODEL = "window ";
  private static final Setting<Integer> T = Setting.count("length", 1);
  private static final Setting<List<Integer>> WINDOWS =
      Setting.counts("windows", 1).require(all -> all.size() >= 2, "must be two or more.");

  static final Experiment EXPERIMENT =
      new Contest("accuracy", "fraction of sequences", true)
          .over(
              Experiment.of("tbptt", Tbptt::trial)
                  .settings(
                      new Settings()
                          .with(WINDOWS, 1, 2, 4, 6, 8, 9, 10)
                          .with(T, 10)
                          .with(ONE_CELL, "gru")
                          .with(HIDDEN_SIZE, 64)
                          .with(STEPS, 150)
                          .with(SAMPLES, 100)
                          .with(LEARNING_RATE, .01)
                          .require(
                              "windows must be at least 1 and at most length.",
                              all -> all.get(WINDOWS).stream().allMatch(k -> k <= all.get(T))))
                  .quick(
                      full ->
                          full.with(WINDOWS, 1, 10)
                              .with(HIDDEN_SIZE, 32)
                              .with(STEPS, 20)
                              .with(SAMPLES, 50))
                  .tell("cell_label", outcome -> CellNames.label(outcome.get(ONE_CELL))),
              Axis.of("model", all -> all.get(WINDOWS).stream().map(k -> MODEL + k).toList()),
              all ->
                  List.of(
                      new Match(
                          MODEL + all.get(WINDOWS).getLast(),
                          MODEL + all.get(WINDOWS).getFirst())));

  private Tbptt() {}

  private static Measured trial(TrialContext trial) {
    int window = Integer.parseInt(trial.text("model").substring(MODEL.length()));
    int batch = trial.get(SAMPLES);
    int steps = trial.get(STEPS);
    int before = trial.get(T) - window;
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named(trial.get(ONE_CELL)), 16, trial.get(HIDDEN_SIZE));
    Model model = model(trial, 10, recurrent, 10);
    CopyFirstTask task = new CopyFirstTask(trial.get(T), batch, 10, trial.random("data"));
    Session end = model.session(window, batch, Readout.LAST_STEP, true);
    Session start = model.session(Math.max(1, before), batch, Readout.LAST_STEP, false);
    State state = State.zeros(recurrent, batch);
    Training training = new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), 5);
    for (int step = 0; step <= steps; step++) {
      task.next();
      state.clear();
      int cut = before * batch;
      if (before > 0) {
        // The state is carried into the window; the gradient is not carried out of it.
        start.forward(Arrays.copyOf(task.tokens(), cut), null, null, state);
      }
      int[] tokens = Arrays.copyOfRange(task.tokens(), cut, task.tokens().length);
      if (step < steps) {
        training.step(
            () -> {
              end.forward(tokens, state, null, null);
              return end.crossEntropy(task.targets());
            },
            end::backward);
      } else {
        end.forward(tokens, state, null, null);
        end.crossEntropy(task.targets());
      }
      trial.progress(step / (steps + 1.0));
    }
    return new Measured().put("score", (double) end.correct() / batch);
  }
}
