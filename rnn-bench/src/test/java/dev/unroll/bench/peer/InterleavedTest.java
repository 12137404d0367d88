package dev.unroll.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InterleavedTest {
  @Test
  void ratioIsTheirMedianOverOurs() {
    double[] ours = {10, 11, 12, 13, 100};
    double[] theirs = {20, 22, 24, 26, 30};
    assertThat(Interleaved.ratio(theirs, ours)[0]).isEqualTo(2);
  }

  @Test
  void intervalCoversTheRatioAndShrinksWithRounds() {
    int inside = 0;
    double few = 0;
    double many = 0;
    for (long seed = 0; seed < 40; seed++) {
      double[] ratio = Interleaved.ratio(noisy(31, 3, 2 * seed), noisy(31, 2, 2 * seed + 1));
      assertThat(ratio[1]).isLessThanOrEqualTo(ratio[0]);
      assertThat(ratio[2]).isGreaterThanOrEqualTo(ratio[0]);
      inside += ratio[1] <= 1.5 && 1.5 <= ratio[2] ? 1 : 0;
      many += ratio[2] - ratio[1];
      double[] wide = Interleaved.ratio(noisy(6, 3, 2 * seed), noisy(6, 2, 2 * seed + 1));
      few += wide[2] - wide[1];
    }
    assertThat(inside).isGreaterThanOrEqualTo(34);
    assertThat(many).isLessThan(0.7 * few);
  }

  @Test
  void aRoundThatIsSlowForBothDoesNotChangeTheRatio() {
    double[] ours = {10, 10, 10, 90, 10};
    double[] theirs = {20, 20, 20, 180, 20};
    assertThat(Interleaved.ratio(theirs, ours)).containsExactly(2, 2, 2);
  }

  private static double[] noisy(int rounds, double median, long seed) {
    Random random = new Random(seed);
    double[] times = new double[rounds];
    Arrays.setAll(times, i -> median * Math.exp(0.1 * random.nextGaussian()));
    return times;
  }
}
