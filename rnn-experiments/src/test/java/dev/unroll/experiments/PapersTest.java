package dev.unroll.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.TrialRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The papers' experiments, at sizes of seconds. */
class PapersTest {
  private static final double[] INFINITE = {Double.POSITIVE_INFINITY};

  @TempDir private Path root;

  private Path run(String name, String folder, int threads, String settings) throws IOException {
    Map<String, String> overrides =
        Arrays.stream(settings.split(" "))
            .collect(Collectors.toMap(s -> s.split("=")[0], s -> s.split("=")[1]));
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Runner.Options options =
        new Runner.Options(
            false,
            List.of(1L, 2L),
            overrides,
            new ThreadPool(threads),
            root.resolve(folder),
            false);
    return new Runner(options, nowhere).run(Experiments.named(name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "horizon | lengths=2,40 variants=rnn_tanh:default,rnn_tanh:orthogonal hidden_size=16"
            + " steps=80 samples=32 window=10 embedding_size=8 learning_rates=.01,.02"
            + " tuning_seeds=1",
        "gain-phase | lengths=2,30 gains=.4,1.1 hidden_size=16 steps=80 samples=32 window=10"
            + " learning_rates=.01",
        "chrono-law | lengths=2,3,4 factors=0,1 cells=gru hidden_size=12 steps=150 samples=24"
            + " window=10 learning_rates=.02",
        "adding | lengths=4 test_lengths=4,8 variants=rnn_tanh:default,lstm:chrono hidden_size=12"
            + " steps=60 samples=16 window=20 test_samples=50 learning_rates=.001,.01"
            + " tuning_length=4 tuning_seeds=1",
        "copy-memory | lengths=2 variants=rnn_tanh:default,lstm:chrono hidden_size=12 steps=40"
            + " samples=8 window=10 learning_rates=.01",
        "parity | shortest=2 longest=3 test_lengths=2,6 variants=lstm:default,min_gru:default"
            + " hidden_size=8 steps=60 samples=16 test_samples=30 window=20 learning_rates=.01",
        "word-problems | groups=z2,s3 length=8 test_lengths=8,12"
            + " variants=gru:default,min_gru_signed:default hidden_size=8 embedding_size=4 steps=60"
            + " samples=16 test_samples=30 window=20 learning_rates=.01,.02 tuning_seeds=1",
        "formal-languages | length=8 test_lengths=8,12 variants=gru:default,lstm:default"
            + " hidden_size=8 embedding_size=4 steps=60 samples=16 test_samples=30 window=20"
            + " learning_rates=.01,.02 tuning_seeds=1",
        "recall | lengths=8,16 steps_per_pair=8 keys=3 data_tokens=2 vocab_size=6 least_further=8"
            + " variants=lstm:default,gated_delta:default hidden_size=8 embedding_size=8 steps=60"
            + " samples=8 window=20 bar=.3 learning_rates=.01,.02 tuning_seeds=1",
        "min-depth | lengths=3,6 data_tokens=2 cells=min_gru layers=1,2 hidden_size=12 steps=60"
            + " samples=16 learning_rates=.01",
        "lyapunov | variants=rnn_tanh:orthogonal-.5,rnn_tanh:gaussian-3,lstm:chrono,min_gru:default"
            + " hidden_size=12 lyapunov_steps=60 burn_in=10 drives=2 reach_length=30"
            + " newton_lengths=10,30 judged_length=30 lengths=2,20 steps=60 samples=16",
      })
  void claimsAreJudgedAndFilesDoNotDependOnTheThreads(String name, String settings)
      throws IOException {
    Path one = run(name, "one", 1, settings);
    Path two = run(name, "two", 2, settings);
    for (String file : List.of("metrics.jsonl", "result.json")) {
      assertThat(Files.readString(two.resolve(file)))
          .isEqualTo(Files.readString(one.resolve(file)));
    }
    Result result = ResultStore.read(one);
    assertThat(result.verdict().status()).isEqualTo("claims");
    assertThat(result.claims()).isNotEmpty();
    for (Claim claim : result.claims()) {
      assertThat(claim.verdict())
          .matches("(reproduced|contradicted|undecided|not tried|exploratory).*");
      assertThat(claim.source()).containsPattern("(19|20)\\d\\d");
    }
    assertThat(Files.readString(one.resolve("report.md"))).contains("## Claims");
    assertThat(result.charts()).isNotEmpty();
  }

  @Test
  void languageGivesTheReferenceItsOwnStepsAndNobodyMoreThanAll() throws IOException {
    Path text = root.resolve("text.txt");
    Files.writeString(text, "the quick brown fox jumps over the lazy dog\n".repeat(60));
    Path run =
        run(
            "language",
            "language",
            2,
            "text="
                + text
                + " variants=lstm:default,min_gru:default embedding_size=8 hidden_size=16"
                + " seq_length=8 batch_size=8 learning_rates=.01,.02 steps=24 eval_every=6"
                + " equal_steps=12 clock_steps=2 clock_rounds=2");
    Result result = ResultStore.read(run);
    List<TrialRecord> tested =
        Files.readAllLines(run.resolve("metrics.jsonl")).stream()
            .map(line -> dev.unroll.report.run.Json.COMPACT.readValue(line, TrialRecord.class))
            .toList();
    // Looked at after 0, 1, 3, 6, 12, 18 and 24 steps; the reference has 12.
    for (String variant : List.of("lstm:default", "min_gru:default")) {
      double sum = 0;
      for (long seed : List.of(1L, 2L)) {
        double[] clock = one(tested, "clock", "", seed).numbers("milliseconds");
        double[] curve = one(tested, "training", variant, seed).numbers("held_out_curve");
        assertThat(curve).hasSize(7);
        double steps = variant.equals("lstm:default") ? 12 : Math.min(24, 12 * clock[0] / clock[1]);
        double[] at = {0, 1, 3, 6, 12, 18, 24};
        int i = 0;
        while (i < 5 && at[i + 1] < steps) {
          i++;
        }
        double share = (steps - at[i]) / (at[i + 1] - at[i]);
        sum += curve[i] + share * (curve[i + 1] - curve[i]);
      }
      assertThat(mean(result, "held_out_loss_at_equal_time", variant))
          .isCloseTo(sum / 2, within(1e-12));
    }
    assertThat(tested.stream().filter(one -> one.is("kind", "clock")))
        .allSatisfy(
            one -> assertThat(one.numbers("milliseconds")).hasSize(2).doesNotContain(INFINITE));
    assertThat(result.claims())
        .filteredOn(claim -> claim.measured() != null)
        .extracting(Claim::id)
        .containsExactly("time-does-not-turn-it");
  }

  private static TrialRecord one(
      List<TrialRecord> records, String kind, String variant, long seed) {
    return records.stream()
        .filter(record -> record.is("kind", kind) && record.is("seed", seed))
        .filter(record -> variant.isEmpty() || record.is("variant", variant))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void horizonStopsAtTheFirstMissedLengthAndCountsSolvedOnes() throws IOException {
    Path run =
        run(
            "horizon",
            "ladder",
            2,
            "lengths=1,2,60,70 variants=rnn_tanh:default hidden_size=16 steps=100 samples=32"
                + " window=10 embedding_size=8 learning_rates=.01");
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    List<TrialRecord> records = new ArrayList<>();
    for (String line : lines) {
      records.add(dev.unroll.report.run.Json.COMPACT.readValue(line, TrialRecord.class));
    }
    assertThat(records).hasSize(2);
    for (TrialRecord record : records) {
      assertThat(record.number("horizon")).isEqualTo(2);
      assertThat(record.numbers("solved")).containsExactly(1, 1, 0, -1);
      assertThat(record.numbers("steps")[2]).isEqualTo(100);
    }
  }

  @Test
  void lyapunovFindsFewNewtonIterationsForForgetfulNetworksAndManyForChaoticOnes()
      throws IOException {
    Path run =
        run(
            "lyapunov",
            "axis",
            2,
            "variants=rnn_tanh:orthogonal-.3,rnn_tanh:gaussian-4,min_gru:default hidden_size=24"
                + " lyapunov_steps=300 burn_in=50 drives=2 reach_length=60 newton_lengths=20,80"
                + " judged_length=80 lengths=2 steps=20 samples=8");
    Result result = ResultStore.read(run);
    assertThat(mean(result, "largest_lyapunov_exponent", "rnn_tanh:orthogonal-.3")).isNegative();
    assertThat(mean(result, "largest_lyapunov_exponent", "rnn_tanh:gaussian-4")).isPositive();
    assertThat(mean(result, "newton_iterations", "rnn_tanh:orthogonal-.3")).isBetween(2.0, 12.0);
    assertThat(mean(result, "newton_iterations", "rnn_tanh:gaussian-4")).isGreaterThan(20);
    assertThat(mean(result, "newton_iterations", "min_gru:default")).isEqualTo(1);
    assertThat(mean(result, "gradient_reach", "rnn_tanh:gaussian-4"))
        .isGreaterThan(mean(result, "gradient_reach", "rnn_tanh:orthogonal-.3"));
  }

  /**
   * A tracked state makes right states a front, which a control's does not need; a linear cell is
   * solved at once; and what the cap on the work ended is counted.
   */
  @Test
  void learnedDynamicsTellsTrackingFromControlsAndCountsWhatTheCapEnded() throws IOException {
    String settings =
        "tasks=parity:4,last:4 variants=rnn_tanh:orthogonal,min_gru_signed:default hidden_size=16"
            + " embedding_size=8 steps=260 samples=32 learning_rates=.0001,.01 tuning_seeds=1"
            + " during=60 test_samples=40 test_multiples=1,4 lyapunov_steps=100 burn_in=20 drives=2"
            + " newton_lengths=30,60 long_lengths=90 solver_length=60 work=1e6";
    Path one = run("learned-dynamics", "one", 1, settings);
    Path two = run("learned-dynamics", "two", 2, settings);
    for (String file : List.of("metrics.jsonl", "result.json")) {
      assertThat(Files.readString(two.resolve(file)))
          .isEqualTo(Files.readString(one.resolve(file)));
    }
    for (String line : Files.readAllLines(one.resolve("metrics.jsonl"))) {
      TrialRecord record = dev.unroll.report.run.Json.COMPACT.readValue(line, TrialRecord.class);
      if (record.trial().has("tuning_learning_rate")) {
        assertThat(record.has("newton_after")).isFalse();
        continue;
      }
      assertThat(record.number("learned")).isEqualTo(1);
      double[] iterations = record.numbers("newton_after");
      if (record.is("variant", "min_gru_signed:default")) {
        assertThat(iterations).containsExactly(1, 1);
      } else if (record.is("task", "last:4")) {
        assertThat(iterations[1]).isLessThan(10);
        assertThat(record.numbers("newton_censored_after")).containsExactly(0, 0);
      } else {
        assertThat(iterations[0]).isGreaterThan(6);
        // 1e6 / (90 * 16 * 16)
        assertThat(record.numbers("long_after")[0]).isLessThanOrEqualTo(43);
        assertThat(record.numbers("scores")[1]).isGreaterThan(.9);
        double[] front = record.numbers("front");
        for (int i = 1; i < front.length; i++) {
          assertThat(front[i]).isGreaterThan(front[i - 1]);
        }
      }
    }
  }

  private static double mean(Result result, String figure, String variant) {
    return result.figures().stream()
        .filter(one -> one.name().equals(figure) && variant.equals(one.where().get("variant")))
        .reduce((shorter, longest) -> longest)
        .orElseThrow()
        .mean();
  }
}
