package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.bench.gate.Statistics.Figure;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.random.Well19937c;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  @Test
  void trimmedMeanDropsAFifthAtEachEnd() {
    assertThat(Statistics.trimmedMean(new double[] {1000, 2, 3, 4, -1000})).isEqualTo(3);
    assertThat(Statistics.trimmedMean(new double[] {1, 2, 6})).isEqualTo(3);
  }

  @Test
  void figureIsTheTenthPercentileOfAllCalls() {
    long[] slow = new long[100];
    long[] fast = new long[100];
    for (int i = 0; i < 100; i++) {
      slow[i] = 1000L + i;
      fast[i] = 500L + i;
    }
    Figure figure = Figure.of(List.of(slow, fast), new Well19937c(1));
    assertThat(Math.exp(figure.log())).isBetween(515.0, 525.0);
    assertThat(figure.resamples()).hasSize(60).contains(new double[] {figure.log()}, within(0.02));
  }

  @Test
  void intervalHoldsTheRatioAndShrinksWithPairs() {
    Statistics.Slowdown few = slowdown(6, 1.05);
    Statistics.Slowdown many = slowdown(40, 1.05);
    assertThat(few.low()).isLessThan(1.05);
    assertThat(few.high()).isGreaterThan(1.05);
    assertThat(many.high() - many.low()).isLessThan(few.high() - few.low());
    assertThat(few.pSlowerThan(1.01)).isLessThan(0.01);
    assertThat(few.pSlowerThan(1.20)).isEqualTo(1);
    assertThat(few.pFasterThan(0.99)).isEqualTo(1);
  }

  @Test
  void twoThreadsAreComparedByTheirFastestProcesses() {
    double[] base = {4, 1, 1, 4, 1, 4};
    double[] candidate = {3, 3, 9, 3, 9, 9};
    assertThat(Statistics.Estimator.of(2).logRatio(base, candidate)).isEqualTo(2);
    assertThat(Statistics.Estimator.of(1).logRatio(base, candidate)).isEqualTo(3.5);
  }

  @Test
  void refusesAnEstimateWithoutPairs() {
    assertThatThrownBy(
            () ->
                Statistics.slowdown(
                    List.of(), List.of(), Statistics.Estimator.of(1), new Well19937c(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs pairs");
  }

  private static Statistics.Slowdown slowdown(int pairs, double ratio) {
    List<Figure> base = new ArrayList<>();
    List<Figure> candidate = new ArrayList<>();
    Well19937c random = new Well19937c(5);
    for (Pair pair : Synthetic.pairs(pairs, 3, "x", ratio)) {
      base.add(Figure.of(Synthetic.slices(pair.base(), "x"), random));
      candidate.add(Figure.of(Synthetic.slices(pair.candidate(), "x"), random));
    }
    return Statistics.slowdown(base, candidate, Statistics.Estimator.of(1), random);
  }
}
