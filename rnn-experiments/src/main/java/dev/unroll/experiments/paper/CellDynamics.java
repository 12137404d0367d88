package dev.unroll.experiments.paper;

import static dev.unroll.experiments.paper.LearnedDynamics.*;
import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Solver;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Problem;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every cell as a dynamical system before and after it has learned: its largest Lyapunov exponent,
 * and the Newton iterations that find its states for all of time at once. {@link LearnedDynamics}
 * asks more of fewer cells.
 */
final class CellDynamics {
  private static final List<String> STAGES = List.of("before", "after");
  private static final Axis STAGE = Axis.of("stage", all -> STAGES);
  private static final Axis AT = Axis.of("newton_length", NEWTON_LENGTHS).named("T");

  static final Experiment EXPERIMENT =
      overTasks(
              Experiment.of("cell-dynamics", CellDynamics::trial)
                  .settings(
                      tunedSolver(
                              new Settings().with(EMBEDDING_SIZE, 16).with(HIDDEN_SIZE, 32),
                              5000,
                              64,
                              1,
                              20,
                              .99)
                          .with(Tuning.SEEDS, 2)
                          .with(VARIANTS, Variant.defaults())
                          .with(TASKS, "copy-first:20", "parity:20", "last:20")
                          .require(
                              "tasks must be of tokens, which adding is not.",
                              all ->
                                  all.get(TASKS).stream()
                                      .allMatch(one -> Problem.of(one).hasTokens()))
                          .with(TEST_SAMPLES, 200)
                          .with(LYAPUNOV_STEPS, 1000)
                          .with(BURN_IN, 100)
                          .with(DRIVES, 4)
                          .with(NEWTON_LENGTHS, 64, 256, 1024)
                          .with(NEWTON_TOLERANCE, 1e-4)
                          .with(WORK, 4.5e9)
                          .with(LearnedShares.TIMES, 2.0)
                          .with(LearnedShares.FEW, .1)
                          .require(
                              "lyapunov_steps must be more than twice burn_in.",
                              all -> all.get(LYAPUNOV_STEPS) / 2.0 > all.get(BURN_IN)))
                  .quick(
                      full ->
                          full.with(
                                  VARIANTS,
                                  "gru:default",
                                  "slstm:default",
                                  "para_gru:default",
                                  "gated_delta_signed:default")
                              .with(TASKS, "copy-first:5", "parity:5")
                              .with(STEPS, 300)
                              .with(SAMPLES, 32)
                              .with(LEARNING_RATES, .01)
                              .with(HIDDEN_SIZE, 16)
                              .with(EMBEDDING_SIZE, 8)
                              .with(TEST_SAMPLES, 50)
                              .with(LYAPUNOV_STEPS, 200)
                              .with(BURN_IN, 20)
                              .with(DRIVES, 2)
                              .with(NEWTON_LENGTHS, 32, 64))
                  .seeds(20, 31))
          .measure(Measure.of("learned").unit("fraction of seeds").fraction())
          .measure(
              Measure.list("exponent", one -> stages(one, "exponent_"))
                  .unit("nats per step")
                  .digits(3)
                  .along(STAGE))
          .measure(iterations("newton_iterations", "newton_").along(STAGE, AT))
          .measure(iterations("iterations_from_steps", "steps_").along(STAGE, AT))
          .measure(
              Measure.list(
                      "costlier",
                      (all, one) ->
                          ofLearned(one, after(one) >= all.get(LearnedShares.TIMES) * before(one)))
                  .unit("fraction of seeds that learned")
                  .fraction())
          .measure(
              Measure.list(
                      "few_iterations",
                      (all, one) ->
                          ofLearned(
                              one,
                              after(one)
                                  <= all.get(LearnedShares.FEW)
                                      * all.get(NEWTON_LENGTHS).getLast()))
                  .unit("fraction of seeds that learned")
                  .fraction())
          .table(
              Table.of(
                      "${task}: largest exponent, and Newton iterations from zero at T ="
                          + " ${newton_lengths?join(', ')}, before and after training [95 %]")
                  .per("task")
                  .rows("variant")
                  .column("learned", "learned")
                  .column("exponent", row -> text(row, "exponent"))
                  .column("iterations before", row -> text(row, "newton_iterations", "before"))
                  .column("after", row -> text(row, "newton_iterations", "after"))
                  .column(
                      "after, from f(0, x)", row -> text(row, "iterations_from_steps", "after")))
          .plot(
              Plot.bars("exponents", "exponent", "variant")
                  .per("task")
                  .by("stage")
                  .title("Largest Lyapunov exponent before and after training: ${task}")
                  .axes("cell", "nats per step")
                  .styled(styler -> styler.setXAxisLabelRotation(45))
                  .caption(
                      "Mean over the seeds with 95 % intervals; minus infinity, where ReLUs shut"
                          + " every way back, has no bar."));

  private CellDynamics() {}

  private static Measured trial(TrialContext trial) {
    Problem problem = Problem.of(trial.text("task"));
    int tokens = problem.vocabSize().orElseThrow();
    Model model = model(trial, trial.text("variant"), 1, tokens, tokens, problem.length());
    Measured measured = new Measured();
    DynamicsProbe probe = new DynamicsProbe(trial, problem, model, measured);
    if (!trial.isTuning()) {
      probe.brief("before");
    }
    Solver.Run run =
        tireless(trial)
            .run(
                model,
                problem.task(problem.length(), trial.get(SAMPLES), trial.random("data")),
                trial,
                0,
                .9);
    if (!trial.isTuning()) {
      probe.brief("after");
    }
    Task test = problem.task(problem.length(), trial.get(TEST_SAMPLES), trial.random("test"));
    double score = test.score(answered(model, test));
    return measured
        .put("steps", run.steps())
        .put("score", score)
        .put("learned", score >= trial.get(BAR) ? 1 : 0);
  }

  private static Measure iterations(String name, String prefix) {
    return DynamicsProbe.iterations(
        Measure.list(name, one -> stages(one, prefix)),
        (all, where) -> Double.parseDouble(String.valueOf(where.get("T"))));
  }

  /** What was put for each of {@link #STAGES}, one after another. */
  private static double[] stages(TrialRecord one, String prefix) {
    return STAGES.stream()
        .filter(stage -> one.has(prefix + stage)) // the first run could not count the sLSTM's
        .flatMapToDouble(stage -> Arrays.stream(one.numbers(prefix + stage)))
        .toArray();
  }

  private static double before(TrialRecord one) {
    return last(one, "newton_before");
  }

  private static double after(TrialRecord one) {
    return last(one, "newton_after");
  }

  /** At the longest T. */
  private static double last(TrialRecord one, String key) {
    return one.has(key) ? one.numbers(key)[one.numbers(key).length - 1] : Double.NaN;
  }

  private static double[] ofLearned(TrialRecord one, boolean holds) {
    boolean counted = one.number("learned") == 1 && one.has("newton_after");
    return counted ? new double[] {holds ? 1 : 0} : new double[0];
  }

  /** The figures of a row that lie at all of these places, in their order. */
  private static String text(Table.Row row, String measure, String... places) {
    return row.grid(measure).figures().stream()
        .filter(figure -> Stream.of(places).allMatch(place -> figure.where().containsValue(place)))
        .map((Figure figure) -> figure.text(measure.equals("exponent") ? 3 : 0))
        .collect(Collectors.joining(" / "));
  }
}
