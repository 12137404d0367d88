package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.TrialRecord.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningTest {
  private static final Setting<Integer> TRIALS = Setting.count("trials", 1);
  private static final Setting<Integer> AT = Setting.count("tuning_length", 1);
  private static final Setting<Double> RATE = Setting.positive("rate");
  private static final Setting<List<Double>> RATES = Setting.numbers("rates");

  @TempDir private Path root;
  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
  private int dieAfter = Integer.MAX_VALUE;

  private Experiment experiment() {
    Axis name = Axis.of("name", all -> List.of("high", "tie", "stops"));
    return Experiment.of("rates", this::trial)
        .settings(
            new Settings()
                .with(TRIALS, 1)
                .with(RATES, .1, .3, .9)
                .with(Tuning.SEEDS, 2)
                .with(AT, 7))
        .seeds(2, 11)
        .tuned(
            new Tuning(
                RATE,
                RATES,
                "mean score",
                one -> one.number("score"),
                Map.of("length", AT),
                List.of(name)))
        .over(name)
        .over(Axis.of("length", all -> List.of(5, 6)))
        .measure(Measure.of("sum", "rate_used"))
        .table(Table.of("Rates").rows("name").column("rate", "sum"))
        .plot(Plot.lines("sums", "sum", "length").by("name").title("Sums").axes("l", "s"));
  }

  /** "high" is best at .3, "tie" scores the same everywhere, "stops" stops once at its best. */
  private Measured trial(TrialContext trial) {
    if (ran.size() >= dieAfter) {
      throw new IllegalStateException("killed");
    }
    double rate = trial.get(RATE);
    String name = trial.text("name");
    ran.add(name + " " + trial.number("length") + " " + trial.seed() + " " + rate);
    if (name.equals("stops") && rate == .9 && trial.seed() == 1002) {
      throw new TrialStopped(new Failure(3, 1, "The loss is NaN."));
    }
    double score =
        switch (name) {
          case "high" -> -Math.abs(rate - .3);
          case "tie" -> .5;
          default -> rate;
        };
    long steps = rate == .9 ? 10 : 20; // decides where scores tie
    return new Measured().put("score", score).put("steps", steps).put("rate_used", rate);
  }

  private Path run(String folder, int threads, Map<String, String> overrides) throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Runner(
            new Runner.Options(
                false, null, overrides, new ThreadPool(threads), root.resolve(folder), false),
            nowhere)
        .run(experiment());
  }

  private static double rate(Result result, String name) {
    return result.figures().stream()
        .filter(figure -> name.equals(figure.where().get("name")))
        .findFirst()
        .orElseThrow()
        .mean();
  }

  @Test
  void testedSeedsRunWithTheBestOfTheOthers() throws IOException {
    Path run = run("plain", 3, Map.of());
    Result result = ResultStore.read(run);
    assertThat(result.seeds()).containsExactly(11L, 12L);
    assertThat(rate(result, "high")).isEqualTo(.3);
    assertThat(rate(result, "tie")).isEqualTo(.9); // the fewest steps
    assertThat(rate(result, "stops")).isEqualTo(.3); // .9 scores best where it does not stop
    // 3 names, 3 rates, 2 seeds at the tuning length; then 3 names, 2 lengths, 2 seeds.
    assertThat(ran).hasSize(18 + 12);
    assertThat(ran.subList(0, 18)).allMatch(one -> one.matches("\\w+ 7 100[12] .*"));
    assertThat(result.figures()).hasSize(6).allMatch(figure -> figure.n() == 2);
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertThat(lines.getFirst())
        .startsWith(
            "{\"trial\":{\"name\":\"high\",\"length\":7,\"tuning_rate\":0.1,\"seed\":1001}");
    assertThat(lines).filteredOn(line -> line.contains("tuning_rate")).hasSize(18);
    Result.Table table = result.tables().getLast();
    assertThat(table.title()).contains("rate").contains("seeds").contains("length = 7");
    assertThat(table.rows().getFirst())
        .containsExactly("high", "-0.200 (20)", "0.00 (20)", "-0.600 (10)", "0.3");
    assertThat(table.rows().getLast().subList(3, 5)).containsExactly("stopped", "0.3");
  }

  @Test
  void aTuningThatDiedIsResumedAndEndsWithTheSameBytes() throws IOException {
    Path whole = run("whole", 1, Map.of());
    for (int death : new int[] {5, 18, 25}) {
      ran.clear();
      dieAfter = death;
      String folder = "torn" + death;
      assertThatThrownBy(() -> run(folder, 1, Map.of())).hasMessage("killed");
      dieAfter = Integer.MAX_VALUE;
      Path torn = run(folder, 3, Map.of());
      // A trial that had just begun when the other died may not have been written: it runs again.
      assertThat(ran).hasSizeBetween(30, 31);
      assertThat(Set.copyOf(ran)).hasSize(30);
      for (String file : List.of("metrics.jsonl", "result.json")) {
        assertThat(Files.readString(torn.resolve(file)))
            .isEqualTo(Files.readString(whole.resolve(file)));
      }
    }
  }

  @Test
  void oneCandidateIsTakenWithoutATrial() throws IOException {
    Result result = ResultStore.read(run("one", 1, Map.of("rates", ".1")));
    assertThat(ran).hasSize(12).allMatch(one -> one.endsWith(" 0.1"));
    assertThat(result.tables()).hasSize(1);
  }
}
