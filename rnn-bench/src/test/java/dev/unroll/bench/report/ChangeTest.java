package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChangeTest {
  @Test
  void theIntervalDecidesTheChange() {
    assertThat(Change.of(0.97, 1.04, 0.05)).isEqualTo(Change.NO_CHANGE);
    assertThat(Change.of(1.01, 1.20, 0.05)).isEqualTo(Change.WITHIN_NOISE);
    assertThat(Change.of(0.90, 0.99, 0.05)).isEqualTo(Change.WITHIN_NOISE);
    assertThat(Change.of(1.06, 1.20, 0.05)).isEqualTo(Change.REGRESSED);
    assertThat(Change.of(0.70, 0.90, 0.05)).isEqualTo(Change.IMPROVED);
  }
}
