package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.gate.Decision.Verdict;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerTest {
  private static final Judge JUDGE = new Judge(1.01, new Accepted(""));

  @Test
  void whatTheReportSaysWouldShowDoesShowInAboutEightOfTen() {
    double detectable = 0;
    for (long seed = 1; seed <= 20; seed++) {
      detectable += Objects.requireNonNull(decide(seed, 1).detectable()) / 20;
    }
    int found = 0;
    for (long seed = 101; seed <= 200; seed++) {
      found += decide(seed, detectable).verdict() == Verdict.REGRESSED ? 1 : 0;
    }
    assertThat(found).isBetween(68, 92);
  }

  @Test
  void fewerPairsShowLess() {
    assertThat(Objects.requireNonNull(decide(5, 1).detectable()))
        .isGreaterThan(
            Objects.requireNonNull(
                JUDGE.decide(evidence(Synthetic.pairs(26, 5, "x", 1))).getFirst().detectable()));
  }

  @Test
  void pairsAreAddedUntilTheSlowdownWouldShow(@TempDir Path home) throws Exception {
    int[] counts = new int[2];
    for (int i = 0; i < 2; i++) {
      try (PairLog log = new PairLog(home.resolve("samples" + i), "x")) {
        Pairs pairs = new Pairs(new Drawn(), log);
        Gate gate = new Gate(6, 12, 10, 1.01, Clock.WALL, i == 0 ? 0 : 1.4);
        Decision decision = gate.decide(pairs, JUDGE).getFirst();
        counts[i] = decision.pairs();
        assertThat(Objects.requireNonNull(decision.detectable()) <= 1.014).isEqualTo(i == 1);
      }
    }
    assertThat(counts[0]).isLessThanOrEqualTo(12);
    assertThat(counts[1]).isGreaterThan(12);
  }

  @Test
  void theProcessorsTimeDecidesWhereItIsAskedFor() {
    List<long[]> slow = List.of(new long[] {200}, new long[] {201}, new long[] {202});
    List<long[]> fast = List.of(new long[] {100}, new long[] {101}, new long[] {102});
    Turn base =
        new Turn(Map.of("x", new Turn.Measured(0, Map.of(0, fast), Map.of(0, fast))), Map.of());
    Turn candidate =
        new Turn(Map.of("x", new Turn.Measured(0, Map.of(0, fast), Map.of(0, slow))), Map.of());
    List<Pair> pairs = Collections.nCopies(6, new Pair(true, base, candidate));
    assertThat(JUDGE.decide(evidence(pairs)).getFirst().verdict()).isEqualTo(Verdict.WITHIN_NOISE);
    Judge.Evidence byCpu = Judge.evidence(pairs, new Gated("x", List.of("gemm")), 0, Clock.CPU);
    assertThat(JUDGE.decide(List.of(byCpu)).getFirst().verdict()).isEqualTo(Verdict.REGRESSED);
  }

  /** Pairs out of a seed. */
  private static final class Drawn implements Sides {
    private long seed;

    @Override
    public Pair measure(boolean candidateFirst, boolean first, int... plants) {
      return Synthetic.pairs(1, ++seed, "x", 1).getFirst();
    }

    @Override
    public List<? extends Benchmark> benchmarks(List<Pair> pairs) {
      return List.of(new Gated("x", List.of("gemm")));
    }

    @Override
    public String pinning() {
      return "";
    }

    @Override
    public String planting() {
      return "";
    }

    @Override
    public void record(boolean candidate, String benchmark, Path recording) {
      throw new UnsupportedOperationException();
    }
  }

  private static Decision decide(long seed, double ratio) {
    return JUDGE.decide(evidence(Synthetic.pairs(6, seed, "x", ratio))).getFirst();
  }

  private static List<Judge.Evidence> evidence(List<Pair> pairs) {
    return List.of(Judge.evidence(pairs, new Gated("x", List.of("gemm")), 0, Clock.WALL));
  }
}
