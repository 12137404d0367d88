package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Initializer;
import dev.unroll.run.Team;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The losses against their definitions in double. */
@Tag("widths")
class LossTest {
  private final RandomGenerator random = Initializer.random(17);

  private float[] draw(int size, double scale) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 2, 1", "7, 11, 1", "13, 65, 5", "5, 300, 30"})
  void crossEntropyMatchesItsDefinition(int rows, int classes, double scale) {
    float[] logits = draw(rows * classes, scale);
    int[] targets = new int[rows];
    for (int r = 0; r < rows; r++) {
      targets[r] = random.nextInt(classes);
    }
    double loss = 0;
    double[] gradient = new double[logits.length];
    for (int r = 0; r < rows; r++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        max = Math.max(max, logits[r * classes + k]);
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += Math.exp(logits[r * classes + k] - max);
      }
      loss += (Math.log(sum) + max - logits[r * classes + targets[r]]) / rows;
      for (int k = 0; k < classes; k++) {
        double p = Math.exp(logits[r * classes + k] - max) / sum;
        gradient[r * classes + k] = (p - (k == targets[r] ? 1 : 0)) / rows;
      }
    }
    SoftmaxCrossEntropy crossEntropy = new SoftmaxCrossEntropy(rows, classes, Team.single());
    assertThat(crossEntropy.forward(logits, targets)).isCloseTo(loss, within(1e-6 + 1e-6 * loss));
    for (int i = 0; i < logits.length; i++) {
      assertThat((double) logits[i]).isCloseTo(gradient[i], within(3e-7 / rows));
    }
  }

  @Test
  void maskedRowsAreInNeitherLossNorGradient() {
    float[] all = draw(4 * 3, 1);
    float[] two = new float[6];
    System.arraycopy(all, 0, two, 0, 3);
    System.arraycopy(all, 9, two, 3, 3);
    double expected = new SoftmaxCrossEntropy(2, 3, Team.single()).forward(two, new int[] {2, 0});
    SoftmaxCrossEntropy crossEntropy = new SoftmaxCrossEntropy(4, 3, Team.single());
    double loss =
        crossEntropy.forward(
            all, new int[] {2, SoftmaxCrossEntropy.MASKED, SoftmaxCrossEntropy.IGNORE_INDEX, 0});
    assertThat(loss).isEqualTo(expected);
    assertThat(crossEntropy.count()).isEqualTo(2);
    assertThat(all)
        .containsExactly(two[0], two[1], two[2], 0, 0, 0, 0, 0, 0, two[3], two[4], two[5]);
    assertThat(crossEntropy.forward(all.clone(), new int[] {-1, -1, 0, -1}))
        .as("of a row alone, after others") // three logits of 0
        .isCloseTo(Math.log(3), within(1e-6));
    assertThat(crossEntropy.forward(all, new int[] {-1, -1, -1, -1})).isZero();
    assertThat(all).containsOnly(0);
  }

  @Test
  void theGradientHasAnArrayOfItsOwnOrNone() {
    float[] logits = draw(61 * 37, 3);
    int[] targets = new int[61];
    for (int r = 0; r < 61; r++) {
      targets[r] = random.nextInt(38) - 1;
    }
    float[] inPlace = logits.clone();
    double loss = new SoftmaxCrossEntropy(61, 37, Team.single()).forward(inPlace, targets);
    float[] before = logits.clone();
    float[] gradient = draw(61 * 37, 3);
    try (Team team = new Team(3)) {
      SoftmaxCrossEntropy crossEntropy = new SoftmaxCrossEntropy(61, 37, team);
      assertThat(crossEntropy.forward(logits, targets, gradient)).isEqualTo(loss);
      assertThat(gradient).isEqualTo(inPlace);
      assertThat(logits).isEqualTo(before);
      int correct = crossEntropy.correct();
      assertThat(crossEntropy.forward(logits, targets, null)).isEqualTo(loss);
      assertThat(crossEntropy.correct()).isEqualTo(correct);
      assertThat(logits).isEqualTo(before);
    }
  }

  @Test
  void hugeLogitsStayFinite() {
    float[] logits = {1e30f, -1e30f, 0, -1e30f, 1e30f, 0};
    double loss = new SoftmaxCrossEntropy(2, 3, Team.single()).forward(logits, new int[] {0, 0});
    assertThat(loss).isCloseTo(1e30, within(1e24));
    assertThat(logits).containsExactly(0, 0, 0, -.5f, .5f, 0);
  }

  @Test
  void predictionsAreTheLargestLogits() {
    SoftmaxCrossEntropy crossEntropy = new SoftmaxCrossEntropy(3, 3, Team.single());
    crossEntropy.forward(new float[] {1, 3, 2, 5, 4, 5, 0, 0, 1}, new int[] {1, 2, -1});
    assertThat(crossEntropy.predictions()).containsExactly(1, 0, 2);
    assertThat(crossEntropy.correct()).isEqualTo(1);
  }

  @Test
  void threadsDoNotChangeABit() {
    float[] logits = draw(61 * 37, 3);
    int[] targets = new int[61];
    for (int r = 0; r < 61; r++) {
      targets[r] = random.nextInt(38) - 1;
    }
    float[] once = logits.clone();
    double loss = new SoftmaxCrossEntropy(61, 37, Team.single()).forward(once, targets);
    for (int threads = 2; threads <= 4; threads++) {
      float[] again = logits.clone();
      try (Team team = new Team(threads)) {
        assertThat(new SoftmaxCrossEntropy(61, 37, team).forward(again, targets)).isEqualTo(loss);
      }
      assertThat(again).isEqualTo(once);
    }
  }

  @Test
  void targetsOutOfRangeAreRefused() {
    float[] logits = {1, 2};
    SoftmaxCrossEntropy crossEntropy = new SoftmaxCrossEntropy(1, 2, Team.single());
    for (int target : new int[] {2, -2}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> crossEntropy.forward(logits, new int[] {target}))
          .withMessageStartingWith("Target 0 is " + target + ": 0 to 1 is expected");
    }
    assertThat(logits).containsExactly(1, 2);
  }

  @Test
  void squaredErrorIsTheMeanOverRowsThatCount() {
    float[] y = {1, 2, 3, 4, 5, 6};
    float[] target = {0, 0, 9, 9, 6, 8};
    boolean[] real = {true, false, true};
    float[] gradient = new float[6];
    double loss = MeanSquaredError.forward(3, 2, y, target, real, gradient);
    assertThat(loss).isEqualTo((1 + 4 + 1 + 4) / 4.0);
    assertThat(gradient).containsExactly(.5f, 1, 0, 0, -.5f, -1);
    assertThat(y).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(MeanSquaredError.forward(3, 2, y, target, real, y)).isEqualTo(loss);
    assertThat(y).containsExactly(gradient);
    assertThat(MeanSquaredError.forward(1, 2, new float[] {1, 3}, new float[2], null, null))
        .isEqualTo(5);
    assertThat(MeanSquaredError.forward(1, 1, y, target, new boolean[1], null)).isZero();
  }
}
