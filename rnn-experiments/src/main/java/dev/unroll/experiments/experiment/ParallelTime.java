package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.dynamics.Newton;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.report.Chart;
import dev.unroll.experiments.report.Charts;
import dev.unroll.experiments.report.Charts.Ink;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Statistics;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.ScanForm;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * The performance side of {@link LyapunovAxis}: one sequence through a GRU step after step, through
 * a minGRU by a scan, and through the same GRU by Newton's method over all of time. Its metrics are
 * times, so that they differ from run to run; what it says of more cores is a prediction.
 */
final class ParallelTime extends Study<ParallelTime.Config> {
  private static final int STEPS_OF_A_BLOCK = 64;
  private static final List<Integer> PREDICTED = List.of(16, 64, 1024);

  /** A way to get all states of a sequence. */
  private enum Method {
    GRU("GRU, step after step", Ink.GREEN),
    MIN_GRU("minGRU, by scan", Ink.BLUE),
    DEER("GRU, by Newton", Ink.VERMILION),
    DEER_IN_BLOCKS("GRU, by Newton in blocks", Ink.PURPLE),
    QUASI_DEER("GRU, by Newton, diagonal", Ink.ORANGE);

    private final String label;
    private final Ink ink;

    Method(String label, Ink ink) {
      this.label = label;
      this.ink = ink;
    }
  }

