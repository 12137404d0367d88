package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.run.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Runs of the drill, what they leave, and backends that something happens to. */
final class Runs {
  private Runs() {}

  /** What happens when so many trials have been kept. */
  interface Mishap {
    void at(int kept) throws IOException;
  }

  /** A backend during whose runs something happens; it is not closed with them. */
  record Meddled(Backend backend, Mishap mishap) implements Backend {
    @Override
    public int width(Experiment experiment, List<Trial> trials) {
      return backend.width(experiment, trials);
    }

    @Override
    public long memory() {
      return backend.memory();
    }

    @Override
    public void run(Sweep sweep, List<Request> requests, Listener listener) throws IOException {
      backend.run(sweep, requests, new Meddling(listener));
    }

    private final class Meddling implements Listener {
      private final Listener listener;
      private int kept;

      Meddling(Listener listener) {
        this.listener = listener;
      }

      @Override
      public void progress(Trial trial, double fraction, String message) {
        listener.progress(trial, fraction, message);
      }

      @Override
      public void status(String message) {
        listener.status(message);
      }

      @Override
      public synchronized void finished(Trial trial, Attempt attempt) throws IOException {
        listener.finished(trial, attempt);
        mishap.at(++kept);
      }

      @Override
      public void failed(Trial trial, String why) {
        listener.failed(trial, why);
      }
    }
  }

  /** A backend whose run is given up after so many trials. */
  static Backend givenUpAfter(int trials, Backend backend) {
    return new Meddled(
        backend,
        kept -> {
          if (kept == trials) {
            throw new InputException("given up");
          }
        });
  }

  /** Runs the drill; what was printed is added to {@code printed}. */
  static Path drill(
      Backend backend, Path root, Map<String, String> overrides, ByteArrayOutputStream printed)
      throws IOException {
    return new Runner(
            new Runner.Options(false, null, overrides, backend, root, false),
            new PrintStream(printed, true, StandardCharsets.UTF_8))
        .run(Drill.EXPERIMENT);
  }

  static Path drill(Backend backend, Path root, Map<String, String> overrides) throws IOException {
    return drill(backend, root, overrides, new ByteArrayOutputStream());
  }

  /** Every file but the provenance and the reports, which tell times. */
  static Map<String, String> files(Path run) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(run)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("provenance.json") && !name.startsWith("report.")) {
          contents.put(name, Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return contents;
  }

  /** The only run below {@code root}. */
  static Path only(Path root) throws IOException {
    try (Stream<Path> runs = Files.list(root)) {
      return runs.findFirst().orElseThrow();
    }
  }

  /** The finished trials of a run that is going on. */
  static List<String> records(Path run) throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    return Files.exists(metrics) ? Files.readAllLines(metrics) : List.of();
  }
}
