package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

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
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.knowm.xchart.XYChart;

/**
 * Notebook 000's serial bottleneck: time of an epoch against length. Its metrics are times, so that
 * they differ from run to run.
 */
final class SerialTime {
  private static final Setting<Integer> WINDOWS = Setting.count("windows", 1, MOST_DRAWN);
  private static final Setting<Integer> ROUNDS = Setting.count("rounds", 1);

  static final Experiment EXPERIMENT =
      Experiment.of("serial-time", SerialTime::trial)
          .settings(
              new Settings()
                  .with(
                      RUNGS.require(all -> all.size() >= 3, "must be three or more."),
                      20,
                      50,
                      100,
                      150,
                      200)
                  .with(VOCAB_SIZE, 65)
                  .with(HIDDEN_SIZE, 128)
                  .with(WINDOWS, 200)
                  .with(ROUNDS, 3))
          .quick(full -> full.with(LENGTHS, 20, 100, 200).with(WINDOWS, 40).with(ROUNDS, 1))
          .oneAtATime()
          .measure(
              Measure.list(
                      "training_step",
                      (all, record) ->
                          Arrays.stream(record.numbers("seconds"))
                              .map(seconds -> 1e6 * seconds / all.get(WINDOWS))
                              .toArray())
                  .along(LENGTH)
                  .unit("microseconds")
                  .digits(0)
                  .labelled("tanh RNN, batch of one"))
          .measure(Measure.of("ratio_of_longest_to_shortest", "ratio").digits(1))
          .measure(
              Measure.list(
                  "cost_of_a_late_character_over_an_early_one",
                  (all, record) ->
                      new double[] {lateOverEarly(all.get(LENGTHS), record.numbers("seconds"))}))
          .tell("fit", SerialTime::fit)
          .table(
              Table.of("Time of one training step")
                  .rows("T")
                  .column("microseconds [95 % interval]", "training_step"))
          .plot(
              Plot.lines("time", "training_step", "T")
                  .from(0)
                  .with(SerialTime::drawFit)
                  .title("Time of one training step")
                  .axes("sequence length T (steps)", "time (microseconds)")
                  .caption("Mean over the seeds with its 95 % band, and a fit."));

  private SerialTime() {}

  private static Measured trial(TrialContext trial) {
    SplittableRandom random = trial.random("data");
    List<Integer> lengths = trial.get(LENGTHS);
    double[] seconds = new double[lengths.size()];
    // One warm-up pass over all lengths, so that none pays for the compiler.
    lengths.forEach(length -> epoch(trial, length, random));
    for (int i = 0; i < seconds.length; i++) {
      double[] rounds = new double[trial.get(ROUNDS)];
      for (int round = 0; round < rounds.length; round++) {
        rounds[round] = epoch(trial, lengths.get(i), random);
      }
      // The quickest round is the one that was disturbed least.
      seconds[i] = Arrays.stream(rounds).min().orElseThrow();
      trial.progress((i + 1.0) / seconds.length);
    }
    return new Measured()
        .put("ratio", seconds[seconds.length - 1] / seconds[0])
        .put("seconds", seconds);
  }

  /** The seconds of one epoch. */
  private static double epoch(TrialContext trial, int length, SplittableRandom random) {
    int vocabSize = trial.get(VOCAB_SIZE);
    int windows = trial.get(WINDOWS);
    Model model = characters(trial, vocabSize);
    Session session = model.session(length, 1, Readout.EVERY_STEP, true);
    Training training = new Training(model.parameters(), new Adam(.003), Double.POSITIVE_INFINITY);
    int[] text = random.ints(length + 1L, 0, vocabSize).toArray();
    int[] targets = Arrays.copyOfRange(text, 1, length + 1);
    long start = System.nanoTime();
    for (int i = 0; i < windows; i++) {
      training.step(session, text, targets);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /**
   * What a character costs between the middle length and the longest, over what one costs between
   * the shortest and the middle one: 1 where steps follow each other, 0 where all run at once.
   */
  static double lateOverEarly(List<Integer> lengths, double[] seconds) {
    int last = seconds.length - 1;
    int middle = last / 2;
    double early = (seconds[middle] - seconds[0]) / (lengths.get(middle) - lengths.getFirst());
    double late = (seconds[last] - seconds[middle]) / (lengths.getLast() - lengths.get(middle));
    return late / early;
  }

  /** The straight line through the mean times. */
  private static SimpleRegression fit(Outcome outcome) {
    SimpleRegression fit = new SimpleRegression();
    for (int length : outcome.get(LENGTHS)) {
      fit.addData(length, outcome.mean("training_step", "T=" + length));
    }
    return fit;
  }

  private static void drawFit(XYChart chart, Outcome outcome) {
    SimpleRegression fit = fit(outcome);
    int longest = outcome.get(LENGTHS).getLast();
    Charts.curve(
        chart,
        Numbers.format("fit: %.1f + %.2f T", fit.getIntercept(), fit.getSlope()),
        Ink.REFERENCE,
        new double[] {0, longest},
        new double[] {fit.getIntercept(), fit.predict(longest)});
  }
}
