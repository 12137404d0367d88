package dev.unroll.bench.benchmark;

import dev.unroll.bench.machine.Message;
import dev.unroll.report.run.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The measuring process of {@code run}: one cell in one mode at many settings. JMH would start a
 * process for each setting, and each would spend seconds in the compiler before it measures; here
 * the first setting's long warm-up serves all. It sends JMH's own JSON of each result.
 */
public final class BenchmarkFork {
  /** The warm-up of a path through the kernels, in which the compiler meets it. */
  private static final TimeValue FIRST_WARM_UP = TimeValue.milliseconds(600);

  /** A speed that any machine reaches, to guess which calls are long. */
  private static final double SLOW_FLOPS = 30e9;

  /** The least number of which the median's interval leaves out the worst and the best. */
  private static final int ITERATIONS = 9;

  /** How long each setting is measured. */
  private record Pace(int warmUps, TimeValue warmUp, TimeValue iteration) {
    static Pace of(String kind, Setting setting) {
      double seconds = setting.workload().flops() * setting.repeats() / SLOW_FLOPS;
      if (seconds > 0.5) {
        // A single call is a long iteration.
        return new Pace(1, TimeValue.milliseconds(1), TimeValue.milliseconds(1));
      }
      return switch (Plan.of(kind)) {
        case FULL, NEWTON -> new Pace(3, TimeValue.milliseconds(250), TimeValue.milliseconds(80));
        case QUICK -> new Pace(2, TimeValue.milliseconds(200), TimeValue.milliseconds(55));
        case CELLS, CELLS_QUICK ->
            new Pace(1, TimeValue.milliseconds(80), TimeValue.milliseconds(30));
      };
    }
  }

  private BenchmarkFork() {}

  /**
   * Measures settings.
   *
   * @param args the kind of run, then each a {@link Setting} as JSON
   */
  public static void main(String[] args) {
    Set<String> met = new HashSet<>();
    for (int i = 1; i < args.length; i++) {
      Setting setting = Json.COMPACT.readValue(args[i], Setting.class);
      Pace pace = Pace.of(args[0], setting);
      if (met.add(setting.path())) {
        pace = new Pace(firstWarmUps(args[0]), FIRST_WARM_UP, pace.iteration());
      }
      try {
        Message.send("result", measure(setting, pace));
      } catch (RunnerException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        System.err.println(
            "Error: "
                + (cause instanceof OutOfMemoryError
                    ? "too little memory for " + setting.workload()
                    : cause.getMessage()));
        System.exit(1);
      }
    }
  }

  /** A run of cells has many paths, each of few settings. */
  private static int firstWarmUps(String kind) {
    return Plan.of(kind) == Plan.CELLS || Plan.of(kind) == Plan.CELLS_QUICK ? 2 : 3;
  }

  private static JsonNode measure(Setting setting, Pace pace) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + setting.benchmark().getName().replace(".", "\\.") + "\\.")
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .forks(0)
            .warmupIterations(pace.warmUps())
            .warmupTime(pace.warmUp())
            .measurementIterations(ITERATIONS)
            .measurementTime(pace.iteration());
    for (Map.Entry<String, String> param : setting.params().entrySet()) {
      options.param(param.getKey(), param.getValue());
    }
    return json(new Runner(options.build()).run());
  }

  /** JMH's own JSON of some results. */
  static JsonNode json(Collection<RunResult> runs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, stream).writeOut(runs);
    }
    JsonNode results = Json.COMPACT.readTree(bytes.toByteArray());
    // The path of this machine's JDK means nothing elsewhere.
    results.forEach(result -> ((ObjectNode) result).put("jvm", "java"));
    return results;
  }
}
