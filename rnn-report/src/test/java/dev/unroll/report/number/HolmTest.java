package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HolmTest {
  @Test
  void adjustsThePValuesOfBenjaminiAndHochberg() {
    // The 15 comparisons of Benjamini and Hochberg (1995), section 4, in another order.
    double[] p = {
      .0344, .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0459, .3240, .4262, .5719, .6528,
      .7590, 1
    };
    assertThat(Holm.adjusted(p))
        .containsExactly(
            new double[] {
              .2780, .0015, .0056, .0247, .1140, .2211, .2780, .2780, .3213, 1, 1, 1, 1, 1, 1
            },
            within(1e-12));
  }

  @Test
  void keepsTheOrderAndNeverFalls() {
    assertThat(Holm.adjusted(.01, .04, .03, .005))
        .containsExactly(new double[] {.03, .06, .06, .02}, within(1e-12));
    assertThat(Holm.adjusted()).isEmpty();
    assertThatThrownBy(() -> Holm.adjusted(.5, Double.NaN)).hasMessageContaining("from 0 to 1");
  }
}
