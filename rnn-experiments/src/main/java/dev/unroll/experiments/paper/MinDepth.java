package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Claim;
import dev.unroll.experiments.harness.Claim.Test;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import java.util.Arrays;
import java.util.List;

/** What a second layer gives to cells whose gates do not look at the state. */
final class MinDepth {
  private static final String PAPER = "Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024";
  private static final String SECOND =
      ": the second layer's gates know of the past what the first layer tells them";

  private static final Setting<List<Integer>> LAYERS = Setting.counts("layers", 1);

  static final Experiment EXPERIMENT =
      Experiment.of("min-depth", MinDepth::trial)
          .settings(
              solver(tokens(10, 16, 64), 4000, 100, .003, 5, 20, .99)
                  .with(CELLS, "min_gru", "min_lstm", "gru")
                  .with(LAYERS, 1, 2, 3)
                  .with(LENGTHS, 5, 10, 20, 50, 100))
          .quick(
              full ->
                  full.with(CELLS, "min_gru", "min_lstm")
                      .with(LAYERS, 1, 2)
                      .with(LENGTHS, 5, 10)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 300)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATE, .01)
                      .with(WINDOW, 10))
          .over(CELL)
          .over(
              Axis.of("layers", LAYERS)
                  .labelled(count -> count + (count.equals("1") ? " layer" : " layers")))
          .over(LENGTH)
          .work((all, trial) -> (double) trial.number("length") * trial.number("layers"))
          .measure(Measure.of("accuracy", "best_score").unit("fraction").bootstrap())
          .compareEach(
              Axis.of("cell", all -> List.of("min_gru", "min_lstm")),
              Measure.of("gain_of_a_second_layer").unit("fraction, mean over the lengths"),
              "layers",
              one -> Arrays.stream(one.each("best_score")).average().orElse(0),
              new Match(2, 1))
          .tell("guessing", outcome -> bestByChance(outcome.settings()))
          .claim(
              second(
                  "min_gru",
                  "one layer of minGRU does not solve selective copying (.37), two do (.97)"))
          .claim(
              second(
                  "min_lstm",
                  "one layer of minLSTM does not solve selective copying (.38), two nearly do"
                      + " (.86)"))
          .claim(
              Claim.outOfReach(
                  PAPER,
                  "three layers reach .995 (minGRU) and .96 (minLSTM) on selective copying of 16"
                      + " tokens out of 4096 steps",
                  "copy-first at T up to ${lengths?last}",
                  "400,000 batches of 64 at T = 4096 take about ${(4096 / lengths?last * 400000 /"
                      + " steps * 64 / samples)?string['0']} times the multiplications of our"
                      + " longest trial at its full length, for each seed"))
          .table(
              Table.of(
                      "Accuracy of the best window (a maximum), mean over the seeds [95 %], and"
                          + " seeds that solved it")
                  .rows("cell", "layers")
                  .spread("T", MinDepth::accuracy))
          .plot(
              Plot.lines("accuracy", "accuracy", "T")
                  .by("cell layers")
                  .title("Accuracy at copy-first by number of layers")
                  .axes("sequence length T (steps)", "accuracy (fraction of sequences)")
                  .range(0, 1.05)
                  .reference("guessing", outcome -> bestByChance(outcome.settings()))
                  .caption(
                      "Best window of each training, a maximum, as is the level of guessing; mean"
                          + " over the seeds with 95 % bands."))
          .plot(
              Plot.heat("accuracy-map", "accuracy", "T", "cell layers")
                  .title("Accuracy at copy-first")
                  .axes("sequence length T (steps)", "")
                  .caption("The same as a map."));

  private MinDepth() {}

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    String variant = trial.text("cell") + ":default";
    return solver(trial)
        .run(
            model(trial, variant, trial.number("layers"), length),
            copyFirst(trial, length, "data"),
            trial,
            0,
            1)
        .measured();
  }

  private static String accuracy(Table.Row row) {
    Figure figure = row.figure("accuracy");
    return figure == null
        ? "stopped"
        : figure.text(2) + ", " + Table.solved(row.outcome()) + " solved";
  }

  private static Claim second(String cell, String statement) {
    return Claim.tested(
        PAPER,
        statement + SECOND,
        "copy-first instead, T = ${lengths?first} to ${lengths?last}: a second layer adds"
            + " ${figure.interval} of accuracy",
        Test.above("gain_of_a_second_layer", "cell=" + cell, 0));
  }
}
