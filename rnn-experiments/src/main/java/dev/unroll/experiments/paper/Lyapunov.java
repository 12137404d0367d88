package dev.unroll.experiments.paper;

import static dev.unroll.dynamics.Lyapunov.largest;
import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.LinearCell;
import dev.unroll.dynamics.Newton;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Ladder;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Variant;
import dev.unroll.run.Team;
import dev.unroll.train.Embedding;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The headline: the largest Lyapunov exponent of a recurrence, and against it how far its gradients
 * reach, how long a memory it learns, and how many Newton iterations evaluate it over all of time
 * at once.
 */
final class Lyapunov {
  /** The length that chrono initializations are told. */
  private static final Setting<Integer> TOLD = Setting.count("told", 2);

  /** T of the exponent, and the steps left out at either end of it. */
  private static final Setting<Integer> LYAPUNOV_STEPS = Setting.count("lyapunov_steps", 1);

  private static final Setting<Integer> BURN_IN = Setting.count("burn_in", 0);

  /** Input sequences that the exponent is the mean over. */
  private static final Setting<Integer> DRIVES = Setting.count("drives", 1);

  static final Setting<Integer> REACH_LENGTH = Setting.count("reach_length", 2);

  /** Powers of ten that the gradient's norm may fall before it counts as lost. */
  private static final Setting<Double> REACH_DROP = Setting.positive("reach_drop");

  static final Setting<List<Integer>> NEWTON_LENGTHS = Setting.counts("newton_lengths", 1);

  /** Most iterations * T * n * n of a solution, n the size of the state. */
  private static final Setting<Double> WORK = Setting.positive("work");

  /**
   * T that correlations, charts and all claims but those about log T are about: the longest that no
   * cap ends.
   */
  static final Setting<Integer> JUDGED_LENGTH = Setting.count("judged_length", 1);

  /** The largest change that counts as none. */
  private static final Setting<Double> NEWTON_TOLERANCE = Setting.positive("newton_tolerance");

  private static final Measure FEW = Measure.of("few_iterations").unit("fraction").fraction();
  private static final Measure ABOUT_T =
      Measure.of("about_t_iterations").unit("fraction").fraction();
  private static final Measure HARDLY_MORE =
      Measure.of("hardly_more_with_t").unit("fraction").fraction();
  private static final Measure LOG_GROWTH =
      Measure.of("no_more_than_log_growth").unit("fraction").fraction();

