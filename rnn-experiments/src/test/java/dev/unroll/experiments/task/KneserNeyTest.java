package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class KneserNeyTest {
  private static final Offset<Double> EXACT = within(1e-12);

  /**
   * By hand. In a b a b c a d the bigrams are ab 2, ba 1, bc 1, ca 1 and ad 1: four of them occur
   * once and one twice, so that the discount is 4 / (4 + 2) = 2/3. Of the five kinds of bigrams two
   * end in a and one each in b, c and d: three continuations of one and one of two, a discount of 3
   * / (3 + 2) = 3/5.
   */
  @Test
  void twoTokensAsByHand() {
    int[] text = {0, 1, 0, 1, 2, 0, 3};
    KneserNey model = new KneserNey(text, 5, 2);
    double even = 1.0 / 5;
    double left = 4 * .6 / 5 * even; // to the even guess from four kinds of five continuations
    double a = (2 - .6) / 5 + left;
    double b = (1 - .6) / 5 + left;
    double e = left; // never seen
    double discount = 2.0 / 3;
    // a is followed by b twice and by d once.
    assertThat(model.probability(new int[] {0, 1}, 1))
        .isCloseTo((2 - discount) / 3 + 2 * discount / 3 * b, EXACT);
    assertThat(model.probability(new int[] {0, 0}, 1)).isCloseTo(2 * discount / 3 * a, EXACT);
    assertThat(model.probability(new int[] {0, 4}, 1)).isCloseTo(2 * discount / 3 * e, EXACT);
    // Nothing follows d, so that the order below decides, as it does at the beginning.
    assertThat(model.probability(new int[] {3, 0}, 1)).isCloseTo(a, EXACT);
    assertThat(model.probability(new int[] {0}, 0)).isCloseTo(a, EXACT);
    assertThat(model.loss(new int[] {0, 4}))
        .isCloseTo(-(StrictMath.log(a) + StrictMath.log(2 * discount / 3 * e)) / 2, EXACT);
  }

  @Test
  void whatMayFollowAddsUpToOne() {
    SplittableRandom random = new SplittableRandom(1);
    int[] text = random.ints(300, 0, 6).map(token -> token * token / 6).toArray();
    for (int order = 1; order <= 6; order++) {
      KneserNey model = new KneserNey(text, 7, order);
      for (int i = 0; i < 50; i++) {
        int[] place = random.ints(order, 0, 7).toArray();
        double sum = 0;
        for (int token = 0; token < 7; token++) {
          place[order - 1] = token;
          sum += model.probability(place, order - 1);
        }
        assertThat(sum).isCloseTo(1, EXACT);
      }
    }
  }

  /** Each token is decided by the two before it and, by one alone, by nobody. */
  @Test
  void theOrderIsChosenByOtherText() {
    SplittableRandom random = new SplittableRandom(2);
    int[] text = new int[4000];
    for (int i = 0; i < text.length; i++) {
      text[i] =
          i < 2 || random.nextInt(10) == 0
              ? random.nextInt(4)
              : (text[i - 1] + 3 * text[i - 2]) % 4;
    }
    int[] first = java.util.Arrays.copyOf(text, 2000);
    int[] second = java.util.Arrays.copyOfRange(text, 2000, 4000);
    KneserNey best = KneserNey.best(first, second, 4, 9);
    assertThat(best.order()).isEqualTo(3);
    assertThat(best.loss(second)).isLessThan(.6);
    assertThat(KneserNey.best(first, second, 4, 2).loss(second)).isGreaterThan(1.2);
  }
}
