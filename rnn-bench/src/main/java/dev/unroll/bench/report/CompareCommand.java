package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code compare}: two runs, benchmark by benchmark. */
@Command(
    name = "compare",
    description = {
      "Prints the ratio (time in B / time in A) of every benchmark with its interval and one of",
      "four verdicts: improved, regressed, within noise (a real difference, but smaller than",
      "--noise), no change (the interval holds 1)."
    },
    footer = {
      "",
      "Exit code 0: nothing regressed; 1: something did; 3: the runs cannot be compared.",
      "",
      "Example:",
      "  compare 2026-01-30-120000-quick 2026-01-31-120000-quick"
    },
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  private static final int REGRESSED = 1;
  private static final int NOT_COMPARABLE = 3;

  @Parameters(index = "0", paramLabel = "RUN_A", description = "The run before.")
  private String runA = "";

  @Parameters(index = "1", paramLabel = "RUN_B", description = "The run after.")
  private String runB = "";

  @Option(
      names = "--noise",
      paramLabel = "FRACTION",
      description = "Smaller differences are noise; default ${DEFAULT-VALUE}.")
  private double noise = 0.05;

  /** Made by picocli. */
  public CompareCommand() {}

  @Override
  public Integer call() {
    RunFolder a = Runs.find(runA, Results.both(Runs.BENCH));
    RunFolder b = Runs.find(runB, Results.both(Runs.BENCH));
    List<String> obstacles =
        new ArrayList<>(Run.of(a).provenance().differences(Run.of(b).provenance()));
    Map<String, Point> before = points(a);
    Map<String, Point> after = points(b);
    before.keySet().stream()
        .filter(name -> !after.containsKey(name))
        .forEach(name -> obstacles.add("missing in " + b.name() + ": " + name));
    after.keySet().stream()
        .filter(name -> !before.containsKey(name))
        .forEach(name -> obstacles.add("missing in " + a.name() + ": " + name));

    boolean regressed = false;
    System.out.printf(
        "%-60s %10s %10s %7s %18s  %s%n", "benchmark", "A", "B", "B / A", "interval", "verdict");
    for (Map.Entry<String, Point> entry : before.entrySet()) {
      @Nullable Point now = after.get(entry.getKey());
      if (now == null) {
        continue;
      }
      Point then = entry.getValue();
      double ratio = now.score() / then.score();
      double spread = Math.hypot(then.error() / then.score(), now.error() / now.score());
      double low = ratio * Math.exp(-spread);
      double high = ratio * Math.exp(spread);
      Change change = Change.of(low, high, noise);
      regressed |= change == Change.REGRESSED;
      System.out.printf(
          Locale.ROOT,
          "%-60s %10.1f %10.1f %7.3f [%7.3f, %7.3f]  %s%n",
          entry.getKey(),
          then.score(),
          now.score(),
          ratio,
          low,
          high,
          change);
    }
    obstacles.forEach(obstacle -> System.err.println("Not comparable: " + obstacle));
    if (!obstacles.isEmpty()) {
      return NOT_COMPARABLE;
    }
    return regressed ? REGRESSED : 0;
  }

  private static Map<String, Point> points(RunFolder folder) {
    Map<String, Point> points = new LinkedHashMap<>();
    for (Point point : Point.read(folder.read(Runs.JMH, JsonNode.class))) {
      points.put(Text.name(point), point);
    }
    return points;
  }
}
