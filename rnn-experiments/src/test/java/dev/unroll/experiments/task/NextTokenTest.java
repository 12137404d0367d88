package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NextTokenTest {
  private static final int START = 3;

  /** The second token is decided by its place and the one before it, the third by nothing. */
  private static List<int[]> sequences(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return Stream.generate(() -> random.nextInt(3))
        .limit(count)
        .map(a -> new int[] {START, a, (a + 1) % 3, random.nextInt(3), 4})
        .toList();
  }

  @Test
  void inventedNamesKeepTheirLaws() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 500; i++) {
      assertThat(InventedNames.draw(random)).matches(InventedNames::isLawful).hasSizeBetween(5, 15);
    }
    assertThat(InventedNames.isLawful("tostruvat")).isTrue();
    assertThat(InventedNames.isLawful("tostrivat")).isFalse();
    assertThat(InventedNames.isLawful("tostruvas")).isFalse();
  }

  @Test
  void countsKnowWhatTheyCanKnow() {
    NextToken task =
        new NextToken(5, START, sequences(2000, 1), sequences(300, 2), sequences(300, 3));
    double three = StrictMath.log(3);
    // Two of the four tokens are drawn; the end is known by the place alone.
    assertThat(task.placed()).isCloseTo(2 * three / 4, within(.02));
    assertThat(task.counted(2)).isGreaterThan(task.placed() + .3);
    // Three tokens before tell the place as well.
    assertThat(task.countedBest(5)).isCloseTo(2 * three / 4, within(.03));
    assertThat(task.counted(1)).isCloseTo(StrictMath.log(4), within(.01));
  }
}
