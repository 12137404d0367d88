package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord.Failure;
import dev.unroll.report.run.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerTest {
  @TempDir private Path root;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private static final Setting<Integer> TRIALS = Setting.count("trials", 1);
  private static final Setting<Integer> STOP = Setting.count("stop", 0);

  /** Draws numbers, slower for some trials than for others; trial 2 can be made to stop. */
  private static final class Draws {
    final AtomicInteger runs = new AtomicInteger();
    int dieAfter = Integer.MAX_VALUE;

    Experiment experiment() {
      return Experiment.of("draws", this::trial)
          .settings(new Settings().with(TRIALS, 6).with(STOP, 0))
          .quick(full -> full.with(TRIALS, 2))
          .seeds(2)
          .over(Axis.of("i", all -> IntStream.range(0, all.get(TRIALS)).boxed().toList()))
          .work((all, trial) -> trial.number("i") + 1)
          .measure(Measure.of("sum"))
          .table(Table.of("Sums of ${trials} trials").rows("i").column("sum", "sum"))
          .plot(Plot.lines("sums", "sum", "i").title("Sums").axes("trial", "sum").caption("Sums."));
    }

    private Measured trial(TrialContext trial) {
      if (runs.incrementAndGet() > dieAfter) {
        throw new IllegalStateException("killed");
      }
      int index = trial.number("i");
      if (trial.get(STOP) == 1 && index == 2) {
        throw new TrialStopped(new Failure(17, 1e9, "The gradients exploded."));
      }
      SplittableRandom random = trial.random("draws" + index);
      double sum = 0;
      for (int i = 0; i < 1000 * (7 - index); i++) {
        sum += random.nextGaussian();
      }
      trial.progress(.5);
      trial.timing("speed", 3);
      return new Measured().put("sum", sum).put("pair", new double[] {1, 2});
    }
  }

  private Path run(Draws draws, String folder, int threads, Map<String, String> overrides)
      throws IOException {
    Runner.Options options =
        new Runner.Options(
            false, null, overrides, new ThreadPool(threads), root.resolve(folder), false);
    return new Runner(options, new PrintStream(printed, true, StandardCharsets.UTF_8))
        .run(draws.experiment());
  }

  /** Every file but the provenance and the reports, which tell times. */
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
  void oneAndFourThreadsLeaveTheSameBytes() throws IOException {
    Path serial = run(new Draws(), "serial", 1, Map.of());
    Path parallel = run(new Draws(), "parallel", 4, Map.of());
    assertThat(files(serial).keySet())
        .containsExactly("charts.json", "config.json", "metrics.jsonl", "result.json", "sums.png");
    assertThat(files(parallel)).isEqualTo(files(serial));
    assertThat(Files.readString(serial.resolve("metrics.jsonl"))).doesNotContain("speed");
    assertThat(Sessions.read(serial).sessions().getFirst().timings())
        .containsEntry("i=0 seed=1 speed", 3.0);
  }

  @Test
  void aRunThatDiedIsResumedAndEndsWithTheSameBytes() throws IOException {
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
  void trialsThatMeasureTimeRunAfterTheOthersOneByOne() throws IOException {
    CyclicBarrier beside = new CyclicBarrier(2);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    Axis index = Axis.of("i", all -> List.of(1, 2));
    Experiment clocked =
        Experiment.of(
                "draws",
                trial -> {
                  order.add("begin " + trial.text("kind"));
                  if (trial.text("kind").equals("work")) {
                    await(beside); // which trials one by one would never pass
                  }
                  order.add("end " + trial.text("kind"));
                  return new Measured().put("sum", 1.0);
                })
            .settings(new Settings().with(TRIALS, 2).with(STOP, 0))
            .seeds(1)
            .part("kind", "clock")
            .over(index)
            .oneAtATime()
            .part("kind", "work")
            .over(index)
            .measure(Measure.of("sum").only("kind", "work"));
    Runner.Options options =
        new Runner.Options(false, null, Map.of(), new ThreadPool(4), root.resolve("clock"), false);
    new Runner(options, new PrintStream(printed, true, StandardCharsets.UTF_8)).run(clocked);
    assertThat(order)
        .containsExactly(
            "begin work",
            "begin work",
            "end work",
            "end work",
            "begin clock",
            "end clock",
            "begin clock",
            "end clock");
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException never) {
      throw new IllegalStateException(never);
    }
  }

  @Test
  void aFinishedRunIsNotRunAgain() throws IOException {
    run(new Draws(), "again", 2, Map.of());
    Draws again = new Draws();
    run(again, "again", 2, Map.of());
    assertThat(again.runs).hasValue(0);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("finished already");
  }

  @Test
  void aListThatWasCutIsToldInASentence() throws IOException {
    Experiment pairs =
        new Draws().experiment().measure(Measure.of("second", record -> record.numbers("pair")[1]));
    Runner runner =
        new Runner(
            new Runner.Options(false, null, Map.of(), new ThreadPool(1), root, false),
            new PrintStream(printed));
    Path run = runner.run(pairs);
    Path trials = run.resolve("metrics.jsonl");
    Files.delete(run.resolve("result.json"));
    Files.writeString(trials, Files.readString(trials).replaceAll(",2(\\.0)?]", "]"));
    assertThatThrownBy(() -> runner.run(pairs))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(trials + " are not all what 'draws' measures (Index 1 out of bounds");
  }

  @Test
  void otherTrialsFinishWhenOneStops() throws IOException {
    Path run = run(new Draws(), "stopped", 2, Map.of("stop", "1"));
    assertThat(run.getFileName().toString()).matches("draws-[0-9a-f]{8}");
    Result result = ResultStore.read(run);
    assertThat(result.failures()).hasSize(2);
    assertThat(result.failures().getFirst()).contains("step 17").contains("exploded");
    assertThat(result.figures()).hasSize(5).allMatch(figure -> figure.n() == 2);
    assertThat(result.verdict().status()).isEqualTo("not judged");
  }

  @Test
  void randomStreamsDifferBetweenSeedsAndPurposes() {
    Set<Double> drawn = new HashSet<>();
    for (long seed = 1; seed <= 20; seed++) {
      for (String purpose : List.of("weights", "data")) {
        SplittableRandom random =
            new TrialContext(new Settings(), Trial.of(seed), root, (fraction, message) -> {})
                .random(purpose);
        for (int i = 0; i < 100; i++) {
          drawn.add(random.nextDouble());
        }
      }
    }
    assertThat(drawn).hasSize(20 * 2 * 100);
  }
}
