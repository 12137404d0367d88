package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void plainNumbersAreShort() {
    assertThat(Numbers.plain(1)).isEqualTo("1");
    assertThat(Numbers.plain(.25)).isEqualTo("0.25");
    assertThat(Numbers.plain(-13.9)).isEqualTo("-13.9");
    assertThat(Numbers.plain(.10020)).isEqualTo("0.1002");
    assertThat(Numbers.plain(1e-9)).isEqualTo("1e-09");
    assertThat(Numbers.plain(1.2e-9)).isEqualTo("1.2e-09");
  }
}
