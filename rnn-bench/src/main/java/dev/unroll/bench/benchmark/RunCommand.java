package dev.unroll.bench.benchmark;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Load;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import dev.unroll.bench.roofline.RooflineCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** {@code run}: what serial time costs and what batches and threads buy back. */
@Command(
    name = "run",
    description = {
      "Measures time against sequence length, and against batch and threads, for each cell,",
      "forward and training, with JMH; writes results and a report below results/bench."
    },
    footer = {
      "",
      "Stopped with Ctrl-C, a run keeps what it has measured; --resume completes it.",
      "",
      "Examples:",
      "  run --quick",
      "  run --full --threads 1,2,4,8",
      "  run --resume 2026-01-31-120000-full"
    },
    mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "Under 3 minutes; the default.")
  private boolean quick;

  @Option(names = "--full", description = "More lengths, batches and sizes: under 30 minutes.")
  private boolean full;

  @Option(names = "--resume", paramLabel = "RUN", description = "Completes this run.")
  private @Nullable String resume;

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of threads; default 1 and all cores.")
  private List<Integer> threads = new ArrayList<>();

  /** Made by picocli. */
  public RunCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (quick && full) {
      throw new ParameterException(spec.commandLine(), "choose --quick or --full, not both");
    }
    RunFolder folder;
    Provenance provenance;
    ArrayNode results = JSON.createArrayNode();
    List<CeilingRow> ceilings = new ArrayList<>();
    if (resume == null) {
      List<String> counts = threadCounts();
      String kind = full ? "full" : "quick";
      provenance =
          Provenance.begin(
              kind,
              "mvn -pl rnn-bench exec -Dargs=\"run --%s --threads %s\""
                  .formatted(kind, String.join(",", counts)));
      folder = RunFolder.create(kind);
      folder.writeJson(RunFolder.PROVENANCE, provenance);
    } else {
      folder = RunFolder.find(resume);
      provenance = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
      if (folder.has(RunFolder.JMH)) {
        results = (ArrayNode) folder.readJson(RunFolder.JMH, new TypeReference<JsonNode>() {});
      }
      if (folder.has(RunFolder.ROOFLINE)) {
        ceilings.addAll(folder.readJson(RunFolder.ROOFLINE, new TypeReference<>() {}));
      }
    }
    provenance.notes().forEach(note -> System.out.println("Warning: " + note));

    long start = System.nanoTime();
    long[] stolen = Load.stolen();
    if (ceilings.isEmpty()) {
      ceilings.addAll(ceilings("start"));
      folder.writeJson(RunFolder.ROOFLINE, ceilings);
    }
    measure(settings(provenance), results, folder);
    ceilings.addAll(ceilings("end"));
    folder.writeJson(RunFolder.ROOFLINE, ceilings);

    List<String> notes = new ArrayList<>(Load.stolenSince(stolen));
    notes.addAll(Text.drift(ceilings));
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    Provenance done = provenance.end(provenance.seconds() + seconds, notes);
    folder.writeJson(RunFolder.PROVENANCE, done);
    Path page = Report.write(folder);
    System.out.println();
    System.out.println(Report.console(folder));
    System.out.printf("%nMeasured in %s. Report: %s%n", done.duration(), page);
    return 0;
  }

  private List<String> threadCounts() {
    if (threads.isEmpty()) {
      int cores = Runtime.getRuntime().availableProcessors();
      return cores == 1 ? List.of("1") : List.of("1", Integer.toString(cores));
    }
    for (int count : threads) {
      if (count < 1) {
        throw new ParameterException(
            spec.commandLine(), "--threads must be at least 1, but is " + count);
      }
    }
    return threads.stream().distinct().sorted().map(String::valueOf).toList();
  }

  /** What a run is to measure, as its own command says. */
  private static List<Setting> settings(Provenance provenance) {
    String command = provenance.command();
    String counts = command.replaceAll(".*--threads ([0-9,]+).*", "$1");
    List<String> threads = List.of(counts.split(",", -1));
    return provenance.kind().equals("full") ? Setting.full(threads) : Setting.quick(threads);
  }

  private static List<CeilingRow> ceilings(String moment) {
    System.out.println("Measuring the machine's ceilings (" + moment + ") ...");
    List<CeilingRow> rows = new ArrayList<>();
    rows.add(RooflineCommand.measure(moment, 1));
    rows.forEach(row -> System.out.println("  " + Text.ceiling(row)));
    return rows;
  }

  private static void measure(List<Setting> settings, ArrayNode results, RunFolder folder)
      throws IOException, InterruptedException {
    List<Point> have = Point.read(results);
    List<Setting> missing =
        settings.stream().filter(setting -> have.stream().noneMatch(setting::made)).toList();
    // A process for each cell and mode: it compiles the kernels once and then measures in earnest.
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (Setting setting : missing) {
      groups
          .computeIfAbsent(setting.group(), group -> new ArrayList<>())
          .add(JSON.writeValueAsString(setting));
    }
    long start = System.nanoTime();
    int[] done = {0};
    for (List<String> group : groups.values()) {
      Collections.shuffle(group, new Random(1));
      ForkedJvm.run(
          ForkedJvm.Job.of(BenchmarkFork.class, group),
          line -> {
            if (!line.startsWith(BenchmarkFork.RESULT)) {
              return;
            }
            JsonNode measured = JSON.readTree(line.substring(BenchmarkFork.RESULT.length()));
            measured.forEach(results::add);
            folder.writeJson(RunFolder.JMH, results);
            done[0]++;
            long spent = (System.nanoTime() - start) / 1_000_000_000;
            long left = spent * (missing.size() - done[0]) / done[0];
            for (Point point : Point.read(measured)) {
              System.out.printf(
                  Locale.ROOT,
                  "[%d/%d, %d:%02d left] %s: %.1f [%.1f, %.1f] %s%n",
                  done[0],
                  missing.size(),
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
  }
}
