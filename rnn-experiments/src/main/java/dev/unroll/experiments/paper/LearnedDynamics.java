package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.AddingTask;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.Problem;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;

/**
 * What learning to remember, or to track a state, does to a network as a dynamical system, and to
 * the Newton iterations that evaluate it over all of time at once: before, during and after
 * training.
 */
final class LearnedDynamics {
  static final Setting<List<String>> TASKS = Setting.texts("tasks").check(Problem::require);

  /** The training step of the stage {@code during}. */
  private static final Setting<Integer> DURING = Setting.count("during", 1);

  /** {@link Learning#BAR} where the score is one less a squared error. */
  private static final Setting<Double> ADDING_BAR = Setting.number("adding_bar");

  static final Setting<Integer> LYAPUNOV_STEPS = Setting.count("lyapunov_steps", 1);
  static final Setting<Integer> BURN_IN = Setting.count("burn_in", 0);
  static final Setting<Integer> DRIVES = Setting.count("drives", 1);

  /** T of Newton's method at every stage. */
  static final Setting<List<Integer>> NEWTON_LENGTHS = Setting.counts("newton_lengths", 1);

  /** T of Newton's method after training only. */
  static final Setting<List<Integer>> LONG_LENGTHS = Setting.counts("long_lengths", 1);

  /** T at which solvers are compared. */
  static final Setting<Integer> SOLVER_LENGTH = Setting.count("solver_length", 2);

  static final Setting<Double> NEWTON_TOLERANCE = Setting.positive("newton_tolerance");

  /** Most iterations * T * n * n of a solution, n the size of the state. */
  static final Setting<Double> WORK = Setting.positive("work");

  /** Of .1, .01 and .001 the one that converged most often on seed 1001, as the next. */
  static final Setting<Double> ELK_DAMPING = Setting.positive("elk_damping");

  static final Setting<Double> QUASI_DAMPING = Setting.positive("quasi_damping");

  /** How often a token of a tracking task is not the identity. */
  static final Setting<List<Double>> SWITCH_RATES =
      Setting.numbers("switch_rates")
          .require(
              rates -> rates.stream().allMatch(rate -> rate >= 0 && rate <= 1),
              "must lie from 0 to 1.");

  /** Lengths of the tests in trained lengths. */
  static final Setting<List<Integer>> TEST_MULTIPLES =
      Setting.counts("test_multiples", 1)
          .require(all -> all.stream().allMatch(one -> one <= 1000), "must be at most 1000.");

  /** DEER but for the last two: by its guess, without reset, by its tolerance. */
  static final List<String> SOLVERS =
      List.of(
          "zero",
          "steps",
          "previous",
          "no-reset",
          "tolerance-up",
          "tolerance-down",
          "quasi",
          "quasi-elk");

  private static final List<String> STAGES = List.of("before", "during", "after");

  static final Axis TASK = Axis.of("task", TASKS);
  private static final Axis STAGE = Axis.of("stage", all -> STAGES);
  private static final Axis LENGTH_OF_NEWTON = Axis.of("newton_length", NEWTON_LENGTHS).named("T");
  private static final Axis LONG_LENGTH = Axis.of("long_length", LONG_LENGTHS).named("long_T");
  private static final Axis SOLVER = Axis.of("solver", all -> SOLVERS);
  private static final Axis MULTIPLE =
      Axis.of("multiple", TEST_MULTIPLES).headed("score at trained T times");
  private static final Axis RATE = Axis.of("rate", SWITCH_RATES).headed("iterations, switches");