  /**
   * The settings.
   *
   * @param lengths T, rising
   * @param threads threads, 1 first
   * @param inputSize I
   * @param hiddenSize H
   * @param seconds how long a method is run at each length, the first half to warm up
   * @param rounds passes that are timed at least
   * @param tolerance largest change that ends Newton's method
   */
  record Config(
      List<Integer> lengths,
      List<Integer> threads,
      int inputSize,
      int hiddenSize,
      double seconds,
      int rounds,
      double tolerance) {
    Config {
      Configs.require(!lengths.isEmpty(), "lengths must not be empty.");
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
      Configs.require(
          threads.size() >= 2 && threads.getFirst() == 1,
          "threads must be two or more numbers and begin with 1.");
      threads.forEach(count -> Configs.require(count >= 1, "threads must be at least 1."));
      Configs.require(inputSize >= 1, "input_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(seconds > 0, "seconds must be positive.");
      Configs.require(rounds >= 1, "rounds must be at least 1.");
      Configs.require(tolerance > 0, "tolerance must be positive.");
    }
  }

  ParallelTime() {
    super(
        "parallel-time",
        "when is all of time at once quicker than one step after another?",
        3,
        new Config(List.of(128, 512, 2048), List.of(1, 2), 64, 64, 1, 2, 1e-4),
        new Config(List.of(64, 256), List.of(1, 2), 16, 16, .1, 1, 1e-4));
  }

  @Override
  public boolean parallel() {
    return false;
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (int threads : config.threads()) {
      for (int length : config.lengths()) {
        trials.add(Trial.of(seed).with("threads", threads).with("length", length).withWork(length));
      }
    }
    return trials;
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int length = trial.number("length");
    float[] x = new float[length * config.inputSize()];
    SplittableRandom random = context.random("data");
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    ObjectNode figures = figures();
    try (Team team = new Team(trial.number("threads"))) {
      for (Method method : Method.values()) {
        Recurrent network = network(config, method == Method.MIN_GRU ? "min_gru" : "gru", context);
        Workspace workspace = network.workspace(length, 1, false, team);
        float[] y = new float[length * config.hiddenSize()];
        int iterations = 0;
        double quickest = Double.POSITIVE_INFINITY;
        long begin = System.nanoTime();
        // Whatever the compiler still does falls into the warm-up.
        for (int timed = 0; timed < config.rounds() || seconds(begin) < config.seconds(); ) {
          boolean warm = seconds(begin) >= config.seconds() / 2;
          long start = System.nanoTime();
          if (method == Method.GRU || method == Method.MIN_GRU) {
            network.forward(workspace, x, null, null, y, null);
          } else {
            iterations = newton(config, method, network, x, length, team);
          }
          if (warm) {
            // The quickest pass is the one that was disturbed least.
            quickest = Math.min(quickest, seconds(start));
            timed++;
          }
        }
        figures.put(key(method), quickest);
        figures.put(key(method) + "_iterations", iterations);
      }
    }
    return figures;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static String key(Method method) {
    return method.name().toLowerCase(Locale.ROOT);
  }

  private static Recurrent network(Config config, String cell, TrialContext context) {
    Parameters parameters = new Parameters();
    Recurrent network =
        new Recurrent(
            parameters,
            "",
            RecurrentConfig.of(Cells.named(cell), config.inputSize(), config.hiddenSize()));
    Initializer.recurrentDefault(parameters, "", config.hiddenSize(), context.random("weights"));
    return network;
  }

  private static int newton(
      Config config, Method method, Recurrent network, float[] x, int length, Team team) {
    Newton.Options options =
        Newton.Options.deer()
            .withTolerance(config.tolerance())
            .withMaxIterations(length)
            .withJacobian(
                method == Method.QUASI_DEER ? Newton.Jacobian.DIAGONAL : Newton.Jacobian.FULL)
            .withForm(method == Method.DEER ? ScanForm.SERIAL : ScanForm.BLOCKED);
    return Newton.solve(network, x, length, null, options, team).iterations();
  }

  /**
   * Work and span, from times with one and more threads: the time with p threads is taken as span +
   * work / p, the span being at least 0.
   */
  private record Model(double work, double span, int pieces) {
    static Model of(double one, double more, int threads, int pieces) {
      double work = (one - more) / (1 - 1.0 / threads);
      // More threads that do not help leave nothing to share.
      work = Math.clamp(work, 0, one);
      return new Model(work, one - work, pieces);
    }

    /** Seconds with so many cores, no more of them at work than there are pieces. */
    double seconds(int cores) {
      return span + work / Math.min(cores, pieces);
    }
  }

  /** Most cores a method can keep busy: strips of units, steps, or blocks of steps. */
  private static int pieces(Config config, Method method, int length) {
    int strips = Math.ceilDiv(config.hiddenSize(), 16);
    int blocks = Math.ceilDiv(length, STEPS_OF_A_BLOCK);
    return switch (method) {
      case GRU -> strips;
      case MIN_GRU, QUASI_DEER -> blocks * strips;
      case DEER -> length;
      case DEER_IN_BLOCKS -> blocks;
    };
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    int most = config.threads().getLast();
    List<Figure> figures = new ArrayList<>();
    List<List<String>> measured = new ArrayList<>();
    List<List<String>> predicted = new ArrayList<>();
    Map<Method, Model> models = new EnumMap<>(Method.class);
    double[] x = config.lengths().stream().mapToDouble(length -> length).toArray();
    XYChart times =
        Charts.xyOfMany(
            "Time of one sequence, measured", "sequence length T (steps)", "time (milliseconds)");
    times.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    int longest = config.lengths().getLast();
    XYChart cores =
        Charts.xyOfMany(
            "PREDICTION for T = " + longest + ": measured up to " + most + " cores",
            "cores",
            "time (milliseconds)");
    cores.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    for (Method method : Method.values()) {
      Ink ink = method.ink;
      for (int length : config.lengths()) {
        List<String> row = new ArrayList<>(List.of(method.label, String.valueOf(length)));
        double[] quickest = new double[2];
        for (int threads : config.threads()) {
          Outcome<Config> some = outcome.where("threads", threads).where("length", length);
          Map<String, Object> where = new LinkedHashMap<>();
          where.put("method", key(method));
          where.put("T", length);
          where.put("threads", threads);
          Figure time =
              Figure.of(
                  "time",
                  where,
                  "milliseconds",
                  some.records().stream().mapToDouble(r -> 1e3 * r.number(key(method))).toArray());
          figures.add(time);
          row.add(time.text(3));
          quickest[threads == 1 ? 0 : 1] =
              some.records().stream().mapToDouble(r -> 1e3 * r.number(key(method))).min().orElse(0);
        }
        double iterations =
            outcome.where("length", length).records().stream()
                .mapToDouble(r -> r.number(key(method) + "_iterations"))
                .average()
                .orElse(0);
        row.add(iterations == 0 ? "" : Statistics.format("%.1f", iterations));
        measured.add(row);
        Model model = Model.of(quickest[0], quickest[1], most, pieces(config, method, length));
        List<String> guess =
            new ArrayList<>(
                List.of(
                    method.label,
                    String.valueOf(length),
                    Statistics.format("%.3f", model.work()),
                    Statistics.format("%.3f", model.span()),
                    String.valueOf(model.pieces())));
        PREDICTED.forEach(count -> guess.add(Statistics.format("%.3f", model.seconds(count))));
        predicted.add(guess);
        if (length == longest) {
          models.put(method, model);
          double[] counts = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
          Charts.curve(
              cores,
              method.label,
              ink,
              counts,
              Arrays.stream(counts).map(count -> model.seconds((int) count)).toArray());
        }
      }
      Charts.points(
          times,
          method.label + ", 1 thread",
          ink,
          x,
          config.lengths().stream()
              .mapToDouble(
                  length ->
                      mean(outcome.where("threads", 1).where("length", length).records(), method))
              .toArray());
    }
    List<String> columns = new ArrayList<>(List.of("method", "T"));
    config
        .threads()
        .forEach(count -> columns.add(count + (count == 1 ? " thread, ms" : " threads, ms")));
    columns.add("iterations");
    List<String> guesses =
        new ArrayList<>(List.of("method", "T", "work, ms", "span, ms", "pieces"));
    PREDICTED.forEach(count -> guesses.add(count + " cores, ms"));
    return new Conclusion(
        story(outcome, models),
        figures,
        List.of(),
        List.of(
            new Result.Table("Measured: time of one sequence [95 %]", columns, measured),
            new Result.Table(
                "PREDICTION, not measured: span + work / min(cores, pieces), work and span from the"
                    + " quickest seed of the times above",
                guesses,
                predicted)),
        List.of(
            new Chart("time", "Measured with one thread, mean over the seeds.", times),
            new Chart(
                "prediction",
                "A prediction beyond "
                    + most
                    + " cores: span + work / min(cores, pieces), from times measured with 1 and "
                    + most
                    + " threads.",
                cores)),
        claims(outcome, models));
  }

  private static List<Claim> claims(Outcome<Config> outcome, Map<Method, Model> models) {
    Config config = outcome.config();
    String scan = "Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024";
    List<String> ratios = new ArrayList<>();
    boolean quicker = true;
    for (int length : config.lengths()) {
      List<TrialRecord> one = outcome.where("threads", 1).where("length", length).records();
      double ratio = mean(one, Method.GRU) / mean(one, Method.MIN_GRU);
      ratios.add(Statistics.format("%.1f times at T = %d", ratio, length));
      quicker &= ratio > 1;
    }
    int most = PREDICTED.getLast();
    double gru = seconds(models, Method.GRU, most);
    return List.of(
        Claim.tested(
            scan,
            "a minGRU is quicker than a GRU of the same size",
            "forward, one sequence, one thread: " + String.join(", ", ratios),
            quicker),
        Claim.outOfReach(
            scan,
            "at T = 512 a training step of a minGRU is 175 times quicker than one of a GRU",
            Statistics.format(
                "no such hardware; predicted for %d cores: %.1f times",
                most, gru / seconds(models, Method.MIN_GRU, most)),
            "a graphics processor"),
        Claim.outOfReach(
            "Lim, Zhu, Selfridge and Kasim 2024",
            "Newton's method evaluates a small GRU orders of magnitude quicker than step after"
                + " step",
            Statistics.format(
                "no such hardware; predicted for %d cores: %.1f times in blocks",
                most, gru / seconds(models, Method.DEER_IN_BLOCKS, most)),
            "a graphics processor"));
  }

  private static double mean(List<TrialRecord> records, Method method) {
    return records.stream().mapToDouble(r -> 1e3 * r.number(key(method))).average().orElse(0);
  }

  private static Result.Story story(Outcome<Config> outcome, Map<Method, Model> models) {
    Config config = outcome.config();
    int longest = config.lengths().getLast();
    List<TrialRecord> one = outcome.where("threads", 1).where("length", longest).records();
    double gru = mean(one, Method.GRU);
    return new Result.Story(
        "When is all of time at once quicker than one step after another?",
        Statistics.format(
            "One sequence of random features through an untrained layer of %d, forward, at T = %s,"
                + " with %s threads; the quickest pass of a method in %s s, the first half of them"
                + " to warm up; Newton to a change of %s. The prediction for more cores takes a"
                + " time as span + work / min(cores, pieces), with work and span from the times"
                + " measured with one and %d threads and as many pieces as the method has strips of"
                + " 16 units or blocks of %d steps.",
            config.hiddenSize(),
            join(config.lengths()),
            join(config.threads()),
            Statistics.plain(config.seconds()),
            Statistics.plain(config.tolerance()),
            config.threads().getLast(),
            STEPS_OF_A_BLOCK),
        "",
        Statistics.format(
            "At T = %d and one thread the GRU takes %.2f ms, the minGRU %.1f times less, and"
                + " Newton's method over the GRU %.0f times as long (%.0f times in blocks, %.0f"
                + " times with a diagonal Jacobian). Predicted, not measured, to be quicker than"
                + " the GRU on as many cores: %s.",
            longest,
            gru,
            gru / mean(one, Method.MIN_GRU),
            mean(one, Method.DEER) / gru,
            mean(one, Method.DEER_IN_BLOCKS) / gru,
            mean(one, Method.QUASI_DEER) / gru,
            PREDICTED.stream()
                .map(count -> count + " cores: " + winners(models, count))
                .collect(Collectors.joining("; "))),
        "A scan does little more work than the loop it replaces and none of its waiting. Newton's"
            + " method does the work of the GRU once an iteration and as much again for the full"
            + " Jacobian; its linear recurrence either waits from step to step, or in blocks"
            + " multiplies matrices, H times the work, which only many cores repay; how many"
            + " iterations it takes is what the Lyapunov exponent decides. A prediction from two"
            + " threads carries their noise, and leaves out what many cores would cost in memory"
            + " and in waiting for each other.");
  }

  private static String winners(Map<Method, Model> models, int cores) {
    double gru = seconds(models, Method.GRU, cores);
    String winners =
        models.keySet().stream()
            .filter(method -> seconds(models, method, cores) < gru)
            .map(
                method ->
                    Statistics.format(
                        "%s (%.1f times)", method.label, gru / seconds(models, method, cores)))
            .collect(Collectors.joining(", "));
    return winners.isEmpty() ? "none" : winners;
  }

  private static double seconds(Map<Method, Model> models, Method method, int cores) {
    return Objects.requireNonNull(models.get(method)).seconds(cores);
  }

  private static String join(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