  static final Experiment EXPERIMENT =
      Experiment.of("lyapunov", Lyapunov::trial)
          .settings(
              solver(tokens(10, 16, 64), 2000, 100, .003, 5, 20, .99)
                  .with(
                      VARIANTS,
                      "rnn_tanh:default",
                      "rnn_tanh:orthogonal-0.6",
                      "rnn_tanh:orthogonal-0.8",
                      "rnn_tanh:orthogonal-1",
                      "rnn_tanh:orthogonal-1.2",
                      "rnn_tanh:orthogonal-1.5",
                      "rnn_tanh:orthogonal-2",
                      "rnn_tanh:orthogonal-3",
                      "rnn_tanh:gaussian-1",
                      "rnn_tanh:gaussian-1.5",
                      "rnn_tanh:gaussian-2",
                      "rnn_tanh:gaussian-3",
                      "gru:default",
                      "gru:orthogonal",
                      "gru:chrono",
                      "lstm:default",
                      "lstm:forget-1",
                      "lstm:chrono",
                      "min_gru:default")
                  .with(TOLD, 100)
                  .with(LYAPUNOV_STEPS, 3000)
                  .with(BURN_IN, 200)
                  .with(DRIVES, 8)
                  .with(REACH_LENGTH, 300)
                  .with(REACH_DROP, 3.0)
                  .with(NEWTON_LENGTHS, 128, 512, 2048, 16384)
                  .with(WORK, 5e9)
                  .with(JUDGED_LENGTH, 512)
                  .with(NEWTON_TOLERANCE, 1e-4)
                  .with(RUNGS, 5, 10, 20, 30, 50, 75, 100, 150)
                  .with(MISSES, 1)
                  .require(
                      "judged_length must be one of newton_lengths.",
                      all -> all.get(NEWTON_LENGTHS).contains(all.get(JUDGED_LENGTH)))
                  .require(
                      "lyapunov_steps must be more than twice burn_in.",
                      all -> all.get(LYAPUNOV_STEPS) / 2.0 > all.get(BURN_IN)))
          .quick(
              full ->
                  full.with(
                          VARIANTS,
                          "rnn_tanh:orthogonal-0.6",
                          "rnn_tanh:orthogonal-1.2",
                          "gru:default")
                      .with(TOLD, 20)
                      .with(EMBEDDING_SIZE, 8)
                      .with(HIDDEN_SIZE, 16)
                      .with(LYAPUNOV_STEPS, 200)
                      .with(BURN_IN, 20)
                      .with(DRIVES, 2)
                      .with(REACH_LENGTH, 60)
                      .with(NEWTON_LENGTHS, 32, 64)
                      .with(JUDGED_LENGTH, 64)
                      .with(LENGTHS, 5, 10)
                      .with(STEPS, 150)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATE, .005)
                      .with(WINDOW, 10))
          .seeds(20, 21)
          .over(VARIANT)
          .work(Learning::work)
          .measure(
              Measure.of("largest_lyapunov_exponent", one -> one.number("exponent"))
                  .unit("nats per step")
                  .digits(3))
          .measure(
              Measure.of("gradient_reach", "reach")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> all.get(REACH_LENGTH)))
          .measure(Measure.of("gradient_slope", "reach_slope").unit("nats per step").digits(3))
          .measure(
              Measure.of("learnable_memory", "memory")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> all.get(RUNGS).getLast()))
          .measure(
              Measure.of("newton_iterations", "newton")
                  .unit("iterations")
                  .digits(0)
                  .along(
                      Axis.of("newton_length", NEWTON_LENGTHS)
                          .named("T")
                          .headed("Newton iterations, T"))
                  .bootstrap(
                      1,
                      (all, where) ->
                          ((Number) Objects.requireNonNull(where.get("T"))).doubleValue()))
          .measure(
              Measure.of("quasi_newton_iterations")
                  .unit("iterations")
                  .digits(0)
                  .at("T", JUDGED_LENGTH)
                  .bootstrap(
                      1,
                      (all, where) ->
                          ((Number) Objects.requireNonNull(where.get("T"))).doubleValue()))
          .measure(
              Measure.of("newton_censored")
                  .unit("fraction")
                  .along(
                      Axis.of("censored_length", NEWTON_LENGTHS)
                          .named("censored_T")
                          .headed("ended by the cap, T"))
                  .fraction())
          .derive(LyapunovReading.CORRELATION, LyapunovReading::correlations)
          .derive(LyapunovReading.OFF_SLOPE, LyapunovReading::offSlope)
          .pool(FEW, LyapunovReading.share((one, all) -> share(one, all) <= .1))
          .pool(ABOUT_T, LyapunovReading.share((one, all) -> share(one, all) >= .5))
          .pool(
              HARDLY_MORE,
              LyapunovReading.share(
                  (one, all) -> one.number("newton_iterations") <= one.numbers("newton")[0] + 2))
          .pool(LOG_GROWTH, LyapunovReading.shareOrHidden(Lyapunov::growsWithLog))
          .tell("longest_memory", LyapunovReading::longestMemory)
          .tell("ends", LyapunovReading::ends)
          .tell("gates_pay_less", LyapunovReading::gatesPayLess)
          .table(
              Table.of("By exponent, mean over the seeds [95 %]")
                  .rows("variant")
                  .sortedBy("largest_lyapunov_exponent")
                  .column("exponent (nats per step)", "largest_lyapunov_exponent")
                  .column("gradient reach (steps)", "gradient_reach")
                  .column("slope of the gradient (nats per step)", "gradient_slope")
                  .column("learnable memory (steps)", "learnable_memory")
                  .spread("newton_iterations", "T")
                  .spread("newton_censored", "censored_T")
                  .column(
                      "with a diagonal Jacobian, T = ${judged_length}", "quasi_newton_iterations")
                  .column("in the sets of exponents", LyapunovReading::sets)
                  .column("Newton", Lyapunov::outcomes))
          .plot(
              Plot.of("axis", LyapunovReading::axis)
                  .caption(
                      "Each variant at its exponent: means over the seeds with 95 % intervals. Open"
                          + " points have a seed at a cap: gradient reach at ${reach_length} steps,"
                          + " memory at the ladder's ${lengths?last}, Newton's method at its limit"
                          + " of iterations; nothing learned is drawn at 1. Dotted: T ="
                          + " ${judged_length}, where Newton's method is no quicker than one step"
                          + " after another."))
          .plot(
              Plot.of("axis-seeds", LyapunovReading::seeds)
                  .caption("The same, each seed of each variant a point."));

  private Lyapunov() {}

  private static Measured trial(TrialContext trial) {
    String variant = trial.text("variant");
    Model model = model(trial, variant, 1, trial.get(TOLD));
    Measured measured = new Measured();
    double[] exponents =
        largest(
            model.recurrent(),
            drive(trial, model, trial.get(LYAPUNOV_STEPS), trial.get(DRIVES), "drive"),
            trial.get(LYAPUNOV_STEPS),
            trial.get(DRIVES),
            trial.get(BURN_IN),
            trial.seed(),
            Team.single());
    measured
        .put("exponent", Arrays.stream(exponents).average().orElseThrow())
        .put("exponents", exponents);
    trial.progress(.05);

    CopyFirstTask probe =
        new CopyFirstTask(
            trial.get(REACH_LENGTH), 32, trial.get(VOCAB_SIZE), trial.random("probe"));
    probe.next();
    double[] norms =
        TimeGradients.log10Norms(model, probe.tokens(), probe.targets(), probe.batch());
    measured.put("reach", reach(norms, trial.get(REACH_DROP))).put("reach_slope", slope(norms));
    trial.progress(.08);

    newton(trial, model, measured);
    trial.progress(.2);

    Ladder.Climb climb =
        ladder(trial)
            .climb(
                length -> model(trial, variant, 1, trial.get(TOLD)),
                length -> copyFirst(trial, length, "data"),
                trial,
                .2,
                1);
    return measured.put("memory", climb.horizon()).put("memory_scores", climb.scores());
  }

  /** Random tokens as the recurrence sees them, {@code [T, B, embedding]}. */
  private static float[] drive(
      TrialContext trial, Model model, int steps, int batch, String purpose) {
    Embedding embedding = Objects.requireNonNull(model.embedding());
    CopyFirstTask tokens =
        new CopyFirstTask(steps, batch, trial.get(VOCAB_SIZE), trial.random(purpose));
    tokens.next();
    float[] x = new float[steps * batch * trial.get(EMBEDDING_SIZE)];
    embedding.forward(steps * batch, tokens.tokens(), x);
    return x;
  }

  /** The first lag at which the gradient has fallen by so many powers of ten, or all of them. */
  private static int reach(double[] norms, double drop) {
    int lag = 0;
    while (lag < norms.length && norms[lag] > -drop) {
      lag++;
    }
    return lag;
  }

  /** Nats a step from a tenth of the way to the end, or to where the gradient is no more. */
  private static double slope(double[] norms) {
    int last = norms.length - 1;
    while (last > 1 && !Double.isFinite(norms[last])) {
      last--;
    }
    int first = last / 10;
    return (norms[last] - norms[first]) * StrictMath.log(10) / (last - first);
  }

  private static void newton(TrialContext trial, Model model, Measured measured) {
    List<Integer> lengths = trial.get(NEWTON_LENGTHS);
    double[] full = new double[lengths.size()];
    double[] diagonal = new double[lengths.size()];
    double[] censored = new double[lengths.size()];
    var cell = Variant.of(trial.text("variant")).cell();
    int n = trial.get(HIDDEN_SIZE) * cell.states().size();
    int judged = judged(trial.settings());
    String outcome = "";
    for (int i = 0; i < full.length; i++) {
      if (cell instanceof LinearCell) {
        // Linear in its state: the first linear recurrence is already the answer.
        full[i] = 1;
        diagonal[i] = 1;
        outcome = "LINEAR";
        continue;
      }
      int steps = lengths.get(i);
      float[] x = drive(trial, model, steps, 1, "newton");
      double most = trial.get(WORK) / ((double) steps * n * n);
      Newton.Options options =
          Newton.Options.deer()
              .withTolerance(trial.get(NEWTON_TOLERANCE))
              .withMaxIterations((int) Math.max(1, Math.min(steps, most)))
              .withReset(true);
      Newton.Solution solution = solve(model, x, steps, options);
      full[i] = solution.iterations();
      censored[i] =
          solution.outcome() != Newton.Outcome.CONVERGED && solution.iterations() < steps ? 1 : 0;
      if (i == judged) {
        outcome = solution.outcome().name();
      }
      diagonal[i] =
          solve(model, x, steps, options.withJacobian(Newton.Jacobian.DIAGONAL)).iterations();
    }
    measured
        .put("newton", full)
        .put("newton_censored", censored)
        .put("quasi_newton", diagonal)
        .put("newton_outcome", outcome)
        .put("newton_iterations", full[judged])
        .put("quasi_newton_iterations", diagonal[judged]);
  }

  /** Iterations as a share of {@link #JUDGED_LENGTH}. */
  private static double share(TrialRecord one, Settings all) {
    return one.number("newton_iterations") / all.get(JUDGED_LENGTH);
  }

  /**
   * Whether the iterations grow from {@link #JUDGED_LENGTH} to the longest T by no more than its
   * logarithm does: 1, 0, or NaN where the cap on the work hides which.
   */
  private static double growsWithLog(TrialRecord one, Settings all) {
    double[] iterations = one.numbers("newton");
    int last = iterations.length - 1;
    double growth =
        StrictMath.log(all.get(NEWTON_LENGTHS).get(last)) / StrictMath.log(all.get(JUDGED_LENGTH));
    if (iterations[last] > Math.ceil(growth * one.number("newton_iterations"))) {
      return 0;
    }
    return one.numbers("newton_censored")[last] > 0 ? Double.NaN : 1;
  }

  static int judged(Settings all) {
    return all.get(NEWTON_LENGTHS).indexOf(all.get(JUDGED_LENGTH));
  }

  private static Newton.Solution solve(Model model, float[] x, int steps, Newton.Options options) {
    return Newton.solve(model.recurrent(), x, steps, null, options, Team.single());
  }

  /**
   * How Newton's method ended at {@link #JUDGED_LENGTH}, where it did not converge in every trial.
   */
  private static String outcomes(Table.Row row) {
    List<String> outcomes =
        row.outcome().records().stream().map(one -> one.text("newton_outcome")).distinct().toList();
    return outcomes.equals(List.of("CONVERGED"))
        ? ""
        : outcomes.stream().collect(Collectors.joining(", ")).toLowerCase(Locale.ROOT);
  }
}
