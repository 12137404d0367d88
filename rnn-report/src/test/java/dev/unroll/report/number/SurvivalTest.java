package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against the weeks of remission of Freireich and others (1963). */
class SurvivalTest {
  private static final Survival TREATED =
      sample("6+ 6 6 6 7 9+ 10+ 10 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
  private static final Survival PLACEBO =
      sample("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23");

  @Test
  void theCurveIsThatOfTheTextbooks() {
    List<Survival.Step> curve = TREATED.curve();
    assertThat(curve)
        .extracting(Survival.Step::time)
        .containsExactly(6., 7., 10., 13., 16., 22., 23.);
    assertThat(curve).extracting(Survival.Step::atRisk).containsExactly(21, 17, 15, 12, 11, 7, 6);
    double[] survival = {.857143, .806723, .752941, .690196, .627451, .537815, .448179};
    double[] low = {.619718, .563147, .503200, .431610, .367511, .267779, .188052};
    double[] high = {.951552, .922809, .889362, .849066, .804912, .746791, .680143};
    for (int i = 0; i < survival.length; i++) {
      assertThat(curve.get(i).survival()).isCloseTo(survival[i], within(1e-6));
      assertThat(curve.get(i).low()).isCloseTo(low[i], within(1e-6));
      assertThat(curve.get(i).high()).isCloseTo(high[i], within(1e-6));
    }
  }

  @Test
  void mediansAre23And8Weeks() {
    assertThat(TREATED.median()).isEqualTo(23);
    assertThat(TREATED.medianInterval()).isEqualTo(new Interval(13, Double.POSITIVE_INFINITY));
    assertThat(PLACEBO.median()).isEqualTo(8);
    assertThat(PLACEBO.medianInterval()).isEqualTo(new Interval(4, 11));
  }

  @Test
  void aMediansPValuesAgreeWithItsInterval() {
    Estimate treated = Estimate.median(TREATED);
    assertThat(treated.value()).isEqualTo(23);
    assertThat(treated.interval()).isEqualTo(TREATED.medianInterval());
    assertThat(treated.pAtLeast(12.9)).isLessThan(.025);
    assertThat(treated.pAtLeast(13)).isGreaterThan(.025);
    assertThat(treated.pAtMost(1000)).isGreaterThan(.025);
    Estimate placebo = Estimate.median(PLACEBO);
    assertThat(placebo.pAtLeast(3.9)).isLessThan(.025);
    assertThat(placebo.pAtLeast(4)).isGreaterThan(.025);
    assertThat(placebo.pAtMost(10.9)).isGreaterThan(.025);
    assertThat(placebo.pAtMost(11)).isLessThan(.025);
    assertThat(placebo.pAtMost(23)).isCloseTo(Math.pow(.5, 21), within(1e-12));
    assertThat(placebo.pAtLeast(.5)).isCloseTo(Math.pow(.5, 21), within(1e-12));
  }

  @Test
  void theLogRankTestGives1679() {
    Survival.LogRank test = PLACEBO.logRank(TREATED);
    assertThat(test.chiSquare()).isCloseTo(16.7929, within(1e-4));
    assertThat(test.p()).isCloseTo(4.1688e-5, within(1e-8));
    // 21 events where 10.749 are expected
    assertThat(test.excess()).isCloseTo(10.251, within(1e-3));
    Estimate ratio = Estimate.hazardRatio(PLACEBO, TREATED);
    assertThat(ratio.value()).isCloseTo(10.2505 / 6.2570, within(1e-3));
    assertThat(ratio.n()).isEqualTo(42);
    assertThat(2 * ratio.pAtLeast(0)).isCloseTo(test.p(), within(1e-9));
    assertThat(Estimate.hazardRatio(TREATED, PLACEBO).value())
        .isCloseTo(-ratio.value(), within(1e-12));
  }

  @Test
  void whereNoneGetsThereTheMedianIsInfiniteWithoutAnInterval() {
    Estimate late = Estimate.median(sample("9+ 9+ 9+ 9+ 9+ 9+"));
    assertThat(late.value()).isInfinite();
    assertThat(late.interval()).isNull();
    assertThat(late.method()).startsWith("none: ");
  }

  @Test
  void halfThatNeverGetThereHaveNoMedian() {
    Survival few = sample("5 7 9 100+ 100+ 100+ 100+ 100+ 100+ 100+");
    assertThat(few.median()).isNaN();
    assertThat(few.medianInterval().high()).isInfinite();
  }

  @Test
  void allAtOnceBoundTheMedianWhereTenSeedsDoAndNotFive() {
    assertThat(sample("7 7 7 7 7 7 7 7 7 7").medianInterval()).isEqualTo(new Interval(7, 7));
    assertThat(sample("7 7 7 7 7").medianInterval())
        .isEqualTo(new Interval(7, Double.POSITIVE_INFINITY));
  }

  @Test
  void samplesWithoutEventsCannotBeCompared() {
    Survival never = sample("100+ 100+");
    Estimate estimate = Estimate.hazardRatio(never, never);
    assertThat(estimate.interval()).isNull();
    assertThat(estimate.pAtLeast(-9)).isEqualTo(1);
    assertThat(never.logRank(never).p()).isEqualTo(1);
    assertNotNull(Estimate.hazardRatio(never, sample("5 7")).interval());
    assertThatThrownBy(() -> Survival.of(new double[2], new boolean[1]))
        .hasMessageContaining("2 times and 1 flags");
  }

  /** Times, with a plus where no event came. */
  private static Survival sample(String text) {
    String[] each = text.split(" ", -1);
    boolean[] events = new boolean[each.length];
    for (int i = 0; i < each.length; i++) {
      events[i] = !each[i].endsWith("+");
    }
    return Survival.of(
        Arrays.stream(each).mapToDouble(one -> Double.parseDouble(one.replace("+", ""))).toArray(),
        events);
  }
}
