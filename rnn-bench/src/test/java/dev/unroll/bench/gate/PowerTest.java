package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.gate.Decision.Verdict;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

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

  private static Decision decide(long seed, double ratio) {
    return JUDGE.decide(evidence(Synthetic.pairs(6, seed, "x", ratio))).getFirst();
  }

  private static List<Judge.Evidence> evidence(List<Pair> pairs) {
    return List.of(Judge.evidence(pairs, new Gated("x", List.of("gemm")), 0));
  }
}
