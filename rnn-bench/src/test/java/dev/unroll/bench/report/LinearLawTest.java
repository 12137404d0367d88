package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.bench.report.LinearLaw.Observation;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class LinearLawTest {
  @Test
  void fitsALine() {
    LinearLaw law = LinearLaw.fit(points(x -> 3 + 2 * x, 0));
    assertThat(law.fixed()).isEqualTo(3, within(1e-6));
    assertThat(law.slope()).isEqualTo(2, within(1e-6));
    assertThat(law.rSquared()).isEqualTo(1, within(1e-9));
    assertThat(law.straight()).isTrue();
  }

  @Test
  void intervalsCoverTheSlopeOfANoisyLine() {
    int inside = 0;
    for (int seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      LinearLaw law =
          LinearLaw.fit(points(x -> (3 + 2 * x) * (1 + 0.03 * random.nextGaussian()), 0));
      inside += Math.abs(law.slope() - 2) <= law.slopeError() ? 1 : 0;
    }
    assertThat(inside).isBetween(180, 199);
  }

  @Test
  void saysWhenALineIsNotStraight() {
    assertThat(LinearLaw.fit(points(x -> x * x, 0)).straight()).isFalse();
  }

  @Test
  void aPointWithinItsOwnIntervalIsNotOffTheLine() {
    List<Observation> observations =
        List.of(
            new Observation(1, 2, 0),
            new Observation(10, 20, 0),
            new Observation(100, 200, 0),
            new Observation(50, 150, 60));
    assertThat(LinearLaw.fit(observations).straight()).isTrue();
  }

  @Test
  void refusesFewerThanThreePoints() {
    assertThatThrownBy(() -> LinearLaw.fit(List.of(new Observation(1, 1, 0))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Observation> points(DoubleUnaryOperator law, double error) {
    return DoubleStream.of(1, 8, 32, 128, 512, 1024)
        .mapToObj(x -> new Observation(x, law.applyAsDouble(x), error))
        .toList();
  }
}
