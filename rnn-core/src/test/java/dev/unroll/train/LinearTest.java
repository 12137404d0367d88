package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.kernel.RandomFloats;
import dev.unroll.run.Team;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linear and Embedding against their definitions in double. */
@Tag("widths")
class LinearTest {
  private final RandomGenerator random = Initializer.random(19);

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, true",
    "5, 3, 7, true",
    "6, 19, 16, false",
    "50, 3, 5, false",
    "33, 64, 65, true",
    "700, 9, 130, true",
    "17, 100, 2, true"
  })
  void linearMatchesItsDefinition(int rows, int inputs, int outputs, boolean bias) {
    Parameters parameters = new Parameters();
    Linear linear = new Linear(parameters, "fc.", inputs, outputs, bias);
    System.arraycopy(
        RandomFloats.gaussian(random, parameters.size()),
        0,
        parameters.values(),
        0,
        parameters.size());
    parameters.changed();
    float[] before = RandomFloats.gaussian(random, parameters.size());
    System.arraycopy(before, 0, parameters.gradients(), 0, before.length);
    float[] x = RandomFloats.gaussian(random, rows * inputs);
    float[] dy = RandomFloats.gaussian(random, rows * outputs);
    float[] y = RandomFloats.gaussian(random, rows * outputs);
    float[] dx = RandomFloats.gaussian(random, rows * inputs);
    linear.forward(Team.single(), rows, x, y);
    linear.backward(Team.single(), rows, x, dy, dx);

    float[] w = parameters.values();
    double[] gradients = new double[w.length];
    double[] expectedDx = new double[dx.length];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < outputs; o++) {
        double sum = bias ? w[outputs * inputs + o] : 0;
        double d = dy[r * outputs + o];
        for (int i = 0; i < inputs; i++) {
          sum += (double) w[o * inputs + i] * x[r * inputs + i];
          gradients[o * inputs + i] += d * x[r * inputs + i];
          expectedDx[r * inputs + i] += d * w[o * inputs + i];
        }
        if (bias) {
          gradients[outputs * inputs + o] += d;
        }
        assertThat((double) y[r * outputs + o]).isCloseTo(sum, within(1e-6 * (8 + inputs)));
      }
    }
    for (int i = 0; i < w.length; i++) {
      assertThat((double) parameters.gradients()[i] - before[i])
          .isCloseTo(gradients[i], within(1e-6 * (8 + rows)));
    }
    for (int i = 0; i < dx.length; i++) {
      assertThat((double) dx[i]).isCloseTo(expectedDx[i], within(1e-6 * (8 + outputs)));
    }
    float[] once = parameters.gradients().clone();
    for (int threads = 2; threads <= 4; threads++) {
      System.arraycopy(before, 0, parameters.gradients(), 0, before.length);
      float[] yAgain = RandomFloats.gaussian(random, y.length);
      float[] dxAgain = RandomFloats.gaussian(random, dx.length);
      try (Team team = new Team(threads)) {
        linear.forward(team, rows, x, yAgain);
        linear.backward(team, rows, x, dy, dxAgain);
      }
      assertThat(yAgain).isEqualTo(y);
      assertThat(dxAgain).isEqualTo(dx);
      assertThat(parameters.gradients()).isEqualTo(once);
    }
  }

  /** What a backward pass needs does not come from the forward pass of as many threads and rows. */
  @Test
  void backwardNeedsNoForwardLikeIt() {
    Parameters parameters = new Parameters();
    Linear linear = new Linear(parameters, "fc.", 1, 1, false);
    parameters.values()[0] = 3;
    parameters.changed();
    linear.forward(Team.single(), 1, new float[1], new float[1]);
    float[] ones = new float[40];
    Arrays.fill(ones, 1);
    float[] dx = new float[40];
    try (Team team = new Team(3)) {
      linear.backward(team, 40, ones, ones, dx);
    }
    assertThat(dx).containsOnly(3);
    assertThat(parameters.gradients()).containsExactly(40);
  }

  @Test
  void changedWeightsArePackedAgain() {
    Parameters parameters = new Parameters();
    Linear linear = new Linear(parameters, "fc.", 1, 1, true);
    float[] y = new float[1];
    float[] dx = new float[1];
    for (float w = 1; w < 4; w++) {
      parameters.values()[0] = w;
      parameters.changed();
      linear.forward(Team.single(), 1, new float[] {2}, y);
      linear.backward(Team.single(), 1, new float[] {2}, new float[] {3}, dx);
      assertThat(y).containsExactly(2 * w);
      assertThat(dx).containsExactly(3 * w);
    }
  }

  @Test
  void embeddingLooksRowsUpAndAddsTheirGradients() {
    Parameters parameters = new Parameters();
    Embedding embedding = new Embedding(parameters, "embedding.", 3, 2);
    System.arraycopy(new float[] {1, 2, 3, 4, 5, 6}, 0, parameters.values(), 0, 6);
    float[] x = new float[6];
    embedding.forward(3, new int[] {2, 0, 2}, x);
    assertThat(x).containsExactly(5, 6, 1, 2, 5, 6);
    parameters.gradients()[0] = 100;
    embedding.backward(3, new int[] {2, 0, 2}, new float[] {1, 2, 3, 4, 5, 6});
    assertThat(parameters.gradients()).containsExactly(103, 4, 0, 0, 6, 8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> embedding.forward(1, new int[] {3}, x))
        .withMessage("Token 0 is 3: the vocabulary has ids 0 to 2.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> embedding.forward(1, new int[] {-1}, x))
        .withMessage("Token 0 is -1: the vocabulary has ids 0 to 2.");
  }
}
