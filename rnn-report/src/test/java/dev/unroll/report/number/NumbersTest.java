package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void studentAgreesWithTheTables() {
    // n = 5, mean 3, sd sqrt(2.5), t(.975, 4) = 2.776445: half width 1.963243.
    Interval interval = Interval.student(1, 2, 3, 4, 5);
    assertNotNull(interval);
    assertThat(interval.low()).isCloseTo(3 - 1.963243, within(1e-5));
    assertThat(interval.high()).isCloseTo(3 + 1.963243, within(1e-5));
    assertThat(Interval.student(1)).isNull();
  }

  @Test
  void bootstrapStaysWithinTheValuesAndRepeats() {
    double[] accuracies = {1, 1, 1, .1, 1, 1, .2, 1};
    Interval interval = Interval.bootstrap(accuracies);
    assertNotNull(interval);
    assertThat(interval.high()).isLessThanOrEqualTo(1);
    assertThat(interval.low()).isGreaterThanOrEqualTo(.1).isLessThan(interval.high());
    assertThat(Interval.bootstrap(accuracies)).isEqualTo(interval);
  }

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
