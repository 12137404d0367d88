package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord.Failure;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.run.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

class RunnerTest {
  @TempDir private Path root;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  /** Draws numbers, slower for some trials than for others; trial 2 can be made to stop. */
  private static final class Draws implements Experiment<Draws.Config> {
    final AtomicInteger runs = new AtomicInteger();
    int dieAfter = Integer.MAX_VALUE;

    record Config(int trials, boolean stop) {}

    @Override
    public String name() {
      return "draws";
    }

    @Override
    public String summary() {
      return "a test";
    }

    @Override
    public Config defaults() {
      return new Config(6, false);
    }

    @Override
    public Config quick() {
      return new Config(2, false);
    }

    @Override
    public int defaultSeeds() {
      return 2;
    }

    @Override
    public List<Trial> trials(Config config, long seed) {
      return IntStream.range(0, config.trials())
          .mapToObj(i -> Trial.of(seed).with("i", i).withWork(i + 1))
          .toList();
    }

    @Override
    public ObjectNode run(Config config, Trial trial, TrialContext context) {
      if (runs.incrementAndGet() > dieAfter) {
        throw new IllegalStateException("killed");
      }
      if (config.stop() && trial.number("i") == 2) {
        throw new TrialStopped(new Failure(17, 1e9, "The gradients exploded."));
      }
      SplittableRandom random = context.random("draws" + trial.number("i"));
      double sum = 0;
      for (int i = 0; i < 1000 * (7 - trial.number("i")); i++) {
        sum += random.nextGaussian();
      }
      context.progress(.5);
      context.timing("speed", 3);
      return Json.COMPACT.createObjectNode().put("sum", sum);
    }

    @Override
    public Conclusion conclude(Outcome<Config> outcome) {
      XYChart chart = Charts.xy("Sums", "trial", "sum");
      double[] sums = outcome.each("sum");
      Charts.points(
          chart,
          "sums",
          Ink.BLUE,
          IntStream.range(0, sums.length).asDoubleStream().toArray(),
          sums);
      return new Conclusion(
          new Result.Story("Why?", "So.", "", "It did.", "Because."),
          List.of(Figure.of("sum", Map.of(), "", sums).withBand(Band.around(0, 1e6))),
          List.of(),
          List.of(new Result.Table("Sums", List.of("n"), List.of(List.of("" + sums.length)))),
          List.of(new Chart("sums", "The sums.", chart)));
    }
  }

  private Path run(Draws draws, String folder, int threads, Map<String, String> overrides)
      throws IOException {
    Runner.Options options =
        new Runner.Options(false, null, overrides, threads, root.resolve(folder), false);
    return new Runner(options, new PrintStream(printed, true, StandardCharsets.UTF_8)).run(draws);
  }

  /** Every file but the provenance and the report with it, which tell times. */
  private static Map<String, String> files(Path run) throws IOException {
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

  @Test
  void parallelAndSerialRunsLeaveTheSameBytes() throws IOException {
    Path serial = run(new Draws(), "serial", 1, Map.of());
    Path parallel = run(new Draws(), "parallel", 4, Map.of());
    assertThat(files(serial).keySet())
        .containsExactly("config.json", "metrics.jsonl", "result.json", "sums.png");
    assertThat(files(parallel)).isEqualTo(files(serial));
    assertThat(Files.readString(serial.resolve("metrics.jsonl"))).doesNotContain("speed");
    assertThat(Sessions.read(serial).sessions().getFirst().timings())
        .containsEntry("i=0 seed=1 speed", 3.0);
  }

  @Test
  void anInterruptedRunGoesOnAndEndsWithTheSameBytes() throws IOException {
    Path whole = run(new Draws(), "whole", 1, Map.of());
    Draws dying = new Draws();
    dying.dieAfter = 5;
    assertThatThrownBy(() -> run(dying, "torn", 1, Map.of())).hasMessage("killed");
    Path torn = root.resolve("torn").resolve("draws");
    Files.writeString(
        torn.resolve("metrics.jsonl"),
        "{\"trial\":{\"i\":5,",
        java.nio.file.StandardOpenOption.APPEND);
    Draws again = new Draws();
    run(again, "torn", 2, Map.of());
    assertThat(again.runs).hasValue(7);
    assertThat(files(torn)).isEqualTo(files(whole));
    assertThat(Sessions.read(torn).sessions()).hasSize(2);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("continues where it stopped");
  }

  @Test
  void aFinishedRunIsLeftAlone() throws IOException {
    run(new Draws(), "again", 2, Map.of());
    Draws again = new Draws();
    run(again, "again", 2, Map.of());
    assertThat(again.runs).hasValue(0);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("finished already");
  }

  @Test
  void aStoppedTrialDoesNotStopTheSweep() throws IOException {
    Path run = run(new Draws(), "stopped", 2, Map.of("stop", "true"));
    assertThat(run.getFileName()).hasToString("draws-stop=true");
    Result result = ResultStore.read(run);
    assertThat(result.failures()).hasSize(2);
    assertThat(result.failures().getFirst()).contains("step 17").contains("exploded");
    assertThat(result.figures().getFirst().n()).isEqualTo(10);
    assertThat(result.verdict().status()).isEqualTo("not judged");
  }

  @Test
  void seedsGiveStreamsOfTheirOwn() {
    Set<Double> drawn = new HashSet<>();
    for (long seed = 1; seed <= 20; seed++) {
      for (String purpose : List.of("weights", "data")) {
        SplittableRandom random =
            new TrialContext(Trial.of(seed), root, (fraction, message) -> {}).random(purpose);
        for (int i = 0; i < 100; i++) {
          drawn.add(random.nextDouble());
        }
      }
    }
    assertThat(drawn).hasSize(20 * 2 * 100);
  }
}
