package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.SelectiveCopyTask;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What a second layer gives to cells whose gates do not look at the state. */
final class MinDepth {
  private static final Setting<List<Integer>> LAYERS = Setting.counts("layers", 1);
  private static final Setting<Integer> DATA_TOKENS = Setting.count("data_tokens", 1);
  private static final Axis DEPTH =
      Axis.of("layers", LAYERS)
          .labelled(count -> count + (count.equals("1") ? " layer" : " layers"));

  static final Experiment EXPERIMENT =
      Experiment.of("min-depth", MinDepth::trial)
          .settings(
              tunedSolver(tokens(16, 64, 64), 15_000, 64, 5, 50, .99)
                  .with(Tuning.SEEDS, 2)
                  .with(TUNING_LENGTH, 128)
                  .with(CELLS, "min_gru", "min_lstm")
                  .with(LAYERS, 1, 2, 3)
                  .with(DATA_TOKENS, 16)
                  .with(LENGTHS, 128)
                  .require(
                      "data_tokens must be at most each of lengths and tuning_length.",
                      all ->
                          all.get(DATA_TOKENS)
                              <= Math.min(
                                  Collections.min(all.get(LENGTHS)), all.get(TUNING_LENGTH)))
                  .require("vocab_size must be at least 4.", all -> all.get(VOCAB_SIZE) >= 4))
          .quick(
              full ->
                  full.with(CELLS, "min_gru", "min_lstm")
                      .with(LAYERS, 1, 2)
                      .with(DATA_TOKENS, 2)
                      .with(LENGTHS, 6, 12)
                      .with(TUNING_LENGTH, 6)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 300)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATES, .01)
                      .with(WINDOW, 10))
          .seeds(10, 11)
          .tuned(learningRateByScore(CELL, DEPTH))
          .over(CELL)
          .over(DEPTH)
          .over(LENGTH)
          .work((all, trial) -> (double) trial.number("length") * trial.number("layers"))
          .measure(Measure.of("accuracy", "best_score").unit("fraction").range(0, 1))
          .compareEach(
              Axis.of("cell", all -> List.of("min_gru", "min_lstm")),
              Measure.of("gain_of_a_second_layer")
                  .unit("fraction, mean over the lengths")
                  .range(-1, 1),
              "layers",
              one -> Arrays.stream(one.each("best_score")).average().orElse(0),
              new Match(2, 1))
          .tell("guessing", outcome -> guessing(outcome.settings()))
          .table(
              Table.of(
                      "Accuracy of the best window (a maximum), mean over the seeds [95 %], and"
                          + " seeds that solved it")
                  .rows("cell", "layers")
                  .spread("T", MinDepth::accuracy))
          .plot(
              Plot.lines("accuracy", "accuracy", "layers")
                  .by("cell T")
                  .title("Selective copying by number of layers")
                  .axes("layers", "accuracy (fraction of data tokens)")
                  .range(0, 1)
                  .reference("guessing", outcome -> guessing(outcome.settings()))
                  .caption(
                      "Best window of each training, a maximum; mean over the seeds with 95 %"
                          + " bands."));

  private MinDepth() {}

  /** The noise and the question are tokens too, but never answers. */
  private static double guessing(Settings all) {
    return bestByChance(all, all.get(DATA_TOKENS), all.get(VOCAB_SIZE) - 2);
  }

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    String variant = trial.text("cell") + ":default";
    SelectiveCopyTask task =
        new SelectiveCopyTask(
            length,
            trial.get(DATA_TOKENS),
            trial.get(SAMPLES),
            trial.get(VOCAB_SIZE),
            trial.random("data"));
    return solver(trial)
        .run(model(trial, variant, trial.number("layers"), length), task, trial, 0, 1)
        .measured();
  }

  private static String accuracy(Table.Row row) {
    Figure figure = row.figure("accuracy");
    return figure == null
        ? "stopped"
        : figure.text(2) + ", " + Table.solved(row.outcome()) + " solved";
  }
}
