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
import dev.unroll.experiments.harness.Solver;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.FormalLanguage;
import dev.unroll.experiments.task.FormalLanguageTask;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Which cells learn a formal language from short strings and still have it at long ones. */
final class FormalLanguages {
  /** The accuracy of a band that counts as having the language there. */
  private static final double HAS = .9;

  private static final Setting<List<String>> LANGUAGES =
      Setting.texts("languages", FormalLanguage.names());
  private static final Axis LANGUAGE =
      Axis.of("language", LANGUAGES).labelled(name -> name.replace('-', ' '));
  private static final Setting<Integer> LENGTH = Setting.count("length", 1);

  static final Experiment EXPERIMENT =
      Experiment.of("formal-languages", FormalLanguages::trial)
          .settings(
              new Settings()
                  .with(EMBEDDING_SIZE, 32)
                  .with(HIDDEN_SIZE, 32)
                  .with(STEPS, 8000)
                  .with(SAMPLES, 32)
                  .with(LEARNING_RATES, .003, .01)
                  .with(Tuning.SEEDS, 2)
                  .with(CLIP_NORM, 1.0)
                  .with(WINDOW, 100)
                  .require(
                      "window must be from 1 to steps.", all -> all.get(WINDOW) <= all.get(STEPS))
                  .with(VARIANTS, Variant.defaults())
                  .with(NUM_LAYERS, 1)
                  .with(LANGUAGES, FormalLanguage.names())
                  .with(LENGTH, 40)
                  .with(BANDS, 40, 100, 200, 300, 400, 500)
                  .with(TEST_SAMPLES, 100))
          .quick(
              full ->
                  full.with(
                          VARIANTS,
                          "rnn_tanh:default",
                          "min_gru_signed:default",
                          "gated_delta_signed:default")
                      .with(LENGTH, 8)
                      .with(BANDS, 8, 16, 32)
                      .with(EMBEDDING_SIZE, 8)
                      .with(HIDDEN_SIZE, 16)
                      .with(STEPS, 300)
                      .with(LEARNING_RATES, .01))
          .seeds(10, 11)
          .tuned(
              new Tuning(
                  LEARNING_RATE,
                  LEARNING_RATES,
                  "accuracy, mean over the bands",
                  one -> Arrays.stream(one.numbers("test_accuracies")).average().orElseThrow(),
                  Map.of(),
                  List.of(LANGUAGE, VARIANT)))
          .over(LANGUAGE)
          .over(VARIANT)
          .work(Learning::work)
          .measure(
              Measure.of("accuracy", "test_accuracies")
                  .unit("fraction")
                  .along(TESTED_AT)
                  .range(0, 1))
          .measure(seedsAt("seeds_that_generalize", "test_accuracies", HAS))
          .measure(
              Measure.last("farthest_accuracy", "test_accuracies").unit("fraction").range(0, 1))
          .compareEach(
              LANGUAGE,
              Measure.of("more_accurate").unit("fraction").range(-1, 1),
              "variant",
              seed -> farthest(seed.first()),
              new Match("lstm:default", "gru:default"))
          .table(
              Table.of(
                      "${label('language', language)}: accuracy at lengths up to so many, and above"
                          + " the one before [95 %]; trained to ${length}")
                  .per("language")
                  .rows("variant")
                  .spread("accuracy", "tested_at"))
          .plot(
              Plot.heat("farthest", "farthest_accuracy", "language", "variant")
                  .title("Accuracy at the longest strings, trained to ${length}")
                  .axes("language", "")
                  .caption(
                      "Accuracy in the last band of lengths, which ends at ${test_lengths?max},"
                          + " mean over the seeds."))
          .plot(
              Plot.lines("accuracy", "accuracy", "tested_at")
                  .per("language")
                  .by("variant")
                  .title("${label('language', language)}, trained to ${length}")
                  .axes("end of the band of lengths (steps)", "accuracy (fraction of answers)")
                  .range(0, 1)
                  .caption(
                      "Accuracy in each band of lengths, drawn where it ends; mean over the seeds"
                          + " with 95 % bands."));

  private FormalLanguages() {}

  private static Measured trial(TrialContext trial) {
    FormalLanguage language = FormalLanguage.named(trial.text("language"));
    int length = trial.get(LENGTH);
    Model model =
        model(
            trial,
            trial.text("variant"),
            trial.get(NUM_LAYERS),
            language.tokens(),
            language.answers(),
            length);
    // No early end: a network that has only begun to count would lose it sooner.
    Solver.Run run =
        tireless(trial)
            .run(
                model,
                new FormalLanguageTask(
                    language, 1, length, trial.get(SAMPLES), trial.random("data")),
                trial,
                0,
                .9);
    List<Integer> ends = trial.get(TEST_LENGTHS);
    double[] accuracies = new double[ends.size()];
    for (int i = 0; i < accuracies.length; i++) {
      int from = i == 0 ? 1 : ends.get(i - 1) + 1;
      FormalLanguageTask test =
          new FormalLanguageTask(
              language, from, ends.get(i), trial.get(TEST_SAMPLES), trial.random("test " + i));
      accuracies[i] = test.score(answered(model, test));
    }
    return new Measured()
        .put("steps", run.steps())
        .put("score", run.score())
        .put("test_accuracies", accuracies);
  }

  private static double farthest(TrialRecord record) {
    double[] accuracies = record.numbers("test_accuracies");
    return accuracies[accuracies.length - 1];
  }
}
