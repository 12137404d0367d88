package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.bench.report.ScalingLaw.Timing;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScalingLawTest {
  @Test
  void fitsTheUniversalScalabilityLaw() {
    ScalingLaw law = ScalingLaw.fit(timings(0.05, 0.002, 0, 1, 2, 4, 8, 16));
    assertThat(law.universal()).isTrue();
    assertThat(law.sigma()).isEqualTo(0.05, within(1e-9));
    assertThat(law.kappa()).isEqualTo(0.002, within(1e-9));
    assertThat(law.best()).isEqualTo(Math.sqrt(0.95 / 0.002), within(1e-6));
    assertThat(law.speedUp(8)).isEqualTo(8 / (1 + 0.05 * 7 + 0.002 * 56), within(1e-9));
    assertThat(law.most()).isEqualTo(law.speedUp(22));
  }

  @Test
  void intervalCoversANoisySerialShare() {
    int inside = 0;
    for (int seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      List<Timing> noisy =
          timings(0.05, 0.002, 0, 1, 2, 3, 4, 6, 8, 12, 16).stream()
              .map(t -> new Timing(t.threads(), t.time() * (1 + 0.01 * random.nextGaussian()), 0))
              .toList();
      ScalingLaw law = ScalingLaw.fit(noisy);
      inside += Math.abs(law.sigma() - 0.05) <= law.sigmaError() ? 1 : 0;
    }
    assertThat(inside).isBetween(180, 199);
  }

  @Test
  void fitsAmdahlsLawToTwoNumbersOfThreads() {
    ScalingLaw law = ScalingLaw.fit(timings(0.2, 0, 1, 1, 2));
    assertThat(law.universal()).isFalse();
    assertThat(law.sigma()).isEqualTo(0.2, within(1e-9));
    assertThat(law.kappa()).isZero();
    assertThat(law.most()).isEqualTo(5, within(1e-9));
    // 1 % of each of two times of 100 and 60, twice over: time(2) / time(1) = sigma / 2 + 1 / 2.
    assertThat(law.sigmaError()).isEqualTo(2 * 0.6 * Math.hypot(0.01, 1 / 60.0), within(1e-3));
  }

  @Test
  void threadsThatDoNotHinderEachOtherHaveNoBestNumber() {
    ScalingLaw law = ScalingLaw.fit(timings(0.1, 0, 0, 1, 2, 4, 8));
    assertThat(law.kappa()).isEqualTo(0, within(1e-9));
    assertThat(law.speedUp(4)).isEqualTo(4 / 1.3, within(1e-6));
    ScalingLaw perfect = ScalingLaw.fit(timings(0, 0, 0, 1, 2));
    assertThat(perfect.most()).isInfinite();
  }

  @Test
  void neitherParameterIsNegative() {
    // Faster than so many threads can be: nothing is serial, and nothing hinders.
    ScalingLaw law = ScalingLaw.fit(timings(-0.1, 0.05, 0, 1, 2, 4, 8));
    assertThat(law.sigma()).isZero();
    assertThat(law.kappa()).isPositive();
  }

  @Test
  void refusesTimesWithoutOneThread() {
    assertThatThrownBy(() -> ScalingLaw.fit(timings(0, 0, 0, 2, 4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Timing> timings(double sigma, double kappa, double error, int... threads) {
    return IntStream.of(threads)
        .mapToObj(n -> new Timing(n, 100 * (1 + sigma * (n - 1) + kappa * n * (n - 1)) / n, error))
        .toList();
  }
}
