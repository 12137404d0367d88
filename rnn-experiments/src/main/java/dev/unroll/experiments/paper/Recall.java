package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.KeyValueTask;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.SelectiveCopyTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** How long a sequence each cell learns to recall from: values by their keys, data out of noise. */
final class Recall {
  private static final String MQAR = "mqar";
  private static final String SELECTIVE_COPY = "selective-copy";

  private static final Setting<List<String>> TASKS =
      Setting.texts("tasks", List.of(MQAR, SELECTIVE_COPY));
  private static final Axis TASK =
      Axis.of("task", TASKS)
          .labelled(name -> name.equals(MQAR) ? "keys and values" : "selective copying");
  private static final Setting<Integer> KEYS = Setting.count("keys", 1, 1000);
  private static final Setting<Integer> STEPS_PER_PAIR = Setting.count("steps_per_pair", 3);
  private static final Setting<Integer> DATA_TOKENS = Setting.count("data_tokens", 1);

  private static final Measure SEEDS_FURTHER =
      Measure.of("seeds_further").unit("fraction of seeds").fraction();

  private static final Match[] MATCHES = {
    new Match("gated_delta:default", "lstm:default"),
    new Match("gated_delta:default", "gru:default"),
    new Match("gated_delta:default", "min_gru:default")
  };

  static final Experiment EXPERIMENT =
      Experiment.of("recall", Recall::trial)
          .settings(
              tunedSolver(tokens(16, 32, 32), 8000, 32, 1, 50, .9)
                  .with(LEARNING_RATES, .003, .01)
                  .with(Tuning.SEEDS, 2)
                  .with(VARIANTS, Variant.defaults())
                  .with(NUM_LAYERS, 2)
                  .with(TASKS, MQAR, SELECTIVE_COPY)
                  .with(RUNGS, 64, 128, 256, 512)
                  .with(MISSES, 1)
                  .with(LEAST_FURTHER, 64)
                  .with(STEPS_PER_PAIR, 16)
                  .with(KEYS, 16)
                  .with(DATA_TOKENS, 4)
                  .require(
                      "steps_per_pair and data_tokens must be at most each of lengths.",
                      all ->
                          Math.max(all.get(STEPS_PER_PAIR), all.get(DATA_TOKENS))
                              <= all.get(RUNGS).getFirst())
                  .require("vocab_size must be at least 4.", all -> all.get(VOCAB_SIZE) >= 4))
          .quick(
              full ->
                  full.with(VARIANTS, "gru:default", "min_gru:default", "gated_delta:default")
                      .with(LENGTHS, 8, 16)
                      .with(LEAST_FURTHER, 8)
                      .with(SAMPLES, 16)
                      .with(STEPS_PER_PAIR, 4)
                      .with(KEYS, 4)
                      .with(DATA_TOKENS, 2)
                      .with(VOCAB_SIZE, 6)
                      .with(STEPS, 400)
                      .with(WINDOW, 20)
                      .with(LEARNING_RATES, .01))
          .seeds(10, 11)
          .tuned(
              new Tuning(
                  LEARNING_RATE,
                  LEARNING_RATES,
                  "longest T solved, and the accuracies of those tried",
                  one -> one.number("horizon") + Arrays.stream(one.numbers("scores")).sum(),
                  Map.of(),
                  List.of(TASK, VARIANT)))
          .over(TASK)
          .over(VARIANT)
          .work(Learning::work)
          .measure(
              Measure.of("recalled_to", "horizon")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> all.get(RUNGS).getLast()))
          .measure(solvedRungs("seeds_that_recall").unit("fraction of seeds"))
          .measure(triedRungs())
          .measure(Measure.of("last_accuracy", Recall::lastTried).unit("fraction").range(0, 1))
          .derive(SEEDS_FURTHER, Recall::further)
          .table(
              Table.of(
                      "${label('task', task)}: longest T, and at each T how many seeds solved it in"
                          + " how many steps")
                  .per("task")
                  .rows("variant")
                  .column("longest T [95 %]", "recalled_to")
                  .column("accuracy at the last T tried (best window)", "last_accuracy")
                  .spread("T", Learning::solvedIn))
          .plot(
              Plot.heat("recalled", "recalled_to", "task", "variant")
                  .title("Longest T at which nine of ten answers are right")
                  .axes("task", "")
                  .caption(
                      "Mean over the seeds; T climbs ${lengths?join(', ')} and stops after"
                          + " ${misses} missed length<#if misses gt 1>s in a row</#if>."))
          .plot(
              Plot.heat("solved", "seeds_that_recall", "T", "variant")
                  .per("task")
                  .tried("tried")
                  .title("Fraction of seeds that recall: ${label('task', task)}")
                  .axes("sequence length T (steps)", "")
                  .caption("Fraction of the seeds that came to each length and solved it."));

  private Recall() {}

  private static Measured trial(TrialContext trial) {
    boolean pairs = trial.text("task").equals(MQAR);
    int tokens = pairs ? KeyValueTask.vocabSize(trial.get(KEYS)) : trial.get(VOCAB_SIZE);
    // One model climbs: what it has learned of short sequences it need not learn again.
    Model model =
        model(
            trial,
            trial.text("variant"),
            trial.get(NUM_LAYERS),
            tokens,
            tokens,
            trial.get(RUNGS).getLast());
    return climb(trial, length -> model, length -> task(trial, pairs, length));
  }

  private static Task task(TrialContext trial, boolean pairs, int length) {
    int batch = trial.get(SAMPLES);
    var random = trial.random("data " + length);
    int keys = trial.get(KEYS);
    return pairs
        ? new KeyValueTask(
            length, Math.min(length / trial.get(STEPS_PER_PAIR), keys), keys, batch, random)
        : new SelectiveCopyTask(
            length, trial.get(DATA_TOKENS), batch, trial.get(VOCAB_SIZE), random);
  }

  private static List<Figure> further(Outcome outcome) {
    return outcome.get(TASKS).stream()
        .flatMap(
            task ->
                seedsFurther(
                    SEEDS_FURTHER, outcome.where("task", task), Map.of("task", task), MATCHES))
        .toList();
  }

  /** What the best window of the last rung that was tried reached. */
  private static double lastTried(TrialRecord record) {
    return Arrays.stream(record.numbers("scores"))
        .filter(score -> score >= 0)
        .reduce((earlier, last) -> last)
        .orElse(0);
  }
}
