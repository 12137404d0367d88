package dev.unroll.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("widths")
class DotProductTest {
  private static final float EPSILON = 1e-6f;
  private static final int AT = 5;

  private final float[] partial = Buffers.floats(DotProduct.LANES);

  private static double square(float[] x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += (double) x[AT + i] * x[AT + i];
    }
    return sum;
  }

  /** What is added in which order is the definition, so the bits are those of 16 plain sums. */
  @ParameterizedTest
  @ValueSource(ints = {16, 48, 64, 160})
  void sumsEvery16thTermAndThenATree(int n) {
    Random random = new Random(n);
    float[] a = RandomFloats.uniform(random, AT + n);
    float[] b = RandomFloats.uniform(random, n);
    float[] sums = new float[16];
    for (int i = 0; i < n; i++) {
      sums[i % 16] = Math.fma(a[AT + i], b[i], sums[i % 16]);
    }
    for (int apart = 8; apart > 0; apart /= 2) {
      for (int i = 0; i < apart; i++) {
        sums[i] += sums[i + apart];
      }
    }
    assertThat(DotProduct.sum(a, AT, b, 0, n, partial)).isEqualTo(sums[0]);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 48, 64, 160})
  void aVectorGetsTheLengthAskedForWhereverItIsWritten(int n) {
    float[] x = RandomFloats.uniform(new Random(n), AT + n + 1);
    float[] z = new float[n + 2];
    float[] inPlace = x.clone();
    float scale = DotProduct.normalize(z, 1, x, AT, n, .25f, EPSILON, partial);
    DotProduct.normalize(inPlace, AT, inPlace, AT, n, .25f, EPSILON, partial);

    assertThat(scale).isCloseTo((float) (.25 / Math.sqrt(square(x, n) + EPSILON)), within(1e-6f));
    for (int i = 0; i < n; i++) {
      assertThat(z[1 + i]).isEqualTo(x[AT + i] * scale).isEqualTo(inPlace[AT + i]);
    }
    assertThat(z[0]).isZero();
    assertThat(z[n + 1]).isZero();
    assertThat(inPlace[AT + n]).isEqualTo(x[AT + n]);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 64})
  void aVectorOfZerosStaysOne(int n) {
    float[] x = new float[n];
    assertThat(DotProduct.normalize(x, 0, x, 0, n, 1f, EPSILON, partial))
        .isEqualTo(1f / (float) Math.sqrt(EPSILON));
    assertThat(x).containsOnly(0f);
  }
}
