package dev.unroll.experiments.paper;

import static dev.unroll.experiments.paper.LearnedDynamics.*;
import static dev.unroll.experiments.task.Learning.EMBEDDING_SIZE;

import dev.unroll.cell.Cell;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.dynamics.Newton;
import dev.unroll.dynamics.Newton.Jacobian;
import dev.unroll.dynamics.Newton.Options;
import dev.unroll.dynamics.Newton.Outcome;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.AddingTask;
import dev.unroll.experiments.task.Problem;
import dev.unroll.experiments.task.TokenTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.run.Recurrent;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleBiFunction;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.jspecify.annotations.Nullable;

/**
 * A network at one stage of its training as a dynamical system: its largest Lyapunov exponent and
 * the iterations that Newton's method takes over it. The inputs are the same at every stage.
 */
final class DynamicsProbe {
  private final TrialContext trial;
  private final Problem problem;
  private final Model model;
  private final Measured measured;
  private final boolean linear;

  /** Elements of a state. */
  private final int n;

  /** The solution at the stage before, over the length that solvers are compared at. */
  private float @Nullable [] previous;

  DynamicsProbe(TrialContext trial, Problem problem, Model model, Measured measured) {
    this.trial = trial;
    this.problem = problem;
    this.model = model;
    this.measured = measured;
    linear = isLinear(model.recurrent().config().cell());
    n = model.recurrent().config().stateWidth();
  }

  /** Measures the network as it is now. */
  void at(String stage) {
    exponent(stage);
    if (stage.equals("before") || stage.equals("after")) {
      spectrum(stage, trial.get(LYAPUNOV_STEPS));
    }
    iterations("own", stage, List.of(problem.length()));
    iterations("newton", stage, trial.get(NEWTON_LENGTHS));
    if (!linear) {
      solvers(stage);
    }
  }

  /** Of that the exponent and the iterations from zero, and as many from f(0, x). */
  void brief(String stage) {
    exponent(stage);
    iterations("newton", stage, trial.get(NEWTON_LENGTHS));
    measured.put(
        "steps_" + stage,
        trial.get(NEWTON_LENGTHS).stream()
            .mapToDouble(steps -> linear ? 1 : fromSteps(steps).iterations())
            .toArray());
  }

  private Newton.Solution fromSteps(int steps) {
    float[] x = newtonInput(steps, null);
    return solver(deer(), x, Newton.stepsFromZero(model.recurrent(), x, steps, Team.single()));
  }

  /** The largest Lyapunov exponent, mean over the drives. */
  private void exponent(String stage) {
    int steps = trial.get(LYAPUNOV_STEPS);
    int drives = trial.get(DRIVES);
    float[] x = input(problem.task(steps, drives, trial.random("drive")), null);
    double[] exponents =
        dev.unroll.dynamics.Lyapunov.largest(
            model.recurrent(), x, steps, drives, trial.get(BURN_IN), trial.seed(), Team.single());
    measured.put("exponent_" + stage, Arrays.stream(exponents).average().orElseThrow());
  }

  /** All Lyapunov exponents along one drive, to four places. */
  private void spectrum(String stage, int steps) {
    float[] x = input(problem.task(steps, 1, trial.random("drive")), null);
    double[] spectrum =
        dev.unroll.dynamics.Lyapunov.spectrum(
            model.recurrent(), x, steps, n, trial.get(BURN_IN), trial.seed(), Team.single());
    measured.put(
        "spectrum_" + stage,
        Arrays.stream(spectrum).map(one -> Math.rint(one * 1e4) / 1e4).toArray());
  }

