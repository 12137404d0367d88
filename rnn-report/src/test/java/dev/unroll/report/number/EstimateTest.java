package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class EstimateTest {
  /** Control group of Efron and Tibshirani (1993), table 2.1. */
  private static final double[] MICE = {52, 104, 146, 10, 51, 30, 40, 27, 46};

  private static final double[] PILED = {1, 1, 1, .1, 1, 1, .2, 1};

  @Test
  void studentAgreesWithTheTables() {
    // n = 5, mean 3, sd sqrt(2.5), t(.975, 4) = 2.776445: half width 1.963243.
    Estimate estimate = Estimate.mean(1, 2, 3, 4, 5);
    assertThat(interval(estimate).low()).isCloseTo(3 - 1.963243, within(1e-5));
    assertThat(interval(estimate).high()).isCloseTo(3 + 1.963243, within(1e-5));
    assertThat(estimate.value()).isEqualTo(3);
    assertThat(estimate.sd()).isCloseTo(1.581139, within(1e-6));
    // t(.95, 4) = 2.131847
    assertThat(estimate.pAtLeast(3 - 2.131847 * estimate.sd() / Math.sqrt(5)))
        .isCloseTo(.05, within(1e-6));
  }

  @Test
  void theBootstrapAgreesWithEfronAndTibshirani() {
    // Section 12.5: the 90 % bootstrap-t interval is (35.82, 116.74), from 1,000 resamples.
    Estimate estimate = Estimate.bootstrap(MICE);
    assertThat(estimate.value()).isCloseTo(56.22, within(.005));
    assertThat(estimate.pAtLeast(35.82)).isCloseTo(.05, within(.01));
    assertThat(estimate.pAtMost(116.74)).isCloseTo(.05, within(.01));
    assertThat(Estimate.bootstrap(MICE).interval()).isEqualTo(estimate.interval());
  }

  @Test
  void fractionsAgreeWithTheTables() {
    assertInterval(Estimate.fraction(ones(7, 10)), .34755, .93326);
    assertInterval(Estimate.fraction(ones(10, 10)), .69150, 1);
    assertInterval(Estimate.fraction(ones(0, 20)), 0, .16843);
    assertInterval(Estimate.fraction(ones(20, 20)), .83157, 1);
    assertInterval(Estimate.fraction(ones(5, 20)), .08657, .49105);
    // 7 or more of 10 where one in two is expected: 176 of 1,024
    assertThat(Estimate.fraction(ones(7, 10)).pAtLeast(.5)).isCloseTo(.171875, within(1e-9));
    // 5 ones, 13 zeros and 2 that may be either
    double[] some = ones(5, 20);
    Arrays.fill(some, 18, 20, Double.NaN);
    Estimate partly = Estimate.fraction(some);
    assertInterval(partly, .08657, interval(Estimate.fraction(ones(7, 20))).high());
    assertThat(partly.value()).isEqualTo(5. / 18);
    assertThat(partly.method()).isEqualTo("Clopper-Pearson, 95 %, 2 not known");
    assertThat(partly.pAtMost(.5)).isEqualTo(Estimate.fraction(ones(7, 20)).pAtMost(.5));
    assertThat(partly.pAtLeast(.1)).isEqualTo(Estimate.fraction(ones(5, 20)).pAtLeast(.1));
    assertThatThrownBy(() -> Estimate.fraction(.5)).hasMessageContaining("0 and 1, not of 0.5");
  }

  @Test
  void anIntervalLeavesOutABoundWhereItsPValueIsBelowOneInForty() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20; i++) {
      double[] skewed = random.doubles(10).map(x -> -Math.log(x)).toArray();
      double[] times = random.ints(10, 1, 8).asDoubleStream().toArray();
      boolean[] events = new boolean[10];
      for (int j = 0; j < events.length; j++) {
        events[j] = random.nextInt(4) > 0;
      }
      for (Estimate estimate :
          List.of(
              Estimate.mean(skewed),
              Estimate.bootstrap(skewed),
              Estimate.mean(skewed).within(.5, 1.1),
              Estimate.bounded(0, 9, skewed),
              Estimate.bounded(0, Double.POSITIVE_INFINITY, skewed),
              Estimate.fraction(DoubleStream.of(skewed).map(x -> x > 1 ? 1 : 0).toArray()),
              Estimate.hazardRatio(Survival.of(skewed, events), Survival.of(times, events)))) {
        Interval interval = interval(estimate);
        assertThat(estimate.pAtLeast(interval.low() - 1e-6)).isLessThan(.025);
        assertThat(estimate.pAtMost(interval.high() + 1e-6)).isLessThan(.025);
        if (interval.low() < interval.high()) {
          assertThat(estimate.pAtLeast(interval.low() + 1e-6)).isGreaterThanOrEqualTo(.025);
          assertThat(estimate.pAtMost(interval.high() - 1e-6)).isGreaterThanOrEqualTo(.025);
        }
      }
    }
  }

  @Test
  void anIntervalStaysWithinTheRangeOfItsQuantity() {
    // .75^8 of the resamples are only ones: these values set no lower end of their own
    assertThat(interval(Estimate.bootstrap(PILED)).low()).isInfinite();
    Estimate accuracy = Estimate.bounded(0, 1, PILED);
    assertThat(interval(accuracy).low()).isBetween(.3, .5);
    assertThat(interval(accuracy).high()).isBetween(.9, 1.);
    assertThat(accuracy.pAtLeast(-.01)).isZero();
    assertThat(accuracy.pAtLeast(1.01)).isEqualTo(1);
    assertThat(accuracy.pAtMost(1.01)).isZero();
    Estimate clipped = Estimate.mean(PILED).within(0, 1);
    assertThat(interval(clipped).high()).isEqualTo(1);
    assertThat(clipped.pAtMost(1)).isGreaterThanOrEqualTo(.025);
    assertThat(clipped.pAtMost(1.01)).isZero();
    assertThatThrownBy(() -> Estimate.bounded(0, 1, 1.5))
        .hasMessageContaining("1.5 lies outside its quantity's range, 0.0 to 1.0");
  }

  @Test
  void gaffkesBoundsOfOnesAndZeroesAreClopperAndPearsons() {
    Interval exact = interval(Estimate.fraction(ones(10, 10)));
    Interval bounds = interval(Estimate.bounded(0, 1, ones(10, 10)));
    assertThat(bounds.low()).isCloseTo(exact.low(), within(.01));
    assertThat(bounds.high()).isEqualTo(1);
    exact = interval(Estimate.fraction(ones(9, 10)));
    bounds = interval(Estimate.bounded(0, 1, ones(9, 10)));
    assertThat(bounds.low()).isCloseTo(exact.low(), within(.01));
    // values close together say more by themselves than the range does
    double[] close = {.9, .91, .92, .9, .93, .91, .92, .89, .9, .92};
    assertThat(interval(Estimate.bounded(0, 1, close)))
        .isEqualTo(interval(Estimate.bootstrap(close)));
    // a quantity without an upper end, such as a squared error
    assertThat(interval(Estimate.bounded(0, Double.POSITIVE_INFINITY, PILED)).low())
        .isBetween(.3, .5);
    assertInterval(Estimate.bounded(0, Double.POSITIVE_INFINITY, new double[10]), 0, 0);
  }

  @Test
  void valuesAllTheSameGiveAPointAndOneValueNone() {
    for (Estimate same :
        List.of(Estimate.mean(.1, .1, .1), Estimate.bootstrap(.1, .1, .1, .1, .1))) {
      assertInterval(same, .1, .1);
      assertThat(same.pAtLeast(.09)).isZero();
      assertThat(same.pAtLeast(.1)).isEqualTo(1);
    }
    for (Estimate one : List.of(Estimate.mean(3), Estimate.bounded(0, 5, 3))) {
      assertThat(one.interval()).isNull();
      assertThat(one.pAtLeast(-100)).isEqualTo(1);
      assertThat(one.method()).isEqualTo("none: one trial");
    }
    for (double odd : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (Estimate none :
          List.of(
              Estimate.mean(odd, 1),
              Estimate.bootstrap(1, 2, 3, 4, 5, odd),
              Estimate.bounded(0, Double.POSITIVE_INFINITY, 1, 2, 3, 4, 5, odd))) {
        assertThat(none.interval()).isNull();
        assertThat(none.pAtLeast(0)).isEqualTo(1);
        assertThat(none.pAtMost(0)).isEqualTo(1);
      }
    }
    assertThatThrownBy(Estimate::mean).hasMessageContaining("at least one value");
  }

  @Test
  void fewerThanFiveValuesAreNotResampled() {
    assertThat(Estimate.bootstrap(1, 2, 4).interval()).isEqualTo(Estimate.mean(1, 2, 4).interval());
    assertThat(Estimate.bootstrap(1, 2, 4).method()).startsWith("Student");
    assertThat(Estimate.bootstrap(1, 2, 4, 5, 9).method()).startsWith("studentized");
  }

  private static void assertInterval(Estimate estimate, double low, double high) {
    assertThat(interval(estimate).low()).isCloseTo(low, within(1e-5));
    assertThat(interval(estimate).high()).isCloseTo(high, within(1e-5));
  }

  private static Interval interval(Estimate estimate) {
    Interval interval = estimate.interval();
    assertNotNull(interval);
    return interval;
  }

  private static double[] ones(int count, int n) {
    return DoubleStream.iterate(0, i -> i < n, i -> i + 1).map(i -> i < count ? 1 : 0).toArray();
  }
}
