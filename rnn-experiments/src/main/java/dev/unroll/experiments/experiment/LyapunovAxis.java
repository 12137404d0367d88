package dev.unroll.experiments.experiment;

import dev.unroll.cell.LinearCell;
import dev.unroll.dynamics.Lyapunov;
import dev.unroll.dynamics.Newton;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Variant;
import dev.unroll.run.Team;
import dev.unroll.train.Embedding;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/**
 * The headline: the largest Lyapunov exponent of a recurrence, and against it how far its gradients
 * reach, how long a memory it learns, and how many Newton iterations evaluate it over all of time
 * at once.
 */
final class LyapunovAxis extends Study<LyapunovAxis.Config> {
  /**
   * The settings.
   *
   * @param variants cells with their initializations, see {@link Variant}
   * @param told the length that chrono initializations are told
   * @param vocabSize tokens
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param lyapunovSteps T of the exponent
   * @param burnIn steps left out at either end
   * @param drives input sequences that the exponent is the mean over
   * @param reachLength T of the gradient
   * @param reachDrop powers of ten that the gradient's norm may fall before it counts as lost
   * @param newtonLengths T of Newton's method, rising
   * @param newtonTolerance largest change that counts as none
   * @param lengths the ladder of copy-first, rising
   * @param misses rungs missed in a row after which the ladder is left
   * @param steps most training steps on a rung
   * @param samples sequences in a batch
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param window batches, each scored before it is learned from, that are looked at together
   * @param bar mean accuracy of a window that counts as solved and ends the training
   */
  record Config(
      List<String> variants,
      int told,
      int vocabSize,
      int embeddingSize,
      int hiddenSize,
      int lyapunovSteps,
      int burnIn,
      int drives,
      int reachLength,
      double reachDrop,
      List<Integer> newtonLengths,
      double newtonTolerance,
      List<Integer> lengths,
      int misses,
      int steps,
      int samples,
      double learningRate,
      double clipNorm,
      int window,
      double bar) {
    Config {
      Variant.require(variants);
      Configs.require(told >= 2, "told must be at least 2.");
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(
          burnIn >= 0 && lyapunovSteps > 2 * burnIn,
          "lyapunov_steps must be more than twice burn_in.");
      Configs.require(drives >= 1, "drives must be at least 1.");
      Configs.require(reachLength >= 2, "reach_length must be at least 2.");
      Configs.require(reachDrop > 0, "reach_drop must be positive.");
      Configs.require(!newtonLengths.isEmpty(), "newton_lengths must not be empty.");
      newtonLengths.forEach(
          length -> Configs.require(length >= 1, "newton_lengths must be at least 1."));
      Configs.require(newtonTolerance > 0, "newton_tolerance must be positive.");
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
      Configs.require(misses >= 1, "misses must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Solver.require(steps, learningRate, clipNorm, window);
    }

    Ladder ladder() {
      return new Ladder(
          lengths,
          misses,
          vocabSize,
          samples,
          new Solver(steps, learningRate, clipNorm, window, bar));
    }

    int longestNewton() {
      return newtonLengths.getLast();
    }
  }

  LyapunovAxis() {
    super(
        "lyapunov",
        "what does remembering cost in serial time?",
        5,
        new Config(
            List.of(
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
                "min_gru:default"),
            100,
            10,
            16,
            64,
            3000,
            200,
            8,
            300,
            3,
            List.of(128, 512),
            1e-4,
            List.of(5, 10, 20, 30, 50, 75, 100, 150),
            1,
            2000,
            100,
            .003,
            5,
            20,
            .99),
        new Config(
            List.of("rnn_tanh:orthogonal-0.6", "rnn_tanh:orthogonal-1.2", "gru:default"),
            20,
            10,
            8,
            16,
            200,
            20,
            2,
            60,
            3,
            List.of(32, 64),
            1e-4,
            List.of(5, 10),
            1,
            150,
            32,
            .005,
            5,
            10,
            .99));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return config.variants().stream()
        .map(
            variant ->
                Trial.of(seed)
                    .with("variant", variant)
                    .withWork(1 + Variant.of(variant).cell().gates()))
        .toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Variant variant = Variant.of(trial.text("variant"));
    Model model = model(config, variant, context);
    ObjectNode figures = figures();

    float[] x = drive(config, model, config.lyapunovSteps(), config.drives(), context, "drive");
    double[] exponents =
        Lyapunov.largest(
            model.recurrent(),
            x,
            config.lyapunovSteps(),
            config.drives(),
            config.burnIn(),
            trial.seed(),
            Team.single());
    figures.put("exponent", Arrays.stream(exponents).average().orElseThrow());
    put(figures, "exponents", exponents);
    context.progress(.05);

    CopyFirstTask probe =
        new CopyFirstTask(config.reachLength(), 32, config.vocabSize(), context.random("probe"));
    probe.next();
    double[] norms = TimeGradients.log10Norms(model, probe.tokens(), probe.targets(), 32);
    figures.put("reach", reach(norms, config.reachDrop()));
    figures.put("reach_slope", slope(norms));
    context.progress(.08);

    newton(config, variant, model, context, figures);
    context.progress(.2);

    Ladder.Climb climb =
        config.ladder().climb(length -> model(config, variant, context), context, .2, 1);
    figures.put("memory", climb.horizon());
    put(figures, "memory_scores", climb.scores());
    return figures;
  }

  private static Model model(Config config, Variant variant, TrialContext context) {
    return variant.model(
        config.vocabSize(),
        config.embeddingSize(),
        config.hiddenSize(),
        1,
        config.vocabSize(),
        config.told(),
        context::random);
  }

  /** Random tokens as the recurrence sees them, {@code [T, B, embedding]}. */
  private static float[] drive(
      Config config, Model model, int steps, int batch, TrialContext context, String purpose) {
    Embedding embedding = Objects.requireNonNull(model.embedding());
    CopyFirstTask tokens =
        new CopyFirstTask(steps, batch, config.vocabSize(), context.random(purpose));
    tokens.next();
    float[] x = new float[steps * batch * config.embeddingSize()];
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

  private static void newton(
      Config config, Variant variant, Model model, TrialContext context, ObjectNode figures) {
    int lengths = config.newtonLengths().size();
    double[] full = new double[lengths];
    double[] diagonal = new double[lengths];
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < lengths; i++) {
      int steps = config.newtonLengths().get(i);
      if (variant.cell() instanceof LinearCell) {
        // Linear in its state: the first linear recurrence is already the answer.
        full[i] = 1;
        diagonal[i] = 1;
        outcomes.add("LINEAR");
        continue;
      }
      float[] x = drive(config, model, steps, 1, context, "newton");
      Newton.Options options =
          Newton.Options.deer()
              .withTolerance(config.newtonTolerance())
              .withMaxIterations(steps)
              .withReset(true);
      Newton.Solution solution =
          Newton.solve(model.recurrent(), x, steps, null, options, Team.single());
      full[i] = solution.iterations();
      outcomes.add(solution.outcome().name());
      diagonal[i] =
          Newton.solve(
                  model.recurrent(),
                  x,
                  steps,
                  null,
                  options.withJacobian(Newton.Jacobian.DIAGONAL),
                  Team.single())
              .iterations();
    }
    put(figures, "newton", full);
    put(figures, "quasi_newton", diagonal);
    figures.put("newton_outcome", outcomes.getLast());
    figures.put("newton_iterations", full[lengths - 1]);
    figures.put("quasi_newton_iterations", diagonal[lengths - 1]);
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    return LyapunovReading.of(outcome);
  }
}
