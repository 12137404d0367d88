package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.StatUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code compare}: two runs, benchmark by benchmark. */
@Command(
    name = "compare",
    description = {
      "Says what changed from one run to another.",
      "Prints the ratio of times (B / A) of every benchmark, the largest change first, with its"
          + " interval and one of four verdicts: improved, regressed, within noise (a real"
          + " difference, but smaller than --noise), no change (the interval holds 1)."
    },
    footer = {
      "",
      "Exit code 0: nothing regressed; 1: something did; 3: the runs cannot be compared. Maven"
          + " makes 1 of all but 0; ./unroll keeps it.",
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

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows here.")
  private @Nullable Path json;

  /** Made by picocli. */
  public CompareCommand() {}

  @Override
  public Integer call() throws IOException {
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

    List<Row> rows =
        before.entrySet().stream()
            .flatMap(
                entry ->
                    Optional.ofNullable(after.get(entry.getKey()))
                        .map(now -> row(entry.getKey(), entry.getValue(), now))
                        .stream())
            .sorted(Comparator.comparingDouble(row -> -Math.abs(Math.log(row.ratio()))))
            .toList();
    print(rows);
    if (json != null) {
      AtomicFile.write(json, Json.PRETTY.writeValueAsString(rows));
    }
    obstacles.forEach(obstacle -> System.err.println("Not comparable: " + obstacle));
    if (!obstacles.isEmpty()) {
      return NOT_COMPARABLE;
    }
    return rows.stream().anyMatch(row -> row.change() == Change.REGRESSED) ? REGRESSED : 0;
  }

  /** One benchmark in both runs. */
  private record Row(
      String name, Point then, Point now, double ratio, double low, double high, Change change) {}

  private Row row(String name, Point then, Point now) {
    double ratio = now.score() / then.score();
    double spread = Math.hypot(then.error() / then.score(), now.error() / now.score());
    double low = ratio * Math.exp(-spread);
    double high = ratio * Math.exp(spread);
    return new Row(name, then, now, ratio, low, high, Change.of(low, high, noise));
  }

  private static void print(List<Row> rows) {
    System.out.printf(
        "%-60s %10s %10s %-5s %7s %18s  %s%n",
        "benchmark", "A", "B", "unit", "B / A", "interval", "verdict");
    for (Row row : rows) {
      System.out.print(
          Numbers.format(
              "%-60s %10.1f %10.1f %-5s %7.3f [%7.3f, %7.3f]  %s%n",
              row.name(),
              row.then().score(),
              row.now().score(),
              row.now().unit(),
              row.ratio(),
              row.low(),
              row.high(),
              row.change()));
    }
    if (rows.isEmpty()) {
      return;
    }
    double mean = StatUtils.geometricMean(rows.stream().mapToDouble(Row::ratio).toArray());
    System.out.print(
        Numbers.format(
            "%n%d benchmarks: %s; B takes %.3f times as long as A in geometric mean.%n",
            rows.size(),
            Arrays.stream(Change.values())
                .map(
                    change ->
                        rows.stream().filter(row -> row.change() == change).count() + " " + change)
                .collect(Collectors.joining(", ")),
            mean));
  }

  private static Map<String, Point> points(RunFolder folder) {
    Map<String, Point> points = new LinkedHashMap<>();
    for (Point point : Point.read(folder.read(Runs.JMH, JsonNode.class))) {
      points.put(Text.name(point), point);
    }
    return points;
  }
}
