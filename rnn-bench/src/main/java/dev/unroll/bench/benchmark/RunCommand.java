package dev.unroll.bench.benchmark;

import com.sun.management.OperatingSystemMXBean;
import dev.unroll.bench.layer.Memory;
import dev.unroll.bench.machine.Load;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import dev.unroll.bench.roofline.RooflineCommand;
import dev.unroll.kernel.Lanes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;

/** {@code run}: what serial time costs and what batches and threads buy back. */
@Command(
    name = "run",
    description = {
      "Measures time against sequence length, against batch and threads, and part by part, for",
      "each cell, forward and training, and with --full all of time at once beside step by step,",
      "with JMH; writes results and a report below results/bench."
    },
    footer = {
      "",
      "Stopped with Ctrl-C, a run keeps what it has measured; --resume completes it, also when it",
      "is stopped again.",
      "",
      "Examples:",
      "  run --quick",
      "  run --full --threads 1,2,4,8,16",
      "  run --resume 2026-01-31-120000-full",
      "  run --full --resume"
    },
    mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
  private static final String LAST = "last";

  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "Under 3 minutes; the default.")
  private boolean quick;

  @Option(names = "--full", description = "More lengths, batches and sizes: under 30 minutes.")
  private boolean full;

  @Option(
      names = "--resume",
      arity = "0..1",
      fallbackValue = LAST,
      paramLabel = "RUN",
      description = {
        "Completes this run. Without RUN, the newest of the kind that is not complete, or a new",
        "one if there is none."
      })
  private @Nullable String resume;

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of threads; default 1 and all cores, with --full also 2, 4, 8, ...")
  private List<Integer> threads = new ArrayList<>();

  /** Made by picocli. */
  public RunCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (quick && full) {
      throw new ParameterException(spec.commandLine(), "choose --quick or --full, not both");
    }
    RunFolder folder = resume == null ? null : unfinished(resume);
    Provenance provenance;
    List<CeilingRow> ceilings = new ArrayList<>();
    if (folder == null) {
      String kind = full ? "full" : "quick";
      provenance =
          Provenance.begin(
              kind,
              "mvn -pl rnn-bench exec -Dargs=\"run --%s --threads %s\""
                  .formatted(
                      kind,
                      threadCounts().stream()
                          .map(String::valueOf)
                          .collect(Collectors.joining(","))));
    } else {
      provenance = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
      if (provenance.complete()) {
        throw new IllegalArgumentException("run '%s' is complete".formatted(folder.name()));
      }
      provenance = resumed(provenance);
      if (folder.has(RunFolder.ROOFLINE)) {
        ceilings.addAll(folder.readJson(RunFolder.ROOFLINE, new TypeReference<>() {}));
      }
    }
    List<Integer> counts = threadCounts(provenance);
    provenance = withNotes(provenance, oversubscribed(counts));
    List<Setting> settings =
        provenance.kind().equals("full") ? Setting.full(counts) : Setting.quick(counts);
    settings.forEach(setting -> Memory.require(setting.workload(), machineMemory()));
    Report.requireFonts();
    if (folder == null) {
      folder = RunFolder.create(provenance.kind());
    }
    folder.writeJson(RunFolder.PROVENANCE, provenance);
    provenance.notes().forEach(note -> System.out.println("Warning: " + note + "."));

    Progress progress = new Progress(folder, provenance);
    if (ceilings.isEmpty()) {
      ceilings.addAll(ceilings("start", counts));
      folder.writeJson(RunFolder.ROOFLINE, ceilings);
    }
    progress.measure(settings);
    ceilings.removeIf(row -> row.moment().equals("end"));
    ceilings.addAll(ceilings("end", counts));
    folder.writeJson(RunFolder.ROOFLINE, ceilings);
    Provenance done = progress.end(Text.drift(ceilings));
    Path page = Report.write(folder);
    System.out.println();
    System.out.println(Report.console(folder));
    done.notes().forEach(note -> System.out.println("Warning: " + note + "."));
    System.out.printf("%nMeasured in %s. Report: %s%n", done.duration(), page);
    return 0;
  }

  /** A run that goes on, if it can go on here. */
  private static Provenance resumed(Provenance begun) {
    Provenance now = Provenance.begin(begun.kind(), begun.command());
    List<String> differences = begun.differences(now);
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "this run cannot go on here (%s): begin a new one"
              .formatted(String.join("; ", differences)));
    }
    List<String> notes = new ArrayList<>(now.notes());
    if (!begun.commit().equals(now.commit())) {
      notes.add("begun at commit %s, resumed at commit %s".formatted(begun.commit(), now.commit()));
    }
    return withNotes(begun, notes);
  }

  private static Provenance withNotes(Provenance provenance, List<String> more) {
    return provenance.soFar(provenance.seconds(), Load.worst(provenance.notes(), more));
  }

  private @Nullable RunFolder unfinished(String name) {
    if (!name.equals(LAST)) {
      return RunFolder.find(name);
    }
    return RunFolder.all(RunFolder.ROOT).stream()
        .filter(folder -> folder.name().endsWith(full ? "-full" : "-quick"))
        .filter(
            folder ->
                !folder
                    .readJson(RunFolder.PROVENANCE, new TypeReference<Provenance>() {})
                    .complete())
        .findFirst()
        .orElse(null);
  }

  private List<Integer> threadCounts() {
    for (int count : threads) {
      if (count < 1) {
        throw new ParameterException(
            spec.commandLine(), "--threads must be at least 1, but is " + count);
      }
    }
    SortedSet<Integer> counts = new TreeSet<>(threads);
    if (counts.isEmpty()) {
      int cores = Runtime.getRuntime().availableProcessors();
      for (int count = 1; full && count < cores; count *= 2) {
        counts.add(count);
      }
      counts.add(cores);
    }
    // What threads buy is said against one.
    counts.add(1);
    return List.copyOf(counts);
  }

  /** The numbers of threads that a run's own command names. */
  private static List<Integer> threadCounts(Provenance provenance) {
    String counts = provenance.command().replaceAll(".*--threads ([0-9,]+).*", "$1");
    return Arrays.stream(counts.split(",", -1)).map(Integer::valueOf).toList();
  }

  private static List<String> oversubscribed(List<Integer> counts) {
    int cores = Runtime.getRuntime().availableProcessors();
    int most = counts.getLast();
    return most <= cores
        ? List.of()
        : List.of(
            "up to %d threads share %d cores: figures of more threads than cores show what waiting for each other costs, not what more cores would bring"
                .formatted(most, cores));
  }

  private static long machineMemory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** The ceilings of one thread and of as many as there are cores for. */
  private static List<CeilingRow> ceilings(String moment, List<Integer> counts)
      throws IOException, InterruptedException {
    System.out.println("Measuring the machine's ceilings (" + moment + ") ...");
    int cores = Runtime.getRuntime().availableProcessors();
    int most = counts.stream().filter(count -> count <= cores).max(Integer::compare).orElse(1);
    List<CeilingRow> rows = new ArrayList<>();
    for (int count : new TreeSet<>(List.of(1, most))) {
      CeilingRow row = RooflineCommand.measure(moment, Lanes.BITS, count);
      System.out.println("  " + Text.ceiling(row));
      rows.add(row);
    }
    return rows;
  }
}
