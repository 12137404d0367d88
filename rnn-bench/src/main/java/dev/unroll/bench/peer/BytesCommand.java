package dev.unroll.bench.peer;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.WeightFormatTable;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.bench.result.WeightFormatRow;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bytes}: weights of 16 and 8 bits against floats, interleaved in one process. */
@Command(
    name = "bytes",
    description = {
      "Measures what weights of 16 and 8 bits bring.",
      "They take turns with floats, call by call in one process: steps of a stream, which one"
          + " thread takes, and whole passes. Input and hidden size are the same. The command peers"
          + " has them beside other libraries."
    },
    footer = {
      "",
      "Examples:",
      "  bytes --cell lstm --threads 1 --json results/runs/bytes.json",
      "  bytes --mode step --batch 1 --hidden 128,1024"
    },
    mixinStandardHelpOptions = true)
public final class BytesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

  @Option(
      names = "--cell",
      split = ",",
      paramLabel = "CELL",
      description = "Any cells; default ${DEFAULT-VALUE}.",
      defaultValue = "rnn_tanh,lstm,gru")
  private List<String> cells = new ArrayList<>();

  @Option(
      names = "--mode",
      split = ",",
      paramLabel = "MODE",
      description = "step or pass; default both.",
      defaultValue = "step,pass")
  private List<String> modes = new ArrayList<>();

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "B",
      description = "Sequences; default ${DEFAULT-VALUE}.",
      defaultValue = "1,16")
  private List<Integer> batches = new ArrayList<>();

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Steps of a pass; default ${DEFAULT-VALUE}.",
      defaultValue = "100")
  private int steps;

  @Option(
      names = "--hidden",
      split = ",",
      paramLabel = "H",
      description = "Units; default ${DEFAULT-VALUE}.",
      defaultValue = "128,256,512,1024,2048")
  private List<Integer> hidden = new ArrayList<>();

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Threads of a pass; default ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private List<Integer> threads = new ArrayList<>();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "For each workload, after its warm-up; default ${DEFAULT-VALUE}.",
      defaultValue = "2")
  private double seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows here.")
  private @Nullable Path json;

  /** Made by picocli. */
  public BytesCommand() {}

  @Override
  public Integer call() throws Exception {
    List<List<String>> forks = plan();
    RunFolder folder = Runs.next(destination.root(Runs.BENCH), "bytes").make();
    Progress.announce(
        System.out,
        "%d workloads in three formats"
            .formatted(forks.stream().mapToInt(fork -> fork.size() - 1).sum()),
        Numbers.format("about %.0f seconds each", 6 + seconds),
        folder.path());
    Session session = Session.in(folder, "bytes", Program.words(spec));
    List<WeightFormatRow> rows = new ArrayList<>();
    for (List<String> fork : forks) {
      measure(fork, folder, rows);
      session.save();
    }
    session.end(List.of());
    if (json != null) {
      AtomicFile.write(json, Json.PRETTY.writeValueAsString(rows));
    }
    System.out.println("Report: " + Report.write(folder));
    return 0;
  }

  /** What each measuring process is to do: one for each cell and number of threads. */
  private List<List<String>> plan() {
    List<String> known = Cells.all().stream().map(Cell::name).toList();
    cells.forEach(
        cell -> require(known.contains(cell), "no cell '" + cell + "': choose from " + known));
    List<String> both = List.of(BytesFork.STEP, BytesFork.PASS);
    modes.forEach(
        mode -> require(both.contains(mode), "no mode '" + mode + "': choose step or pass"));
    positive("--batch", batches);
    positive("--steps", List.of(steps));
    positive("--hidden", hidden);
    positive("--threads", threads);
    require(seconds > 0, "--seconds must be above 0, but is " + seconds);
    List<List<String>> forks = new ArrayList<>();
    for (String cell : cells) {
      for (int count : threads) {
        List<String> fork = new ArrayList<>();
        for (int units : hidden) {
          for (int batch : batches) {
            if (modes.contains(BytesFork.STEP) && count == threads.getFirst()) {
              fork.add(workload(cell, BytesFork.STEP, 1, batch, 1, units));
            }
            if (modes.contains(BytesFork.PASS)) {
              fork.add(workload(cell, BytesFork.PASS, count, batch, steps, units));
            }
          }
        }
        if (!fork.isEmpty()) {
          fork.addFirst(Double.toString(seconds));
          forks.add(fork);
        }
      }
    }
    return forks;
  }

  private static String workload(
      String cell, String mode, int threads, int batch, int steps, int units) {
    return "%s/%s/%d/%d,%d,%d,%d".formatted(cell, mode, threads, batch, steps, units, units);
  }

  private void positive(String option, List<Integer> values) {
    values.forEach(value -> require(value >= 1, option + " must be at least 1, but is " + value));
  }

  private void require(boolean condition, String sentence) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), sentence);
    }
  }

  private static void measure(List<String> fork, RunFolder folder, List<WeightFormatRow> rows)
      throws IOException, InterruptedException {
    ForkedJvm.run(
        ForkedJvm.Job.of(BytesFork.class, fork),
        message -> {
          WeightFormatRow row = message.as(WeightFormatRow.class);
          rows.add(row);
          folder.writeJson(Runs.BYTES, rows);
          System.out.println(WeightFormatTable.line(row));
        });
  }
}