  /** What is measured once training has ended. */
  void afterwards() {
    iterations("long", "after", trial.get(LONG_LENGTHS));
    if (linear) {
      return;
    }
    front();
    int own = problem.length();
    float[] x = newtonInput(own, null);
    Options damped = deer().withDamping(trial.get(ELK_DAMPING));
    // A filter's step multiplies, factors and solves n x n matrices some eight times.
    Newton.Solution elk = solve(damped, x, own, null, 8.0 * n, (i, states) -> {});
    measured.put("elk_own", elk.iterations()).put("elk_own_outcome", elk.outcome().name());
    if (problem.isTracking()) {
      List<Double> rates = trial.get(SWITCH_RATES);
      measured.put(
          "switching",
          rates.stream()
              .mapToDouble(rate -> plain(newtonInput(trial.get(SOLVER_LENGTH), rate)).iterations())
              .toArray());
    }
  }

  private static boolean isLinear(Cell cell) {
    return cell instanceof LinearCell || cell instanceof DeltaCell;
  }

  /**
   * A measure of iterations over so many steps: never more than these and one, and 1 without a
   * doubt where the cell is linear in its state.
   */
  static Measure iterations(
      Measure measure, ToDoubleBiFunction<Settings, Map<String, Object>> steps) {
    return measure
        .unit("iterations")
        .digits(0)
        .range(
            (all, where) -> 1,
            (all, where) -> isLinear(where) ? 1 : steps.applyAsDouble(all, where) + 1);
  }

  private static boolean isLinear(Map<String, Object> where) {
    return isLinear(Variant.of(String.valueOf(where.get("variant"))).cell());
  }

  private Options deer() {
    return Options.deer().withTolerance(trial.get(NEWTON_TOLERANCE)).withReset(true);
  }

  private Newton.Solution plain(float[] x) {
    return solve(deer(), x, x.length / inputSize(), null, 1, (i, states) -> {});
  }

  /** At most so many iterations that all of them keep within {@link LearnedDynamics#WORK}. */
  private Newton.Solution solve(
      Options options,
      float[] x,
      int steps,
      float @Nullable [] guess,
      double factor,
      Newton.Observer observer) {
    // The numbers of a unit beyond two add nothing to the product with weight_hh.
    double wide = factor > 1 ? n : Math.min(n, 2.0 * model.recurrent().config().hiddenSize());
    double most = trial.get(WORK) / (steps * wide * wide * factor);
    return Newton.solve(
        model.recurrent(),
        x,
        steps,
        null,
        guess,
        options.withMaxIterations((int) Math.max(1, Math.min(steps + 1.0, most))),
        observer,
        Team.single());
  }

  /** Plain Newton from zero at some lengths, and whether the cap on the work ended it. */
  private void iterations(String name, String stage, List<Integer> lengths) {
    double[] iterations = new double[lengths.size()];
    double[] censored = new double[lengths.size()];
    for (int i = 0; i < iterations.length; i++) {
      if (linear) {
        // Linear in its state: the first linear recurrence is already the answer.
        iterations[i] = 1;
        continue;
      }
      Newton.Solution solution = plain(newtonInput(lengths.get(i), null));
      iterations[i] = solution.iterations();
      censored[i] = solution.outcome() == Outcome.CONVERGED ? 0 : 1;
    }
    measured.put(name + "_" + stage, iterations).put(name + "_censored_" + stage, censored);
  }

  /** Each of {@link LearnedDynamics#SOLVERS}, in that order. */
  private void solvers(String stage) {
    int steps = trial.get(SOLVER_LENGTH);
    float[] x = newtonInput(steps, null);
    double tolerance = trial.get(NEWTON_TOLERANCE);
    Options diagonal = deer().withJacobian(Jacobian.DIAGONAL);
    float[] stepped = Newton.stepsFromZero(model.recurrent(), x, steps, Team.single());
    Map<String, Newton.Solution> by = new LinkedHashMap<>();
    by.put("zero", solver(deer(), x, null));
    by.put("steps", solver(deer(), x, stepped));
    by.put("previous", solver(deer(), x, previous));
    by.put("no-reset", solver(deer().withReset(false), x, null));
    by.put("tolerance-up", solver(deer().withTolerance(10 * tolerance), x, null));
    by.put("tolerance-down", solver(deer().withTolerance(tolerance / 10), x, null));
    by.put("quasi", solver(diagonal, x, null));
    by.put("quasi-elk", solver(diagonal.withDamping(trial.get(QUASI_DAMPING)), x, null));
    measured
        .put(
            "solvers_" + stage,
            SOLVERS.stream()
                .mapToDouble(name -> Objects.requireNonNull(by.get(name)).iterations())
                .toArray())
        .put(
            "solver_outcomes_" + stage,
            SOLVERS.stream()
                .map(name -> Objects.requireNonNull(by.get(name)).outcome().name())
                .toList());
    previous = serial(x, steps);
  }

