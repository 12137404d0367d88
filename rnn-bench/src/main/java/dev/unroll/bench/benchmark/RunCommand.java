package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.Memory;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.CellCosts;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.bench.roofline.CeilingsFork;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.command.Destination;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** {@code run}: what serial time costs and what batches and threads buy back. */
@Command(
    name = "run",
    description = {
      "Measures what serial time costs and what batches and threads buy back.",
      "Time against sequence length, against batch and threads, and part by part, for each cell,"
          + " forward and training, and with --full all of time at once beside step by step, with"
          + " JMH. --cells asks instead what a step of every cell costs, --newton whether Newton's"
          + " method on all of time beats stepping. Results and a report go below"
          + " results/runs/bench."
    },
    footer = {
      "",
      "Stopped with Ctrl-C, a run keeps what it has measured; --resume completes it, also when it",
      "is stopped again.",
      "",
      "Examples:",
      "  run --quick",
      "  run --full --threads 1,2,4,8,16",
      "  run --cells --quick",
      "  run --newton --json results/runs/newton.json",
      "  run --resume 2026-01-31-120000-full",
      "  run --full --resume"
    },
    mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
  private static final String LAST = "last";

  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

  @Option(names = "--quick", description = "Under 3 minutes; the default.")
  private boolean quick;

  @Option(names = "--full", description = "More lengths, batches and sizes: under 30 minutes.")
  private boolean full;

  @Option(
      names = "--cells",
      description =
          "Instead, a step of every cell at equal size and at equal parameters, on one thread:"
              + " under 12 minutes; with --quick at one size, under 3.")
  private boolean cells;

  @Option(
      names = "--newton",
      description =
          "Instead, para_gru and para_lstm by Newton's method beside step by step: about 2"
              + " minutes.")
  private boolean newton;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the figures here.")
  private @Nullable Path json;

  @Option(
      names = "--resume",
      arity = "0..1",
      fallbackValue = LAST,
      paramLabel = "RUN",
      description =
          "Completes this run. Without RUN, the newest of the kind that is not complete, or a new"
              + " one if there is none.")
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
    if ((full && cells) || (newton && (full || cells || quick))) {
      throw new ParameterException(
          spec.commandLine(),
          "choose one of --full, --cells and --newton; --quick goes with --cells alone");
    }
    RunFolder folder = resume == null ? null : unfinished(resume);
    Run run = folder == null ? begin() : resumed(folder);
    List<CeilingRow> ceilings = new ArrayList<>();
    if (folder != null && folder.has(Runs.ROOFLINE)) {
      ceilings.addAll(folder.read(Runs.ROOFLINE, new TypeReference<List<CeilingRow>>() {}));
    }
    List<Integer> counts = threadCounts(run);
    run = run.with(oversubscribed(counts));
    Plan plan = Plan.of(run.kind());
    List<Setting> settings = plan.settings(counts);
    settings.forEach(setting -> Memory.require(setting.workload(), Memory.ofMachine()));
    Charts.requireFonts();
    if (folder == null) {
      folder = Runs.next(destination.root(Runs.BENCH), run.kind());
    }
    Progress.announce(
        System.out,
        "%d workloads and the machine's ceilings".formatted(settings.size()),
        plan.duration(),
        folder.path());
    Session session = new Session(folder, run);
    if (ceilings.isEmpty()) {
      ceilings.addAll(ceilings("start", counts));
      folder.writeJson(Runs.ROOFLINE, ceilings);
    }
    new RunOfSettings(folder, run.kind(), session).measure(settings);
    ceilings.removeIf(row -> row.moment().equals("end"));
    ceilings.addAll(ceilings("end", counts));
    folder.writeJson(Runs.ROOFLINE, ceilings);
    Run done = session.end(Text.drift(ceilings));
    String figures = figures(folder);
    Path page = Report.write(folder);
    if (json != null) {
      AtomicFile.write(json, Json.PRETTY.writeValueAsString(folder.read(figures, JsonNode.class)));
    }
    System.out.println();
    System.out.println(Report.console(folder));
    done.notes().forEach(note -> System.out.printf("Warning: %s.%n", note));
    System.out.printf("%nMeasured in %s. Report: %s%n", done.duration(), page);
    return 0;
  }

  private Plan plan() {
    if (newton) {
      return Plan.NEWTON;
    }
    if (cells) {
      return quick ? Plan.CELLS_QUICK : Plan.CELLS;
    }
    return full ? Plan.FULL : Plan.QUICK;
  }

  private Run begin() {
    String counts = threadCounts().stream().map(String::valueOf).collect(Collectors.joining(","));
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(plan().options());
    words.addAll(List.of("--threads", counts));
    return Run.begin(plan().kind(), words);
  }

  /** The file of a run's figures, of a run of cells made of JMH's own. */
  private static String figures(RunFolder folder) {
    CellCosts costs = Report.cells(folder);
    if (costs == null) {
      return Runs.JMH;
    }
    folder.writeJson(Runs.CELLS, costs);
    return Runs.CELLS;
  }

  /** A run that goes on, if it can go on here. */
  private static Run resumed(RunFolder folder) {
    Run begun = Run.of(folder);
    if (begun.complete()) {
      throw new InputException(
          "The run '%s' is complete, nothing is left to measure: './unroll bench report %s' writes its report again."
              .formatted(folder.name(), folder.path()));
    }
    Run now = Run.begin(begun.kind(), List.of());
    List<String> differences = begun.provenance().differences(now.provenance());
    if (!differences.isEmpty()) {
      throw new InputException(
          "The run '%s' cannot be completed here (%s): begin a new one."
              .formatted(folder.name(), String.join("; ", differences)));
    }
    List<String> notes = new ArrayList<>(now.notes());
    String before = begun.provenance().version();
    String after = now.provenance().version();
    if (!before.equals(after)) {
      notes.add("begun at commit %s, resumed at commit %s".formatted(before, after));
    }
    return begun.with(notes);
  }

  private @Nullable RunFolder unfinished(String name) {
    if (!name.equals(LAST)) {
      return Runs.begun(name, destination);
    }
    return Runs.all(destination.root(Runs.BENCH)).stream()
        .filter(folder -> folder.name().endsWith("-" + plan().kind()))
        .filter(folder -> !Run.of(folder).complete())
        .filter(folder -> Run.of(folder).kind().equals(plan().kind()))
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
    if (counts.isEmpty() && !cells) {
      int cores = Runtime.getRuntime().availableProcessors();
      for (int count = 1; full && count < cores; count *= 2) {
        counts.add(count);
      }
      counts.add(cores);
    }
    // Speed-ups are against one thread.
    counts.add(1);
    return List.copyOf(counts);
  }

  /** The numbers of threads that a run's own command names. */
  private static List<Integer> threadCounts(Run run) {
    String counts = run.command().replaceAll(".*--threads ([0-9,]+).*", "$1");
    return Arrays.stream(counts.split(",", -1)).map(Integer::valueOf).toList();
  }

  private static List<String> oversubscribed(List<Integer> counts) {
    int cores = Runtime.getRuntime().availableProcessors();
    int most = counts.getLast();
    return most <= cores
        ? List.of()
        : List.of(
            "up to %d threads share %d cores: with more threads than cores a figure shows what waiting costs, not what more cores would bring"
                .formatted(most, cores));
  }

  /** The ceilings of one thread and of as many as there are cores for. */
  private static List<CeilingRow> ceilings(String moment, List<Integer> counts)
      throws IOException, InterruptedException {
    System.out.println("Measuring the machine's ceilings (" + moment + ") ...");
    int cores = Runtime.getRuntime().availableProcessors();
    int most = counts.stream().filter(count -> count <= cores).max(Integer::compare).orElse(1);
    List<CeilingRow> rows = new ArrayList<>();
    for (int count : new TreeSet<>(List.of(1, most))) {
      CeilingRow row = CeilingsFork.measure(moment, Lanes.BITS, count);
      System.out.println("  " + Text.ceiling(row));
      rows.add(row);
    }
    return rows;
  }
}