  static final Experiment EXPERIMENT =
      groups(
          LearnedShares.derive(
              overTasks(
                  Experiment.of("learned-dynamics", LearnedDynamics::trial)
                      .settings(
                          LearnedShares.thresholds(
                              tunedSolver(
                                      new Settings().with(EMBEDDING_SIZE, 16).with(HIDDEN_SIZE, 32),
                                      5000,
                                      64,
                                      1,
                                      20,
                                      .99)
                                  .with(ADDING_BAR, .95)
                                  .with(
                                      VARIANTS,
                                      "rnn_tanh:default",
                                      "rnn_tanh:orthogonal",
                                      "lstm:forget-1",
                                      "gru:default",
                                      "min_gru:default",
                                      "min_gru_signed:default",
                                      "min_lstm:default")
                                  .with(
                                      TASKS,
                                      "copy-first:10",
                                      "copy-first:14",
                                      "copy-first:20",
                                      "copy-first:40",
                                      "adding:40",
                                      "parity:20",
                                      "s3:16",
                                      "echo:20",
                                      "last:20")
                                  .with(Tuning.SEEDS, 2)
                                  .with(DURING, 200)
                                  .with(TEST_SAMPLES, 200)
                                  .with(TEST_MULTIPLES, 1, 4, 16)
                                  .with(LYAPUNOV_STEPS, 1000)
                                  .with(BURN_IN, 100)
                                  .with(DRIVES, 4)
                                  .with(NEWTON_LENGTHS, 64, 256, 1024)
                                  .with(LONG_LENGTHS, 4096, 16384)
                                  .with(SOLVER_LENGTH, 256)
                                  .with(NEWTON_TOLERANCE, 1e-4)
                                  .with(WORK, 4.5e9)
                                  .with(ELK_DAMPING, .001)
                                  .with(QUASI_DAMPING, .001)
                                  .with(SWITCH_RATES, .5, .1, .02)
                                  .require(
                                      "lyapunov_steps must be more than twice burn_in.",
                                      all -> all.get(LYAPUNOV_STEPS) / 2.0 > all.get(BURN_IN))
                                  .require(
                                      "during must be from 1 to steps.",
                                      all -> all.get(DURING) <= all.get(STEPS))
                                  .require(
                                      "test_multiples must begin with 1, the trained length.",
                                      all -> all.get(TEST_MULTIPLES).getFirst() == 1)))
                      .quick(
                          full ->
                              full.with(
                                      VARIANTS,
                                      "rnn_tanh:orthogonal",
                                      "gru:default",
                                      "min_gru_signed:default")
                                  .with(TASKS, "copy-first:5", "copy-first:8", "parity:5", "last:5")
                                  .with(STEPS, 300)
                                  .with(SAMPLES, 32)
                                  .with(LEARNING_RATES, .01)
                                  .with(HIDDEN_SIZE, 16)
                                  .with(EMBEDDING_SIZE, 8)
                                  .with(DURING, 40)
                                  .with(TEST_SAMPLES, 50)
                                  .with(TEST_MULTIPLES, 1, 4)
                                  .with(LYAPUNOV_STEPS, 200)
                                  .with(BURN_IN, 20)
                                  .with(DRIVES, 2)
                                  .with(NEWTON_LENGTHS, 32, 64)
                                  .with(LONG_LENGTHS, 128)
                                  .with(SOLVER_LENGTH, 64))
                      .seeds(20, 21))));

  private LearnedDynamics() {}

  /** Has trials over tasks and variants, each with the learning rate that scores best. */
  static Experiment overTasks(Experiment experiment) {
    return experiment
        .tuned(
            new Tuning(
                LEARNING_RATE,
                LEARNING_RATES,
                "score at the trained T after training",
                one -> one.number("score"),
                Map.of(),
                List.of(TASK, VARIANT)))
        .over(TASK)
        .over(VARIANT)
        .work((all, trial) -> Problem.of(trial.text("task")).length() * Learning.work(all, trial));
  }

