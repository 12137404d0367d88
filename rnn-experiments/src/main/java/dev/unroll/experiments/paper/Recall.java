package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.KeyValueTask;
import dev.unroll.experiments.task.SelectiveCopyTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
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
      Climbing.of(
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
                          .require(
                              "vocab_size must be at least 4.", all -> all.get(VOCAB_SIZE) >= 4))
                  .quick(
                      full ->
                          full.with(
                                  VARIANTS, "gru:default", "min_gru:default", "gated_delta:default")
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
                  .seeds(10, 11),
              TASK,
              "recall",
              "recalled")
          .derive(SEEDS_FURTHER, Recall::further);

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
}
