package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.kernel.RandomFloats;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class GradientClippingTest {
  private static Parameters gradients(float... gradients) {
    Parameters parameters = new Parameters();
    parameters.add("w", gradients.length);
    System.arraycopy(gradients, 0, parameters.gradients(), 0, gradients.length);
    return parameters;
  }

  @Test
  void byValueClamps() {
    Parameters parameters = gradients(-7, -5, -1, 0, 3, 5.5f, Float.POSITIVE_INFINITY);
    GradientClipping.byValue(parameters, 5);
    assertThat(parameters.gradients()).containsExactly(-5, -5, -1, 0, 3, 5, 5);
  }

  @Test
  void byGlobalNormScalesDown() {
    Parameters parameters = gradients(3, 4);
    assertThat(GradientClipping.byGlobalNorm(parameters, 1)).isEqualTo(5);
    assertThat(parameters.gradients()[0]).isCloseTo(.6f, within(1e-6f));
    assertThat(parameters.gradients()[1]).isCloseTo(.8f, within(1e-6f));
  }

  /** What is added to the norm, as PyTorch does, halves this. */
  @Test
  void aTinyNormIsScaledByHalf() {
    Parameters parameters = gradients(1e-6f);
    GradientClipping.byGlobalNorm(parameters, 1e-6);
    assertThat(parameters.gradients()[0]).isCloseTo(.5e-6f, within(1e-12f));
  }

  @Test
  void byGlobalNormKeepsGradientsBelowTheLimit() {
    Parameters parameters = gradients(.3f, .4f);
    assertThat(GradientClipping.byGlobalNorm(parameters, 1)).isCloseTo(.5, within(1e-7));
    assertThat(parameters.gradients()).containsExactly(.3f, .4f);
  }

  @Test
  void normCoversAllElementsOfAnyNumber() {
    RandomGenerator random = Initializer.random(5);
    for (int size = 1; size < 20; size++) {
      float[] values = RandomFloats.gaussian(random, size);
      double sum = 0;
      for (float value : values) {
        sum += (double) value * value;
      }
      assertThat(GradientClipping.globalNorm(gradients(values)))
          .isCloseTo(Math.sqrt(sum), within(1e-12));
    }
  }

  @Test
  void refusesANegativeLimit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GradientClipping.byGlobalNorm(gradients(1), Double.NaN))
        .withMessageContaining("largest norm is NaN");
  }
}
