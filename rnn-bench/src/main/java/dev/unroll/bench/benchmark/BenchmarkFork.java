package dev.unroll.bench.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
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
import tools.jackson.databind.json.JsonMapper;

/**
 * The measuring process of {@code run}: one cell in one mode at many settings. JMH would start a
 * process for each setting, and each would spend seconds in the compiler before it measures; here
 * the first setting's long warm-up serves all. Each result is a line of JMH's own JSON.
 */
public final class BenchmarkFork {
  static final String RESULT = "@result ";

  private static final TimeValue FIRST_WARM_UP = TimeValue.milliseconds(1500);
  private static final TimeValue WARM_UP = TimeValue.milliseconds(250);
  private static final TimeValue ITERATION = TimeValue.milliseconds(100);
  private static final int WARM_UPS = 3;
  private static final int ITERATIONS = 7;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private BenchmarkFork() {}

  /**
   * Measures settings.
   *
   * @param args each a {@link Setting} as JSON
   */
  public static void main(String[] args) throws RunnerException {
    TimeValue warmUp = FIRST_WARM_UP;
    for (String arg : args) {
      JsonNode result = measure(JSON.readValue(arg, Setting.class), warmUp);
      System.out.println(RESULT + JSON.writeValueAsString(result));
      warmUp = WARM_UP;
    }
  }

  private static JsonNode measure(Setting setting, TimeValue warmUp) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + setting.benchmark().getName().replace(".", "\\.") + "\\.")
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .forks(0)
            .warmupIterations(WARM_UPS)
            .warmupTime(warmUp)
            .measurementIterations(ITERATIONS)
            .measurementTime(ITERATION);
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
    return JSON.readTree(bytes.toByteArray());
  }
}
