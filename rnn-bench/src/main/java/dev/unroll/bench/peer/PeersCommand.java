package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Memory;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.report.PeerTables;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;

/** {@code peers}: us against other libraries, in turns. */
@Command(
    name = "peers",
    description = {
      "Compares with PyTorch, ONNX Runtime, Deeplearning4j and, where the system has it, oneDNN.",
      "Each has a process of its own. They take turns, which begin when the threads of all are at"
          + " rest. Forward passes come also with weights of 16 and 8 bits, where a library has"
          + " them.",
      "The first time, Maven fetches their libraries (about 350 MB)."
    },
    footer = {
      "",
      "Examples:",
      "  peers --quick",
      "  peers --cell lstm --shape 64,100,128,128 --threads 1 --mode forward",
      "  peers --set deepbench --threads 1",
      "  peers --cell all --threads 1 --shape 1,100,128,128 --shape 64,100,128,128",
      "  peers --threads 1 --seconds 10 --shape 1,100,128,128 --shape 64,100,128,128",
      "  peers --json results/runs/peers.json"
    },
    mixinStandardHelpOptions = true)
public final class PeersCommand implements Callable<Integer> {
  private static final List<Shape> QUICK =
      List.of(
          Shape.square(1, 100, 128),
          Shape.square(16, 100, 128),
          Shape.square(64, 100, 128),
          new Shape(7, 33, 37, 100));

  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

  @Option(names = "--quick", description = "Fewer shapes, less time for each: under 5 minutes.")
  private boolean quick;

  @Option(
      names = "--cell",
      split = ",",
      paramLabel = "CELL",
      description =
          "Any cell, or all; default rnn_tanh, lstm, gru. Where PyTorch and ONNX Runtime have no"
              + " operator for a cell, it is a loop in their own language.")
  private List<String> cells = new ArrayList<>();