  /** The measures, each over all networks, over those that learned and those that failed. */
  private static Experiment groups(Experiment experiment) {
    LearnedSpectra.derive(
            experiment.plot(
                Plot.of("exponents", LearnedShares::chart)
                    .caption(
                        "Each network after training: its exponent and its iterations at T ="
                            + " ${newton_lengths?last}, a point for each trial; open where the cap"
                            + " ended the iterations.")))
        .measure(Measure.of("learned").unit("fraction").fraction())
        .measure(Measure.of("solved").unit("fraction").fraction())
        .measure(Measure.stepsToSolve())
        .measure(
            Measure.of("score", "scores")
                .unit("fraction")
                .along(MULTIPLE)
                // Of numbers it is the explained part of the variance, which may be negative.
                .range(
                    (all, where) ->
                        Problem.of(String.valueOf(where.get("task"))).hasTokens()
                            ? 0
                            : Double.NEGATIVE_INFINITY,
                    (all, where) -> 1));
    for (String group : List.of("", "_of_learned", "_of_failed")) {
      Predicate<TrialRecord> in =
          one -> group.isEmpty() || (one.number("learned") == 1) == group.equals("_of_learned");
      experiment
          .measure(
              of("exponent" + group, in, stages("exponent_"))
                  .unit("nats per step")
                  .digits(3)
                  .along(STAGE))
          .measure(
              iterations("newton_iterations" + group, in, stages("newton_"), at("T"))
                  .along(STAGE, LENGTH_OF_NEWTON))
          .measure(
              iterations("own_iterations" + group, in, stages("own_"), LearnedDynamics::trained)
                  .along(STAGE))
          .measure(
              iterations(
                      "long_iterations" + group, in, one -> one.numbers("long_after"), at("long_T"))
                  .along(LONG_LENGTH))
          .measure(
              iterations("iterations_when_solved" + group, in, list("newton_solved"), at("T"))
                  .along(LENGTH_OF_NEWTON))
          .measure(
              of("exponent_when_solved" + group, in, list("exponent_solved"))
                  .unit("nats per step")
                  .digits(3))
          .measure(
              iterations(
                      "solver_iterations" + group, in, stages("solvers_"), LearnedDynamics::solved)
                  .along(STAGE, SOLVER))
          .measure(
              iterations("elk_iterations" + group, in, list("elk_own"), LearnedDynamics::trained))
          .measure(
              iterations(
                      "switching_iterations" + group,
                      in,
                      list("switching"),
                      LearnedDynamics::solved)
                  .along(RATE))
          .measure(
              of("front_speed" + group, in, list("front_speed"))
                  .unit("steps an iteration")
                  .digits(1)
                  .bootstrap(0, LearnedDynamics::solved))
          .measure(of("front_share" + group, in, list("front_share")).unit("fraction").range(0, 1));
    }
    return experiment
        .measure(
            of("newton_censored", one -> true, stages("newton_censored_"))
                .unit("fraction")
                .along(STAGE, LENGTH_OF_NEWTON)
                .fraction())
        .measure(
            of("long_censored", one -> true, list("long_censored_after"))
                .unit("fraction")
                .along(LONG_LENGTH)
                .fraction())
        .measure(
            Measure.list("solver_failures", LearnedDynamics::failures)
                .unit("fraction")
                .along(STAGE, SOLVER)
                .fraction())
        .table(
            Table.of("${task}: what was learned, and what it did [95 %]")
                .per("task")
                .rows("variant")
                .column("learned", row -> count(row, "learned"))
                .column("solved on the way", row -> count(row, "solved"))
                .spread("score", "multiple")
                .spread("exponent", "stage"))
        .table(
            Table.of(
                    "${task}: Newton iterations from zero, mean [95 %]; a solution that the cap"
                        + " on the work ended counts with the iterations it had")
                .per("task")
                .rows("variant")
                .rows("stage")
                .spread("newton_iterations", "T")
                .column("at the trained T", "own_iterations")
                .column("ended by the cap", row -> capped(row, "newton_censored")))
        .table(
            Table.of("${task}: after training, long sequences and the front of right states")
                .per("task")
                .rows("variant")
                .spread("long_iterations", "long_T")
                .column("ended by the cap", row -> capped(row, "long_censored"))
                .column("front (steps an iteration)", "front_speed")
                .column("of the right steps, in the front", "front_share")
                .spread("switching_iterations", "rate"))
        .table(
            Table.of("${task}: solvers at T = ${solver_length}, iterations [95 %]")
                .per("task")
                .rows("variant")
                .rows("stage")
                .spread("solver_iterations", "solver"));
  }

  private static String count(Table.Row row, String key) {
    long ones = row.outcome().records().stream().filter(one -> one.number(key) == 1).count();
    return ones + " of " + row.outcome().records().size();
  }

  private static String capped(Table.Row row, String measure) {
    double mean =
        row.grid(measure).figures().stream().mapToDouble(figure -> figure.mean()).max().orElse(0);
    return mean == 0 ? "" : dev.unroll.report.number.Numbers.format("up to %.0f %%", 100 * mean);
  }

  private static Measure of(
      String name, Predicate<TrialRecord> in, Function<TrialRecord, double[]> values) {
    return Measure.list(name, one -> in.test(one) ? values.apply(one) : new double[0]);
  }

  private static Measure iterations(
      String name,
      Predicate<TrialRecord> in,
      Function<TrialRecord, double[]> values,
      ToDoubleBiFunction<Settings, Map<String, Object>> steps) {
    return DynamicsProbe.iterations(of(name, in, values), steps);
  }

