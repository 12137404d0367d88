package dev.unroll.bench.serve;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.peer.PeerLibraries;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.StreamTable;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.bench.result.StreamRow;
import dev.unroll.bench.serve.StreamsFork.Load;
import dev.unroll.bench.serve.StreamsFork.Task;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import dev.unroll.run.WeightFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code streams}: latency of one step where many streams arrive, beside other libraries. */
@Command(
    name = "streams",
    description = {
      "Measures how long one step of a stream takes where many arrive.",
      "Steps are due at times drawn beforehand, whether the one before has ended or not; a latency"
          + " counts from then. One thread steps what is due, at most --batch streams at once."
          + " PyTorch and ONNX Runtime do the same with their own carried states, at the same rate:"
          + " the first time, Maven fetches them (about 350 MB)."
    },
    footer = {
      "",
      "Examples:",
      "  streams --hidden 128 --json results/runs/streams.json",
      "  streams --hidden 128 --streams 10000 --batch 1,4,16,64 --wait 0,100,1000",
      "  streams --alone --cell gru,min_gru --format f32,int8 --rate 20000",
      "  streams --onnx silero_vad_v6.onnx --streams 1,1000"
    },
    mixinStandardHelpOptions = true)
public final class StreamsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

  @Option(
      names = "--cell",
      split = ",",
      paramLabel = "CELL",
      description = "Any cells; default ${DEFAULT-VALUE}.",
      defaultValue = "lstm")
  private List<String> cells = new ArrayList<>();

  @Option(
      names = "--hidden",
      split = ",",
      paramLabel = "H",
      description = "Units, and inputs; default ${DEFAULT-VALUE}.",
      defaultValue = "64,128,256,512")
  private List<Integer> hidden = new ArrayList<>();

  @Option(
      names = "--onnx",
      paramLabel = "FILE",
      description = "Takes the layer from an ONNX file instead, such as Silero VAD's LSTM.")
  private @Nullable Path onnx;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "A part of the layer's place in that file; default the first layer.",
      defaultValue = "")
  private String layer = "";

  @Option(
      names = "--streams",
      split = ",",
      paramLabel = "N",
      description = "Streams; default ${DEFAULT-VALUE}.",
      defaultValue = "1,100,10000")
  private List<Integer> streams = new ArrayList<>();

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "B",
      description = "The most that are stepped at once; default ${DEFAULT-VALUE}.",
      defaultValue = "1,64")
  private List<Integer> batches = new ArrayList<>();

  @Option(
      names = "--wait",
      split = ",",
      paramLabel = "US",
      description =
          "Microseconds that the first step of a batch waits for others; default ${DEFAULT-VALUE}.",
      defaultValue = "0")
  private List<Double> waits = new ArrayList<>();

  @Option(
      names = "--format",
      split = ",",
      paramLabel = "FORMAT",
      description = "Of our weights: f32, bf16, int8; default ${DEFAULT-VALUE}.",
      defaultValue = "f32")
  private List<String> formats = new ArrayList<>();

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Steps a second; default as --load says.",
      defaultValue = "0")
  private double rate;

  @Option(
      names = "--load",
      paramLabel = "PART",
      description =
          "The rate as a part of what ours, in the first format, can take; default"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "0.5")
  private double load;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of each library under each load; default ${DEFAULT-VALUE}.",
      defaultValue = "2")
  private double seconds;

  @Option(names = "--alone", description = "Without the other libraries.")
  private boolean alone;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the rows here.")
  private @Nullable Path json;

  /** Made by picocli. */
  public StreamsCommand() {}

  @Override
  public Integer call() throws Exception {
    List<Task> tasks = plan();
    List<String> notes = new ArrayList<>();
    String classPath = classPath(notes);
    RunFolder folder = Runs.next(destination.root(Runs.BENCH), "streams").make();
    Progress.announce(
        System.out,
        "%d loads".formatted(tasks.stream().mapToInt(task -> task.loads().size()).sum()),
        Numbers.format("about %.0f seconds for each library", 2 + 1.3 * seconds),
        folder.path());
    Session session = Session.in(folder, "streams", Program.words(spec));
    List<StreamRow> rows = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Task task : tasks) {
      measure(task, classPath, folder, rows, failures);
      session.save();
    }
    notes.addAll(failures);
    session.end(notes);
    if (json != null) {
      AtomicFile.write(json, Json.PRETTY.writeValueAsString(rows));
    }
    notes.forEach(note -> System.out.println("Note: " + note + "."));
    System.out.println("Report: " + Report.write(folder));
    return failures.isEmpty() ? 0 : 1;
  }

  /** With the other libraries on it, where they are wanted and can be had. */
  private String classPath(List<String> notes) throws InterruptedException, IOException {
    String ours = System.getProperty("java.class.path");
    if (alone) {
      return ours;
    }
    try {
      return PeerLibraries.classPath();
    } catch (IllegalStateException missing) {
      notes.add("PyTorch and ONNX Runtime are not compared: " + missing.getMessage());
      return ours;
    }
  }

  /** One measuring process for each layer. */
  private List<Task> plan() {
    List<String> known = Cells.all().stream().map(Cell::name).toList();
    cells.forEach(
        cell -> require(known.contains(cell), "no cell '" + cell + "': choose from " + known));
    List<String> labels = Arrays.stream(WeightFormat.values()).map(WeightFormat::label).toList();
    formats.forEach(
        each -> require(labels.contains(each), "no format '" + each + "': choose from " + labels));
    positive("--hidden", hidden);
    positive("--streams", streams);
    positive("--batch", batches);
    waits.forEach(wait -> require(wait >= 0, "--wait must be at least 0, but is " + wait));
    require(rate >= 0, "--rate must be at least 0, but is " + rate);
    require(load > 0, "--load must be above 0, but is " + load);
    require(seconds > 0, "--seconds must be above 0, but is " + seconds);
    List<Load> loads = loads();
    if (onnx != null) {
      ServedLayer.of(onnx, layer); // or a sentence now
      return List.of(task(onnx.toAbsolutePath().toString(), "", 0, loads));
    }
    List<Task> tasks = new ArrayList<>();
    for (String cell : cells) {
      hidden.forEach(units -> tasks.add(task(null, cell, units, loads)));
    }
    return tasks;
  }

  private Task task(@Nullable String model, String cell, int units, List<Load> loads) {
    return new Task(model, layer, cell, units, formats, rate, load, seconds, loads);
  }

  /** Each number of streams with each batch that it can fill; one stream alone waits for nobody. */
  private List<Load> loads() {
    List<Load> loads = new ArrayList<>();
    for (int count : streams) {
      for (int batch : batches) {
        for (double wait : batch == 1 ? List.of(0.) : waits) {
          Load some = new Load(count, Math.min(batch, count), wait);
          if (!loads.contains(some) && (batch <= count || batch == batches.getFirst())) {
            loads.add(some);
          }
        }
      }
    }
    return loads;
  }

  private void positive(String option, List<Integer> values) {
    values.forEach(value -> require(value >= 1, option + " must be at least 1, but is " + value));
  }

  private void require(boolean condition, String sentence) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), sentence);
    }
  }

  private static void measure(
      Task task, String classPath, RunFolder folder, List<StreamRow> rows, List<String> failures)
      throws IOException, InterruptedException {
    ForkedJvm.run(
        new ForkedJvm.Job(
            classPath,
            List.of(),
            StreamsFork.class,
            List.of(Json.COMPACT.writeValueAsString(task)),
            Map.of("OMP_NUM_THREADS", "1")),
        message -> {
          if (message.tag().equals(StreamsFork.FAILURE)) {
            failures.add(message.as(String.class));
            return;
          }
          StreamRow row = message.as(StreamRow.class);
          rows.add(row);
          folder.writeJson(Runs.STREAMS, rows);
          System.out.println(StreamTable.line(row));
        });
  }
}
