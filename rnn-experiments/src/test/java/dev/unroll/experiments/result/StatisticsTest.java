package dev.unroll.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  @Test
  void studentAgreesWithTheTables() {
    // n = 5, mean 3, sd sqrt(2.5), t(.975, 4) = 2.776445: half width 1.963243.
    Statistics.Interval interval = Statistics.student(1, 2, 3, 4, 5);
    assertNotNull(interval);
    assertThat(interval.low()).isCloseTo(3 - 1.963243, within(1e-5));
    assertThat(interval.high()).isCloseTo(3 + 1.963243, within(1e-5));
    assertThat(Statistics.student(1)).isNull();
  }

  @Test
  void bootstrapStaysWithinTheValuesAndRepeats() {
    double[] accuracies = {1, 1, 1, .1, 1, 1, .2, 1};
    Statistics.Interval interval = Statistics.bootstrap(accuracies);
    assertNotNull(interval);
    assertThat(interval.high()).isLessThanOrEqualTo(1);
    assertThat(interval.low()).isGreaterThanOrEqualTo(.1).isLessThan(interval.high());
    assertThat(Statistics.bootstrap(accuracies)).isEqualTo(interval);
  }

  @Test
  void aBandHasItsEndsInside() {
    assertThat(Band.around(.5, .25).contains(.75)).isTrue();
    assertThat(Band.around(.5, .25).contains(.7501)).isFalse();
    assertThat(Band.atLeast(1).contains(1)).isTrue();
    assertThat(Band.atMost(1).contains(1.1)).isFalse();
    assertThat(Band.around(.5, .25).text()).isEqualTo("0.5 ± 0.25");
  }

  @Test
  void aVerdictNamesWhatMissed() {
    Figure inside = Figure.of("a", Map.of("T", 5), "", 1, 1.1).withBand(Band.around(1, .1));
    Figure outside = Figure.of("b", Map.of("T", 5), "", 2, 2.1).withBand(Band.around(1, .1));
    assertThat(Result.Verdict.of(List.of(inside), List.of(), null).status()).isEqualTo("inside");
    Result.Verdict verdict = Result.Verdict.of(List.of(inside, outside), List.of(), null);
    assertThat(verdict.status()).isEqualTo("outside");
    assertThat(verdict.sentence()).contains("1 of 2").contains("b {T=5}").contains("1 ± 0.1");
  }

  @Test
  void plainNumbersAreShort() {
    assertThat(Statistics.plain(1)).isEqualTo("1");
    assertThat(Statistics.plain(.25)).isEqualTo("0.25");
    assertThat(Statistics.plain(-13.9)).isEqualTo("-13.9");
    assertThat(Statistics.plain(1e-9)).isEqualTo("1.0000e-09");
  }
}
