package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.report.PeerTables;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import dev.unroll.cell.Cells;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** {@code peers}: us against other libraries, interleaved in one process. */
@Command(
    name = "peers",
    description = {
      "Compares with PyTorch, ONNX Runtime and Deeplearning4j, call by call in one process.",
      "The first time, Maven fetches their libraries (about 350 MB)."
    },
    footer = {
      "",
      "Examples:",
      "  peers --quick",
      "  peers --cell lstm --shape 64,100,128,128 --threads 1 --mode forward",
      "  peers --json results/peers.json"
    },
    mixinStandardHelpOptions = true)
public final class PeersCommand implements Callable<Integer> {
  private static final List<Shape> QUICK =
      List.of(
          Shape.square(1, 100, 128),
          Shape.square(16, 100, 128),
          Shape.square(64, 100, 128),
          new Shape(7, 33, 37, 100));

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec;

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
    return measure(forks, classPath());
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
    List<Shape> chosenShapes = quick ? QUICK : Workload.SHAPES;
    if (!shapes.isEmpty()) {
      try {
        chosenShapes = shapes.stream().map(Shape::parse).toList();
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage());
      }
    }
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
        for (Mode chosen : modes) {
          for (Shape s : chosenShapes) {
            workloads.add(
                "%s/%s/%d,%d,%d,%d"
                    .formatted(cell, chosen, s.batch(), s.steps(), s.inputSize(), s.hiddenSize()));
          }
        }
        Collections.shuffle(workloads, new Random(count));
        List<String> fork = new ArrayList<>(List.of(Integer.toString(count), quick ? "1.5" : "3"));
        fork.addAll(workloads);
        forks.add(fork);
      }
    }
    return forks;
  }

  /**
   * The class path with the rivals on it, which is Maven's business: where this process was started
   * without them, Maven fetches and compiles them and has {@link ClassPathCommand} write it down.
   */
  private static String classPath() throws IOException, InterruptedException {
    if (Rival.PYTORCH.isPresent()) {
      return System.getProperty("java.class.path");
    }
    System.out.println("Maven fetches and compiles the other libraries' part (-Ppeers) ...");
    Path file = Files.createTempFile("unroll", ".classpath");
    try {
      int status =
          new ProcessBuilder(
                  List.of(
                      "mvn",
                      "-q",
                      "-ntp",
                      "-Ppeers",
                      "-pl",
                      "rnn-bench",
                      "exec",
                      "-Dargs=class-path " + file))
              .inheritIO()
              .start()
              .waitFor();
      String classPath = Files.readString(file);
      if (status != 0 || classPath.isEmpty()) {
        throw new IllegalStateException(
            "Maven did not get the other libraries: see its messages above; it needs the network"
                + " the first time");
      }
      return classPath;
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot start mvn (%s): put Maven on the PATH, or run this command with -Ppeers"
              .formatted(e.getMessage()),
          e);
    } finally {
      Files.delete(file);
    }
  }

  private int measure(List<List<String>> forks, String classPath)
      throws IOException, InterruptedException {
    RunFolder folder = resume == null ? RunFolder.create("peers") : RunFolder.find(resume);
    List<Comparison> comparisons = new ArrayList<>();
    if (folder.has(RunFolder.PEERS)) {
      comparisons.addAll(folder.readJson(RunFolder.PEERS, new TypeReference<>() {}));
      forks.forEach(fork -> fork.removeIf(word -> isDone(fork.get(0), word, comparisons)));
    }
    String command = String.join(" ", spec.commandLine().getParseResult().originalArgs());
    Provenance provenance =
        resume == null
            ? Provenance.begin("peers", "mvn -pl rnn-bench exec -Dargs=\"%s\"".formatted(command))
            : folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
    List<String> notes = new ArrayList<>();
    if (resume != null) {
      notes.add("completed by `%s`".formatted(command));
    }
    folder.writeJson(RunFolder.PROVENANCE, provenance);
    provenance.notes().forEach(note -> System.out.println("Warning: " + note));
    Progress progress = new Progress(forks.stream().mapToInt(fork -> fork.size() - 2).sum());
    List<String> failures = new ArrayList<>();
    System.out.println(Progress.HEADING);
    for (List<String> fork : forks) {
      if (fork.size() > 2) {
        run(fork, classPath, folder, provenance, comparisons, failures, progress);
      }
    }
    folder.writeJson(RunFolder.PEERS, comparisons);
    notes.addAll(failures);
    folder.writeJson(
        RunFolder.PROVENANCE, provenance.end(provenance.seconds() + progress.seconds(), notes));
    if (json != null) {
      RunFolder.write(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(comparisons));
    }
    Path page = Report.write(folder);
    System.out.printf("%n%s%nReport: %s%n", PeerTables.summary(comparisons), page);
    failures.forEach(failure -> System.err.println("Failed: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }

  private static boolean isDone(String threads, String workload, List<Comparison> comparisons) {
    return comparisons.stream()
        .anyMatch(
            c ->
                threads.equals(Integer.toString(c.threads()))
                    && workload.equals(
                        "%s/%s/%d,%d,%d,%d"
                            .formatted(
                                c.cell(),
                                c.mode(),
                                c.batch(),
                                c.steps(),
                                c.inputSize(),
                                c.hiddenSize())));
  }

  private static void run(
      List<String> fork,
      String classPath,
      RunFolder folder,
      Provenance provenance,
      List<Comparison> comparisons,
      List<String> failures,
      Progress progress)
      throws IOException, InterruptedException {
    List<Comparison> block = new ArrayList<>();
    ForkedJvm.Job job =
        new ForkedJvm.Job(
            classPath, List.of(), PeerFork.class, fork, Map.of("OMP_NUM_THREADS", fork.get(0)));
    try {
      ForkedJvm.run(
          job,
          line -> {
            if (line.startsWith(PeerFork.RESULT)) {
              block.add(JSON.readValue(line.substring(PeerFork.RESULT.length()), Comparison.class));
            } else if (line.startsWith(PeerFork.FAILURE)) {
              failures.add(line.substring(PeerFork.FAILURE.length()));
            } else if (line.startsWith(PeerFork.DONE)) {
              progress.done(block);
              comparisons.addAll(block);
              block.clear();
              folder.writeJson(RunFolder.PEERS, comparisons);
              folder.writeJson(
                  RunFolder.PROVENANCE,
                  provenance.soFar(provenance.seconds() + progress.seconds(), provenance.notes()));
            }
          });
    } catch (IllegalStateException e) {
      failures.add(fork.get(2) + " and after, " + fork.get(0) + " threads: " + e.getMessage());
    }
  }

  /** Prints each workload's comparisons as they come, with the time left. */
  private static final class Progress {
    static final String HEADING =
        "%-8s %-8s %16s %2s %12s %6s   %s"
            .formatted(
                "cell",
                "mode",
                "B,T,I,H",
                "th",
                "ours us",
                "limit",
                "peer: time us, their time / ours [95 %]");

    private final int total;
    private final long start = System.nanoTime();
    private int done;

    Progress(int total) {
      this.total = total;
    }

    long seconds() {
      return (System.nanoTime() - start) / 1_000_000_000;
    }

    void done(List<Comparison> block) {
      done++;
      long left = seconds() * (total - done) / done;
      if (block.isEmpty()) {
        return;
      }
      Comparison c = block.get(0);
      StringBuilder line =
          new StringBuilder(
              String.format(
                  Locale.ROOT,
                  "%-8s %-8s %16s %2d %12.1f %5.0f%%   ",
                  c.cell(),
                  c.mode(),
                  c.batch() + "," + c.steps() + "," + c.inputSize() + "," + c.hiddenSize(),
                  c.threads(),
                  c.oursMicros(),
                  100 * c.ceilingFraction()));
      for (Comparison peer : block) {
        line.append(
            String.format(
                Locale.ROOT,
                "%s: %.1f, %.2f [%.2f, %.2f]  ",
                peer.peer().replaceFirst(" [^ ]*$", ""),
                peer.peerMicros(),
                peer.ratio(),
                peer.ratioLow(),
                peer.ratioHigh()));
      }
      System.out.printf("%s (%d/%d, %d:%02d left)%n", line, done, total, left / 60, left % 60);
    }
  }
}
