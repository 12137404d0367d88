package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChangePointsTest {
  @Test
  void findsEachNewLevelAtItsFirstValue() {
    Random random = new Random(5);
    double[] values =
        IntStream.range(0, 60)
            .mapToDouble(i -> (i < 20 ? 100 : i < 45 ? 105 : 98) + random.nextGaussian())
            .toArray();
    assertThat(ChangePoints.of(values)).containsExactly(20, 45);
  }

  @Test
  void aStepWithoutNoiseIsFound() {
    assertThat(ChangePoints.of(new double[] {1, 1, 1, 2, 2, 2})).containsExactly(3);
  }

  @Test
  void noiseAloneRarelyChanges() {
    int alarms = 0;
    for (int seed = 0; seed < 200; seed++) {
      double[] values = new Random(seed).doubles(30).toArray();
      alarms += ChangePoints.of(values).isEmpty() ? 0 : 1;
    }
    assertThat(alarms).isLessThanOrEqualTo(8);
  }

  @Test
  void fewPointsTellNothing() {
    assertThat(ChangePoints.of(new double[] {1, 1, 9, 9, 9})).isEmpty();
    assertThat(ChangePoints.of(new double[0])).isEmpty();
    double[] same = new double[20];
    Arrays.fill(same, 3);
    assertThat(ChangePoints.of(same)).isEmpty();
  }
}
