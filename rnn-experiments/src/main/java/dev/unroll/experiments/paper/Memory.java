package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.CopyMemoryTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import java.util.List;
import java.util.stream.Stream;

/** Over how many steps each cell learns to remember one symbol, and ten in their order. */
final class Memory {
  private static final String COPY_FIRST = "copy-first";
  private static final String COPY_MEMORY = "copy-memory";

  /** Of both tasks. */
  private static final int TOKENS = CopyMemoryTask.VOCAB_SIZE;

  private static final Setting<List<String>> TASKS =
      Setting.texts("tasks", List.of(COPY_FIRST, COPY_MEMORY));
  private static final Axis TASK =
      Axis.of("task", TASKS)
          .labelled(name -> name.equals(COPY_FIRST) ? "the first symbol" : "ten symbols");

  /** Which networks have to remember for the others' failures to say anything. */
  private static final List<String> CONTROLS =
      List.of("lstm:chrono", "gru:chrono", "rnn_tanh:orthogonal");

  static final Experiment EXPERIMENT =
      Climbing.of(
          Experiment.of("memory", Memory::trial)
              .settings(
                  tunedSolver(
                          new Settings().with(EMBEDDING_SIZE, 16).with(HIDDEN_SIZE, 64),
                          4000,
                          32,
                          1,
                          50,
                          .99)
                      .with(LEARNING_RATES, .001, .003)
                      .with(Tuning.SEEDS, 2)
                      .with(
                          VARIANTS,
                          Stream.concat(Variant.defaults().stream(), CONTROLS.stream()).toList())
                      .with(TASKS, COPY_FIRST, COPY_MEMORY)
                      .with(RUNGS, 10, 20, 50, 100, 200, 300)
                      .with(MISSES, 1))
              .quick(
                  full ->
                      full.with(VARIANTS, "gru:default", "lru:default", "gru:chrono")
                          .with(LENGTHS, 3, 6)
                          .with(HIDDEN_SIZE, 32)
                          .with(STEPS, 300)
                          .with(WINDOW, 20)
                          .with(LEARNING_RATES, .01))
              .seeds(10, 11),
          TASK,
          "remember",
          "remembered");

  private Memory() {}

  private static Measured trial(TrialContext trial) {
    boolean first = trial.text("task").equals(COPY_FIRST);
    // One model climbs, and chrono is told the last length.
    Model model =
        model(trial, trial.text("variant"), 1, TOKENS, TOKENS, trial.get(RUNGS).getLast());
    return climb(trial, length -> model, length -> task(trial, first, length));
  }

  private static Task task(TrialContext trial, boolean first, int length) {
    int batch = trial.get(SAMPLES);
    var random = trial.random("data " + length);
    return first
        ? new CopyFirstTask(length, batch, TOKENS, random)
        : new CopyMemoryTask(length, batch, random);
  }
}
