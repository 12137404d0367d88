package dev.unroll.bench.benchmark;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Load;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * A run on its way: measures the settings that the run's folder lacks and, after each, writes down
 * all that is known, so that the run can be stopped or killed at any moment and completed later.
 */
final class Progress {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final RunFolder folder;
  private final Provenance provenance;
  private final long start = System.nanoTime();
  private final long[] stolen = Load.times();

  /**
   * Begins a sitting.
   *
   * @param provenance of the run so far
   */
  Progress(RunFolder folder, Provenance provenance) {
    this.folder = folder;
    this.provenance = provenance;
  }

  /** Measures what is missing; a line for each result, with the time left. */
  void measure(List<Setting> settings) throws IOException, InterruptedException {
    ArrayNode results =
        folder.has(RunFolder.JMH)
            ? (ArrayNode) folder.readJson(RunFolder.JMH, new TypeReference<JsonNode>() {})
            : JSON.createArrayNode();
    List<Point> have = Point.read(results);
    List<Setting> missing =
        settings.stream().filter(setting -> have.stream().noneMatch(setting::made)).toList();
    Thread farewell = new Thread(this::farewell);
    Runtime.getRuntime().addShutdownHook(farewell);
    long began = System.nanoTime();
    int[] done = {0};
    for (List<String> group : groups(missing)) {
      ForkedJvm.run(
          ForkedJvm.Job.of(BenchmarkFork.class, group),
          line -> {
            if (!line.startsWith(BenchmarkFork.RESULT)) {
              return;
            }
            JsonNode measured = JSON.readTree(line.substring(BenchmarkFork.RESULT.length()));
            measured.forEach(results::add);
            folder.writeJson(RunFolder.JMH, results);
            folder.writeJson(RunFolder.PROVENANCE, soFar());
            done[0]++;
            long left =
                (System.nanoTime() - began) / 1_000_000_000 * (missing.size() - done[0]) / done[0];
            for (Point point : Point.read(measured)) {
              System.out.printf(
                  Locale.ROOT,
                  "[%d/%d, %d:%02d left] %s: %.1f [%.1f, %.1f] %s%n",
                  settings.size() - missing.size() + done[0],
                  settings.size(),
                  left / 60,
                  left % 60,
                  Text.name(point),
                  point.score(),
                  point.low(),
                  point.high(),
                  point.unit());
            }
          });
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
      List<String> group = new ArrayList<>(List.of(provenance.kind()));
      shuffled.forEach(
          bundle -> bundle.forEach(setting -> group.add(JSON.writeValueAsString(setting))));
      arguments.add(group);
    }
    return arguments;
  }

  /**
   * Ends the run.
   *
   * @param more what else to say of it
   */
  Provenance end(List<String> more) {
    Provenance done = soFar().end(seconds(), more);
    folder.writeJson(RunFolder.PROVENANCE, done);
    return done;
  }

  private Provenance soFar() {
    return provenance.soFar(seconds(), Load.worst(provenance.notes(), Load.stolenSince(stolen)));
  }

  private long seconds() {
    return provenance.seconds() + (System.nanoTime() - start) / 1_000_000_000;
  }

  private void farewell() {
    System.out.printf(
        "%nStopped: %s keeps what was measured. To complete it:%n  mvn -pl rnn-bench exec"
            + " -Dargs=\"run --resume %s\"%n",
        folder.path(), folder.name());
    System.out.flush();
  }
}
