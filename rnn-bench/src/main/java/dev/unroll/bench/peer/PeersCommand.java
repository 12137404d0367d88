package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Memory;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.report.PeerTables;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.cell.Cells;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

/** {@code peers}: us against other libraries, interleaved in one process. */
@Command(
    name = "peers",
    description = {
      "Compares with PyTorch, ONNX Runtime, Deeplearning4j and, where the system has it, oneDNN.",
      "They take turns with this library, call by call in one process.",
      "The first time, Maven fetches their libraries (about 350 MB)."
    },
    footer = {
      "",
      "Examples:",
      "  peers --quick",
      "  peers --cell lstm --shape 64,100,128,128 --threads 1 --mode forward",
      "  peers --set deepbench --threads 1",
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
      description = "Of rnn_tanh, lstm, gru; default all three.")
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
    List<List<String>> forks = plan();
    return measure(forks, PeerLibraries.classPath());
  }

  /** What each measuring process is to do: its threads, its seconds, its workloads. */
  private List<List<String>> plan() {
    List<String> chosenCells = cells.isEmpty() ? Workload.CELLS : cells;
    for (String cell : chosenCells) {
      if (!Workload.CELLS.contains(cell)) {
        throw new ParameterException(
            spec.commandLine(), "no cell '" + cell + "': choose from " + Workload.CELLS);
      }
      Cells.named(cell);
    }
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
    List<List<String>> forks = new ArrayList<>();
    for (int count : counts) {
      if (count < 1) {
        throw new ParameterException(
            spec.commandLine(), "--threads must be at least 1, but is " + count);
      }
      for (String cell : chosenCells) {
        List<String> workloads = new ArrayList<>();
        planned.stream()
            .filter(workload -> workload.cell().equals(cell))
            .forEach(workload -> workloads.add(workload.toString()));
        Collections.shuffle(workloads, new Random(count));
        List<String> fork =
            new ArrayList<>(List.of(Integer.toString(count), quick || set != null ? "1.5" : "3"));
        fork.addAll(workloads);
        forks.add(fork);
      }
    }
    return forks;
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

  private int measure(List<List<String>> forks, String classPath)
      throws IOException, InterruptedException {
    List<String> args = Program.words(spec);
    RunFolder folder = Runs.begunOrNew(resume, destination, "peers");
    List<Comparison> comparisons = new ArrayList<>();
    int planned = workloads(forks);
    if (folder.has(Runs.PEERS)) {
      comparisons.addAll(folder.read(Runs.PEERS, new TypeReference<List<Comparison>>() {}));
      forks.forEach(
          fork ->
              fork.subList(2, fork.size())
                  .removeIf(word -> isDone(fork.get(0), word, comparisons)));
    }
    Progress.announce(
        System.out,
        "%d workloads beside other libraries".formatted(workloads(forks)),
        "seconds to minutes each, as they are large; the time left is told soon",
        folder.path());
    Session session = Session.in(folder, "peers", args);
    List<String> failures = new ArrayList<>();
    Set<String> remarks = new LinkedHashSet<>();
    try (Progress progress =
        new Progress("peers", "workloads", planned, planned - workloads(forks))) {
      for (List<String> fork : forks) {
        if (fork.size() > 2) {
          run(fork, classPath, folder, session, comparisons, failures, remarks, progress);
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

  private static int workloads(List<List<String>> forks) {
    return forks.stream().mapToInt(fork -> fork.size() - 2).sum();
  }

  private static boolean isDone(String threads, String workload, List<Comparison> comparisons) {
    return comparisons.stream()
        .anyMatch(
            c -> threads.equals(Integer.toString(c.threads())) && Planned.parse(workload).isOf(c));
  }

  private void run(
      List<String> fork,
      String classPath,
      RunFolder folder,
      Session session,
      List<Comparison> comparisons,
      List<String> failures,
      Set<String> notes,
      Progress progress)
      throws IOException, InterruptedException {
    List<Comparison> block = new ArrayList<>();
    // The largest shapes of a set have weights of half a gigabyte, several times.
    List<String> flags = set == null ? List.of() : List.of("-Xmx" + Memory.ofMachine() / 2);
    ForkedJvm.Job job =
        new ForkedJvm.Job(
            classPath, flags, PeerFork.class, fork, Map.of("OMP_NUM_THREADS", fork.get(0)));
    try {
      ForkedJvm.run(
          job,
          message -> {
            switch (message.tag()) {
              case PeerFork.RESULT -> block.add(message.as(Comparison.class));
              case PeerFork.FAILURE -> failures.add(message.as(String.class));
              case PeerFork.NOTE -> notes.add(message.as(String.class));
              default -> {
                progress.finished(
                    1,
                    "%s, %s threads%s"
                        .formatted(message.as(String.class), fork.get(0), PeerTables.line(block)));
                comparisons.addAll(block);
                block.clear();
                folder.writeJson(Runs.PEERS, comparisons);
                session.save();
              }
            }
          });
    } catch (IllegalStateException e) {
      failures.add(fork.get(2) + " and after, " + fork.get(0) + " threads: " + e.getMessage());
    }
  }
}