  @Option(
      names = "--shape",
      paramLabel = "B,T,I,H",
      description = "Batch, steps, input size, hidden size; may be repeated.")
  private List<String> shapes = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "NAME",
      description =
          "Workloads that others chose, instead of shapes: deepbench (DeepBench's and benchdnn's;"
              + " T is cut where a call would take over about a second).")
  private @Nullable String set;

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Threads of every library; default 1 and all cores.")
  private List<Integer> threads = new ArrayList<>();

  @Option(names = "--mode", paramLabel = "MODE", description = "forward or training; default both.")
  private @Nullable String mode;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description =
          "For the turns of a workload, after the warm-ups; default 3, with --quick or --set 1.5.")
  private @Nullable Double seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the comparisons here.")
  private @Nullable Path json;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      description = "Completes this run: measures what it lacks of what the other options name.")
  private @Nullable String resume;

  /** Made by picocli. */
  public PeersCommand() {}

  @Override
  public Integer call() throws Exception {
    List<Group> groups = plan();
    return measure(groups, PeerLibraries.classPath());
  }

  /** The workloads of one set of processes. */
  private record Group(int threads, List<Planned> workloads) {}

  private List<Group> plan() {
    List<String> chosenCells = chosenCells();
    List<Mode> modes = new ArrayList<>(List.of(Mode.values()));
    if (mode != null) {
      modes.removeIf(known -> !known.label().equals(mode));
      if (modes.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "no mode '" + mode + "': choose forward or training");
      }
    }
    List<Planned> planned = planned(chosenCells, modes);
    Set<Integer> counts = new LinkedHashSet<>(threads);
    if (counts.isEmpty()) {
      counts.add(1);
      counts.add(Runtime.getRuntime().availableProcessors());
    }
    if (seconds != null && !(seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--seconds must be above 0, but is " + seconds);
    }
    List<Group> groups = new ArrayList<>();
    for (int count : counts) {
      if (count < 1) {
        throw new ParameterException(
            spec.commandLine(), "--threads must be at least 1, but is " + count);
      }
      for (String cell : chosenCells) {
        List<Planned> workloads = new ArrayList<>(planned);
        workloads.removeIf(workload -> !workload.cell().equals(cell));
        Collections.shuffle(workloads, new Random(count));
        groups.add(new Group(count, workloads));
      }
    }
    return groups;
  }

  private List<String> chosenCells() {
    List<String> known = Cells.all().stream().map(Cell::name).toList();
    if (cells.contains("all")) {
      return known;
    }
    for (String cell : cells) {
      if (!known.contains(cell)) {
        throw new ParameterException(
            spec.commandLine(), "no cell '" + cell + "': choose from all, or " + known);
      }
    }
    return cells.isEmpty() ? Workload.CELLS : cells;
  }

  /** The workloads of the set, or each cell in each mode at each shape. */
  private List<Planned> planned(List<String> chosenCells, List<Mode> modes) {
    try {
      if (set != null) {
        if (quick || !shapes.isEmpty()) {
          throw new IllegalArgumentException(
              "--set has its own shapes: leave out --quick, --shape");
        }
        return ShapeSet.named(set).stream().filter(w -> modes.contains(w.mode())).toList();
      }
      List<Shape> chosen = quick ? QUICK : Workload.SHAPES;
      if (!shapes.isEmpty()) {
        chosen = shapes.stream().map(Shape::parse).toList();
      }
      List<Planned> planned = new ArrayList<>();
      for (String cell : chosenCells) {
        for (Mode each : modes) {
          chosen.forEach(shape -> planned.add(new Planned(cell, each, shape, "")));
        }
      }
      return planned;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private int measure(List<Group> groups, String classPath) throws Exception {
    List<String> args = Program.words(spec);
    RunFolder folder = Runs.begunOrNew(resume, destination, "peers");
    List<Comparison> comparisons = new ArrayList<>();
    int planned = workloads(groups);
    if (folder.has(Runs.PEERS)) {
      comparisons.addAll(folder.read(Runs.PEERS, new TypeReference<List<Comparison>>() {}));
      groups.forEach(
          group ->
              group.workloads.removeIf(
                  workload ->
                      comparisons.stream()
                          .anyMatch(c -> c.threads() == group.threads && workload.isOf(c))));
    }
    Progress.announce(
        System.out,
        "%d workloads beside other libraries".formatted(workloads(groups)),
        "seconds to minutes each, as they are large; the time left is told soon",
        folder.path());
    Session session = Session.in(folder, "peers", args);
    List<String> failures = new ArrayList<>();
    Set<String> remarks = new LinkedHashSet<>();
    try (Progress progress =
        new Progress("peers", "workloads", planned, planned - workloads(groups))) {
      for (Group group : groups) {
        if (!group.workloads.isEmpty()) {
          try (PeerProcesses processes =
              new PeerProcesses(classPath, heap(), group.threads, remarks, failures)) {
            for (Planned workload : group.workloads) {
              List<Comparison> block = processes.compare(workload, secondsOfTurns());
              progress.finished(
                  1, "%s, %d threads%s".formatted(workload, group.threads, PeerTables.line(block)));
              comparisons.addAll(block);
              folder.writeJson(Runs.PEERS, comparisons);
              session.save();
            }
          } catch (IllegalStateException e) {
            failures.add(
                "the rest of %s, %d threads: %s"
                    .formatted(group.workloads.getFirst().cell(), group.threads, e.getMessage()));
          }
        }
      }
    }
    folder.writeJson(Runs.PEERS, comparisons);
    List<String> notes = new ArrayList<>(remarks);
    notes.addAll(failures);
    if (resume != null) {
      notes.addFirst("completed by `%s`".formatted(String.join(" ", args)));
    }
    session.end(notes);
    if (json != null) {
      AtomicFile.write(json, Json.PRETTY.writeValueAsString(comparisons));
    }
    Path page = Report.write(folder);
    System.out.printf("%n%s%nReport: %s%n", PeerTables.summary(comparisons), page);
    remarks.forEach(note -> System.out.printf("Note: %s.%n", note));
    failures.forEach(failure -> System.err.println("Failed: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }

  private static int workloads(List<Group> groups) {
    return groups.stream().mapToInt(group -> group.workloads.size()).sum();
  }

  private double secondsOfTurns() {
    return seconds != null ? seconds : quick || set != null ? 1.5 : 3;
  }

  /** The heap of a process: there are several, and those of a set may hold gigabytes. */
  private List<String> heap() {
    long machine = Memory.ofMachine();
    List<String> flags = new ArrayList<>(List.of("-Xms" + Math.min(1L << 30, machine / 32)));
    if (set != null) {
      flags.add("-Xmx" + machine / 2);
    }
    return flags;
  }
}
