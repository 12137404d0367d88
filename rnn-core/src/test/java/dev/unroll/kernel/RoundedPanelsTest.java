package dev.unroll.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What weights become in fewer bits, and products with them, to the bit. */
@Tag("widths")
class RoundedPanelsTest {
  private static float bf16(float w) {
    return Float.intBitsToFloat(Bf16Panels.round(w) << 16);
  }

  /** The 8 bits that stay end at 2^-7 for numbers from 1 to 2. */
  @Test
  void halvesAreRoundedToNearestEven() {
    float last = 0x1p-7f;
    float half = last / 2;
    assertThat(bf16(1 + half)).isEqualTo(1f);
    assertThat(bf16(Math.nextUp(1 + half))).isEqualTo(1 + last);
    assertThat(bf16(1 + 3 * half)).isEqualTo(1 + 2 * last);
    assertThat(bf16(Math.nextDown(1 + 3 * half))).isEqualTo(1 + last);
    assertThat(bf16(-1 - half)).isEqualTo(-1f);
    assertThat(bf16(-1 - 3 * half)).isEqualTo(-1 - 2 * last);
    assertThat(bf16(2 - half / 2)).isEqualTo(2f);
    assertThat(bf16(-0f)).isEqualTo(-0f);
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      float w = (float) random.nextGaussian();
      assertThat(Math.abs(bf16(w) - w)).isLessThanOrEqualTo(0x1p-8f * Math.abs(w));
    }
  }

  @Test
  void halvesKeepWhatIsNoNormalNumber() {
    assertThat(bf16(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(bf16(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(bf16(Float.intBitsToFloat(0x7f800001))).isNaN();
    assertThat(bf16(Float.intBitsToFloat(0xffffffff))).isNaN();
    assertThat(bf16(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(bf16(Math.nextDown(0x1.ffp127f))).isEqualTo(0x1.fep127f);
    assertThat(bf16(-0x1.ffp127f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(bf16(Float.MIN_VALUE)).isEqualTo(0f);
    assertThat(bf16(0x1p-133f)).isEqualTo(0x1p-133f);
    assertThat(bf16(0x3p-134f)).isEqualTo(0x1p-132f);
  }

  private static int[] bytes(float... row) {
    float scale = Int8Panels.scale(row, 0, row.length);
    int[] q = new int[row.length];
    for (int i = 0; i < q.length; i++) {
      q[i] = Int8Panels.round(row[i], scale);
    }
    return q;
  }

  @Test
  void bytesAreRoundedToNearestEven() {
    assertThat(Int8Panels.scale(new float[] {9, 127, -3}, 1, 1)).isEqualTo(1f);
    assertThat(bytes(127, .5f, 1.5f, 2.5f, -.5f, -1.5f, -2.5f, Math.nextUp(.5f), 126.5f))
        .containsExactly(127, 0, 2, 2, 0, -2, -2, 1, 126);
    assertThat(bytes(-254, 1, 3, 253)).containsExactly(-127, 0, 2, 126);
  }

  /** Any row, the smallest numbers among them, is off by at most half a scale. */
  @Test
  void bytesAreOffByHalfAScale() {
    Random random = new Random(2);
    for (int row = 0; row < 3_000; row++) {
      float size = Math.scalb(1f, random.nextInt(260) - 149);
      float[] w = RandomFloats.uniform(random, 5);
      for (int i = 0; i < w.length; i++) {
        w[i] *= size;
      }
      float scale = Int8Panels.scale(w, 0, w.length);
      int[] q = bytes(w);
      for (int i = 0; i < w.length; i++) {
        assertThat(Math.abs(q[i])).isLessThanOrEqualTo(127);
        assertThat(Math.abs((double) q[i] * scale - w[i])).isLessThanOrEqualTo(.5 * scale);
      }
    }
    assertThat(bytes(Float.MIN_VALUE, -180 * Float.MIN_VALUE)).containsExactly(0, -90);
  }

  @Test
  void aRowOfZerosHasNoScaleAndOneThatIsNotFiniteGivesNaN() {
    assertThat(Int8Panels.scale(new float[3], 0, 3)).isEqualTo(0f);
    assertThat(bytes(0, -0f, 0)).containsOnly(0);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThat(Int8Panels.scale(new float[] {1, bad, 2}, 0, 3)).isNaN();
    }
    float[] w = {0, 0, Float.NaN, 1, 127, 2};
    Int8Panels panels = new Int8Panels(2, Columns.natural(3));
    panels.packTransposed(w, 0, Columns.natural(3), 0, 1);
    float[] c = new float[PackedWeights.WIDTH];
    c[0] = 5;
    Gemm.multiply(c, 0, panels.rowMajor(), 64, new float[] {3, 4}, 0, 2, panels, 0, 1, 1);
    assertThat(c).startsWith(5f, Float.NaN, 389f);
  }

  /** One output by a plain loop. */
  private interface Product {
    float of(float c, float[] w, int row, int k, float[] x, int x0);
  }

  private static float ofHalves(float c, float[] w, int row, int k, float[] x, int x0) {
    for (int i = 0; i < k; i++) {
      c = Math.fma(x[x0 + i], bf16(w[row * k + i]), c);
    }
    return c;
  }

  private static float ofBytes(float c, float[] w, int row, int k, float[] x, int x0) {
    float scale = Int8Panels.scale(w, row * k, k);
    float sum = 0;
    for (int i = 0; i < k; i++) {
      sum = Math.fma(x[x0 + i], (float) Int8Panels.round(w[row * k + i], scale), sum);
    }
    return Math.fma(sum, scale, c);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 49, 64, 65, 100, 130})
  void productsTakeTheirTermsInIndexOrder(int n) {
    Columns columns = Columns.natural(n);
    int k = 37;
    assertProducts(n, k, new Bf16Panels(k, columns), RoundedPanelsTest::ofHalves);
    assertProducts(n, k, new Int8Panels(k, columns), RoundedPanelsTest::ofBytes);
  }

  private static void assertProducts(int n, int k, RoundedPanels b, Product product) {
    Random random = new Random(n);
    Columns columns = Columns.natural(n);
    b.packTransposed(RandomFloats.gaussian(random, n * k + 2), 2, columns, 0, 1);
    float[] w = RandomFloats.gaussian(random, n * k);
    for (int share = 0; share < 3; share++) {
      b.packTransposed(w, 0, columns, share, 3);
    }
    int ldc = b.groups() * PackedWeights.WIDTH;
    for (int rows = 0; rows <= 14; rows++) {
      float[] a = RandomFloats.gaussian(random, rows * k + 1);
      float[] c = RandomFloats.gaussian(random, rows * ldc + 1);
      float[] expected = c.clone();
      for (int r = 0; r < rows; r++) {
        for (int column = 0; column < n; column++) {
          int at = 1 + r * ldc + column;
          expected[at] = product.of(c[at], w, column, k, a, 1 + r * k);
        }
      }
      Gemm.multiply(c, 1, b.rowMajor(), ldc, a, 1, k, b, 0, b.groups(), rows);
      assertArrayEquals(expected, c, rows + " rows");
    }
  }
}
