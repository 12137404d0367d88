package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.report.CompareCommand.Verdict;
import org.junit.jupiter.api.Test;

class VerdictTest {
  @Test
  void theIntervalDecidesTheVerdict() {
    assertThat(Verdict.of(0.97, 1.04, 0.05)).isEqualTo(Verdict.NO_CHANGE);
    assertThat(Verdict.of(1.01, 1.20, 0.05)).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(Verdict.of(0.90, 0.99, 0.05)).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(Verdict.of(1.06, 1.20, 0.05)).isEqualTo(Verdict.REGRESSED);
    assertThat(Verdict.of(0.70, 0.90, 0.05)).isEqualTo(Verdict.IMPROVED);
  }
}