  private Newton.Solution solver(Options options, float[] x, float @Nullable [] guess) {
    return solve(options, x, x.length / inputSize(), guess, 1, (i, states) -> {});
  }

  /** How many steps are right after each iteration, from the first on and in all. */
  private void front() {
    int steps = trial.get(SOLVER_LENGTH);
    float[] x = newtonInput(steps, null);
    float[] serial = serial(x, steps);
    double tolerance = trial.get(NEWTON_TOLERANCE);
    List<Integer> leading = new ArrayList<>();
    List<Integer> right = new ArrayList<>();
    solve(
        deer(),
        x,
        steps,
        null,
        1,
        (iteration, states) -> {
          int first = steps;
          int all = 0;
          for (int t = 0; t < steps; t++) {
            if (isRight(states, serial, t, tolerance)) {
              all++;
            } else {
              first = Math.min(first, t);
            }
          }
          leading.add(first);
          right.add(all);
        });
    int done = leading.indexOf(steps) < 0 ? leading.size() : leading.indexOf(steps) + 1;
    SimpleRegression line = new SimpleRegression();
    double share = 0;
    for (int i = 0; i < done; i++) {
      line.addData(i + 1, leading.get(i));
      share += right.get(i) == 0 ? 1 : (double) leading.get(i) / right.get(i);
    }
    measured
        .put("front", leading.subList(0, done))
        .put("front_speed", done > 1 ? line.getSlope() : steps)
        .put("front_share", share / done);
  }

  private boolean isRight(float[] states, float[] serial, int t, double tolerance) {
    for (int k = t * n; k < (t + 1) * n; k++) {
      if (!(Math.abs(states[k] - serial[k]) <= tolerance)) {
        return false;
      }
    }
    return true;
  }

  /** The states one after another, {@code [T, n]}. */
  private float[] serial(float[] x, int steps) {
    Recurrent network = model.recurrent();
    int hidden = network.config().hiddenSize();
    var workspace = network.workspace(1, 1, false);
    State state = State.zeros(network.config(), 1);
    float[] xt = new float[inputSize()];
    float[] y = new float[hidden];
    float[] states = new float[steps * n];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(x, t * xt.length, xt, 0, xt.length);
      State next = State.zeros(network.config(), 1);
      network.forward(workspace, xt, state, null, y, next);
      int at = t * n;
      for (float[] part : next.parts()) {
        System.arraycopy(part, 0, states, at, part.length);
        at += part.length;
      }
      state = next;
    }
    return states;
  }

  private int inputSize() {
    return model.recurrent().config().inputSize();
  }

  private float[] newtonInput(int steps, @Nullable Double rate) {
    return input(problem.task(steps, 1, trial.random("newton")), rate);
  }

  /**
   * A batch as the recurrence sees it, {@code [T, B, I]}.
   *
   * @param rate how often a token is another than 0, the identity; null as the task draws them
   */
  private float[] input(Task task, @Nullable Double rate) {
    task.next();
    if (task instanceof AddingTask adding) {
      return adding.features();
    }
    int[] tokens = ((TokenTask) task).tokens();
    if (rate != null) {
      RandomGenerator random = trial.random("switches");
      int others = problem.vocabSize().orElseThrow() - 1;
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = random.nextDouble() < rate ? 1 + random.nextInt(others) : 0;
      }
    }
    float[] x = new float[tokens.length * trial.get(EMBEDDING_SIZE)];
    Objects.requireNonNull(model.embedding()).forward(tokens.length, tokens, x);
    return x;
  }
}
