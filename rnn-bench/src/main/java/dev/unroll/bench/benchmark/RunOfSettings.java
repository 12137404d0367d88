package dev.unroll.bench.benchmark;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Measures the settings that a run's folder lacks and, after each, writes down all that is known,
 * so that the run can be stopped or killed at any moment and completed later.
 */
final class RunOfSettings {
  private final RunFolder folder;
  private final String kind;
  private final Session session;

  /**
   * Begins a sitting.
   *
   * @param kind of run, a {@link Plan}'s
   */
  RunOfSettings(RunFolder folder, String kind, Session session) {
    this.folder = folder;
    this.kind = kind;
    this.session = session;
  }

  /** Measures what is missing. */
  void measure(List<Setting> settings) throws IOException, InterruptedException {
    ArrayNode results =
        folder.has(Runs.JMH)
            ? (ArrayNode) folder.read(Runs.JMH, JsonNode.class)
            : Json.PRETTY.createArrayNode();
    List<Point> have = Point.read(results);
    List<Setting> missing =
        settings.stream().filter(setting -> have.stream().noneMatch(setting::made)).toList();
    Thread farewell = new Thread(this::farewell);
    Runtime.getRuntime().addShutdownHook(farewell);
    try (Progress progress =
        new Progress(kind, "settings", settings.size(), settings.size() - missing.size())) {
      for (List<String> group : groups(missing)) {
        ForkedJvm.run(
            ForkedJvm.Job.of(BenchmarkFork.class, group),
            message -> {
              JsonNode measured = message.value();
              measured.forEach(results::add);
              folder.writeJson(Runs.JMH, results);
              session.save();
              Point point = Point.read(measured).getFirst();
              progress.finished(
                  1,
                  Numbers.format(
                      "%s: %.1f [%.1f, %.1f] %s",
                      Text.name(point), point.score(), point.low(), point.high(), point.unit()));
            });
      }
    }
    Runtime.getRuntime().removeShutdownHook(farewell);
  }

  /**
   * The arguments of each process. One for each cell and mode compiles the kernels once and then
   * measures in earnest, in an order that has nothing to do with the sizes.
   */
  private List<List<String>> groups(List<Setting> missing) {
    Map<String, Map<String, List<Setting>>> groups = new LinkedHashMap<>();
    for (Setting setting : missing) {
      groups
          .computeIfAbsent(setting.group(), group -> new LinkedHashMap<>())
          .computeIfAbsent(setting.bundle(), bundle -> new ArrayList<>())
          .add(setting);
    }
    List<List<String>> arguments = new ArrayList<>();
    for (Map<String, List<Setting>> bundles : groups.values()) {
      List<List<Setting>> shuffled = new ArrayList<>(bundles.values());
      Collections.shuffle(shuffled, new Random(1));
      List<String> group = new ArrayList<>(List.of(kind));
      shuffled.forEach(
          bundle -> bundle.forEach(setting -> group.add(Json.COMPACT.writeValueAsString(setting))));
      arguments.add(group);
    }
    return arguments;
  }

  private void farewell() {
    System.out.printf(
        "%nStopped. %s keeps what was measured. To complete it:%n"
            + "  ./unroll bench run --resume %s%n",
        folder.path(), folder.path());
    System.out.flush();
  }
}
