package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Solver;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.PermutationGroup;
import dev.unroll.experiments.task.PermutationTask;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Which cells keep the product of permutations, and at which length they lose it. */
final class WordProblems {
  /** Answers, up to the one asked for, whose mean is its accuracy. */
  private static final int ANSWERS = 8;

  /** The accuracy that counts as keeping the product. */
  private static final double KEEPS = .9;

  private static final Setting<List<String>> GROUPS =
      Setting.texts("groups").check(all -> all.forEach(PermutationGroup::named));
  private static final Axis GROUP =
      Axis.of("group", GROUPS).labelled(name -> name.toUpperCase(Locale.ROOT));
  private static final Setting<Integer> LENGTH = Setting.count("length", ANSWERS);

  static final Experiment EXPERIMENT =
      Experiment.of("word-problems", WordProblems::trial)
          .settings(
              new Settings()
                  .with(EMBEDDING_SIZE, 64)
                  .with(HIDDEN_SIZE, 64)
                  .with(STEPS, 10_000)
                  .with(SAMPLES, 64)
                  .with(LEARNING_RATES, .001, .003)
                  .with(Tuning.SEEDS, 2)
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
                      "para_gru:default",
                      "min_gru:default",
                      "min_gru_signed:default",
                      "gated_delta:default",
                      "gated_delta_signed:default",
                      "delta_product2:default")
                  .with(GROUPS, "z2", "z3", "s3", "a5", "s5")
                  .with(LENGTH, 40)
                  .with(TEST_LENGTHS, 40, 64, 128, 256, 512, 1024, 2048)
                  .with(TEST_SAMPLES, 100)
                  .require(
                      "test_lengths must be 8 or more.",
                      all -> Collections.min(all.get(TEST_LENGTHS)) >= ANSWERS))
          .quick(
              full ->
                  full.with(
                          VARIANTS,
                          "rnn_tanh:default",
                          "min_gru_signed:default",
                          "gated_delta_signed:default")
                      .with(GROUPS, "z2", "z3")
                      .with(LENGTH, 8)
                      .with(TEST_LENGTHS, 8, 16, 32)
                      .with(EMBEDDING_SIZE, 8)
                      .with(HIDDEN_SIZE, 16)
                      .with(STEPS, 300)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATES, .01))
          .seeds(10, 11)
          .tuned(
              new Tuning(
                  LEARNING_RATE,
                  LEARNING_RATES,
                  "steps over which the product is kept",
                  one -> one.number("kept_to") + one.number("score"),
                  Map.of(),
                  List.of(GROUP, VARIANT)))
          .over(GROUP)
          .over(VARIANT)
          .work(Learning::work)
          .measure(
              Measure.of("accuracy", "test_accuracies")
                  .unit("fraction")
                  .along(TESTED_AT)
                  .range(0, 1))
          .measure(seedsAt("seeds_that_track", "test_accuracies", KEEPS))
          .measure(
              Measure.of("kept_to")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> Collections.max(all.get(TEST_LENGTHS))))
          .measure(
              Measure.of("distinguishability", "ratios")
                  .unit("deviation between the elements over that within")
                  .along(TESTED_AT)
                  .clipped(Distinguishability.LEAST, Distinguishability.MOST))
          .measure(
              Measure.of("threshold")
                  .unit("the same ratio")
                  .clipped(Distinguishability.LEAST, Distinguishability.MOST))
          .measure(
              Measure.of("predicted")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> Collections.max(all.get(TEST_LENGTHS))))
          .measure(
              Measure.list("horizon_error", WordProblems::error)
                  .unit("predicted over observed, in powers of two"))
          .table(
              Table.of("${group}: accuracy after so many steps [95 %], trained to ${length}")
                  .per("group")
                  .rows("variant")
                  .column("steps over which .9 is kept", "kept_to")
                  .spread("accuracy", "tested_at"))
          .table(
              Table.of(
                      "${group}: the length predicted from the spread of the states, of networks"
                          + " that keep the product at ${length} [95 %]; last the ratio of"
                          + " deviations, of all networks")
                  .per("group")
                  .rows("variant")
                  .column("networks", row -> networks(row.outcome()))
                  .column("the readout bears", row -> text(row, "threshold", 2))
                  .column("predicted steps", row -> text(row, "predicted", 0))
                  .column("over observed, powers of two", row -> text(row, "horizon_error", 2))
                  .spread("distinguishability", "tested_at"))
          .plot(
              Plot.heat("kept", "kept_to", "group", "variant")
                  .title("Steps over which the product of permutations is kept")
                  .axes("group", "")
                  .caption(
                      "Steps until the accuracy first falls below .9, mean over the seeds; trained"
                          + " to ${length}, tested to ${test_lengths?max}."))
          .plot(
              Plot.lines("accuracy", "accuracy", "tested_at")
                  .per("group")
                  .by("variant")
                  .title("Word problem of ${group}, trained to ${length}")
                  .axes("elements multiplied so far (steps)", "accuracy (fraction of sequences)")
                  .range(0, 1)
                  .caption("Accuracy after so many steps, mean over the seeds with 95 % bands."))
          .plot(
              Plot.lines("distinguishability", "distinguishability", "tested_at")
                  .per("group")
                  .by("variant")
                  .title(
                      "How far apart the elements of ${label('group', group)} lie for their spread")
                  .axes("elements multiplied so far (steps)", "log10 of the ratio of deviations")
                  .log10()
                  .caption(
                      "Standard deviation between the elements over that within, in the directions"
                          + " that separate them at ${length}; mean over the seeds with 95 %"
                          + " bands."));

  private WordProblems() {}

  private static String text(Table.Row row, String measure, int digits) {
    Figure figure = row.figure(measure);
    return figure == null ? "none" : figure.text(digits);
  }

  private static String networks(Outcome some) {
    return Numbers.format(
        "%d of %d",
        some.records().stream().filter(one -> one.has("predicted")).count(), some.records().size());
  }

  private static Measured trial(TrialContext trial) {
    PermutationGroup group = PermutationGroup.named(trial.text("group"));
    int length = trial.get(LENGTH);
    Model model = model(trial, trial.text("variant"), 1, group.size(), group.size(), length);
    // No early end: a network that has only begun to keep the product would lose it sooner.
    Solver.Run run =
        tireless(trial)
            .run(
                model,
                new PermutationTask(group, length, trial.get(SAMPLES), trial.random("data")),
                trial,
                0,
                .98);
    // One long test tells every shorter one, since each step is asked.
    PermutationTask test =
        new PermutationTask(
            group,
            Collections.max(trial.get(TEST_LENGTHS)),
            trial.get(TEST_SAMPLES),
            trial.random("test"));
    Session session = answered(model, test);
    double[] scores = test.scores(session);
    Distinguishability states =
        new Distinguishability(
            test.batch(), test.targets(), session.outputs(), length - ANSWERS, length);
    Measured measured =
        new Measured()
            .put("steps", run.steps())
            .put("score", run.score())
            .put("kept_to", keptTo(scores))
            .put("test_accuracies", at(trial, one -> accuracy(scores, one)))
            .put("ratios", at(trial, one -> states.ratio(one - ANSWERS, one)));
    double threshold =
        states.threshold(model.linear(), KEEPS, length - ANSWERS, length, trial.random("noise"));
    return Double.isNaN(threshold)
        ? measured
        : measured
            .put("threshold", threshold)
            .put("predicted", predicted(states, threshold, length, test.steps()));
  }

  private static double[] at(TrialContext trial, IntToDoubleFunction value) {
    return trial.get(TEST_LENGTHS).stream().mapToInt(one -> one).mapToDouble(value).toArray();
  }

  /** The last step before the states first lie too near for their spread; the longest if never. */
  private static int predicted(
      Distinguishability states, double threshold, int length, int longest) {
    int at = length;
    while (at < longest && states.ratio(at + 1 - ANSWERS, at + 1) >= threshold) {
      at++;
    }
    return at;
  }

  /**
   * How many times the observed length the predicted one is, in powers of two; nothing of a network
   * that does not keep the product over the trained length, or one that loses it at no length and
   * should not.
   */
  private static double[] error(Settings all, TrialRecord one) {
    double observed = one.number("kept_to");
    double longest = Collections.max(all.get(TEST_LENGTHS));
    return !one.has("predicted")
            || observed < all.get(LENGTH)
            || Math.min(observed, one.number("predicted")) == longest
        ? new double[0]
        : new double[] {StrictMath.log(one.number("predicted") / observed) / StrictMath.log(2)};
  }

  /** The mean of the last answers up to a length. */
  private static double accuracy(double[] scores, int length) {
    return IntStream.range(length - ANSWERS, length).mapToDouble(at -> scores[at]).sum() / ANSWERS;
  }

  /** The last step before the accuracy first falls below the bar; 0 where it begins below. */
  static int keptTo(double[] scores) {
    int length = ANSWERS;
    while (length <= scores.length && accuracy(scores, length) >= KEEPS) {
      length++;
    }
    return length == ANSWERS ? 0 : length - 1;
  }
}