  private static ToDoubleBiFunction<Settings, Map<String, Object>> at(String axis) {
    return (all, where) -> Double.parseDouble(String.valueOf(where.get(axis)));
  }

  private static double solved(Settings all, Map<String, Object> where) {
    return all.get(SOLVER_LENGTH);
  }

  private static double trained(Settings all, Map<String, Object> where) {
    return Problem.of(String.valueOf(where.get("task"))).length();
  }

  private static Function<TrialRecord, double[]> list(String key) {
    return one -> one.has(key) ? one.numbers(key) : new double[0];
  }

  /** What was put for each of {@link #STAGES}, one after another. */
  private static Function<TrialRecord, double[]> stages(String prefix) {
    return one ->
        STAGES.stream()
            .filter(stage -> one.has(prefix + stage))
            .flatMapToDouble(stage -> java.util.Arrays.stream(one.numbers(prefix + stage)))
            .toArray();
  }

  private static double[] failures(TrialRecord one) {
    return STAGES.stream()
        .filter(stage -> one.has("solver_outcomes_" + stage))
        .flatMap(stage -> one.texts("solver_outcomes_" + stage).stream())
        .mapToDouble(outcome -> outcome.equals("CONVERGED") ? 0 : 1)
        .toArray();
  }

  private static Measured trial(TrialContext trial) {
    trial.progress(0);
    Problem problem = Problem.of(trial.text("task"));
    Model model =
        Variant.of(trial.text("variant"))
            .model(
                problem.vocabSize(),
                problem.hasTokens() ? trial.get(EMBEDDING_SIZE) : AddingTask.INPUT_SIZE,
                trial.get(HIDDEN_SIZE),
                1,
                problem.vocabSize().orElse(1),
                problem.length(),
                trial::random);
    Measured measured = new Measured();
    DynamicsProbe probe = new DynamicsProbe(trial, problem, model, measured);
    if (!trial.isTuning()) {
      probe.at("before");
    }
    trial.progress(.05);
    double bar = trial.get(problem.hasTokens() ? BAR : ADDING_BAR);
    train(trial, problem, model, bar, probe, measured);
    if (trial.isTuning()) {
      return measured.put("score", test(trial, problem, model, 1));
    }
    probe.at("after");
    probe.afterwards();
    double[] scores =
        trial.get(TEST_MULTIPLES).stream()
            .mapToDouble(multiple -> test(trial, problem, model, multiple))
            .toArray();
    return measured
        .put("score", scores[0])
        .put("scores", scores)
        .put("learned", scores[0] >= bar ? 1 : 0);
  }

  /** Trains to the last step whatever the score, and probes at two steps on the way. */
  private static void train(
      TrialContext trial,
      Problem problem,
      Model model,
      double bar,
      DynamicsProbe probe,
      Measured measured) {
    Task task = problem.task(problem.length(), trial.get(SAMPLES), trial.random("data"));
    Session session = model.session(task.steps(), task.batch(), task.readout(), true);
    Training training =
        new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), trial.get(CLIP_NORM));
    int window = trial.get(WINDOW);
    int solved = 0;
    double score = 0;
    for (int step = 1; step <= trial.get(STEPS); step++) {
      training.step(task, session);
      score += task.score(session);
      if (step == trial.get(DURING) && !trial.isTuning()) {
        probe.at("during");
      }
      if (step % window == 0) {
        if (solved == 0 && score / window >= bar) {
          solved = step;
          if (!trial.isTuning()) {
            probe.at("solved");
          }
        }
        score = 0;
        trial.progress(.05 + .75 * step / trial.get(STEPS));
      }
    }
    measured.put("solved", solved > 0 ? 1 : 0).put("steps", solved > 0 ? solved : trial.get(STEPS));
  }

  /** The score on fresh sequences of so many trained lengths. */
  private static double test(TrialContext trial, Problem problem, Model model, int multiple) {
    Task task =
        problem.task(
            problem.length() * multiple, trial.get(TEST_SAMPLES), trial.random("test" + multiple));
    Session session = model.session(task.steps(), task.batch(), task.readout(), false);
    task.next();
    task.forward(session);
    task.loss(session);
    return task.score(session);
  }
}
