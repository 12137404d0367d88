package dev.unroll.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Holds the activations to 2 ulp of double references, and their scalar and array forms to the same
 * bits.
 */
@Tag("widths")
class ActivationsTest {
  private static final double MAX_ULP = 2;

  enum Function {
    EXP {
      @Override
      float scalar(float x) {
        return Activations.exp(x);
      }

      @Override
      void inPlace(float[] x, int offset, int length) {
        Activations.exp(x, offset, length);
      }

      @Override
      double reference(double x) {
        return StrictMath.exp(x);
      }
    },
    SIGMOID {
      @Override
      float scalar(float x) {
        return Activations.sigmoid(x);
      }

      @Override
      void inPlace(float[] x, int offset, int length) {
        Activations.sigmoid(x, offset, length);
      }

      @Override
      double reference(double x) {
        return 1 / (1 + StrictMath.exp(-x));
      }
    },
    TANH {
      @Override
      float scalar(float x) {
        return Activations.tanh(x);
      }

      @Override
      void inPlace(float[] x, int offset, int length) {
        Activations.tanh(x, offset, length);
      }

      @Override
      double reference(double x) {
        return StrictMath.tanh(x);
      }
    };

    abstract float scalar(float x);

    abstract void inPlace(float[] x, int offset, int length);

    abstract double reference(double x);
  }

  /** An error in units of the last place of the right result, and the argument that has it. */
  private record Worst(double ulp, float x) {
    private static final Worst NONE = new Worst(0, 0);

    static Worst max(Worst a, Worst b) {
      return Comparator.comparingDouble(Worst::ulp).compare(a, b) >= 0 ? a : b;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EXP, 0, 1",
    "EXP, -0, 1",
    "EXP, Infinity, Infinity",
    "EXP, -Infinity, 0",
    "EXP, 3.4028235e38, Infinity",
    "EXP, -3.4028235e38, 0",
    "EXP, 1.4e-45, 1",
    "EXP, -103.9, 1.4e-45",
    "SIGMOID, 0, 0.5",
    "SIGMOID, -0, 0.5",
    "SIGMOID, Infinity, 1",
    "SIGMOID, -Infinity, 0",
    "SIGMOID, 3.4028235e38, 1",
    "SIGMOID, -3.4028235e38, 0",
    "SIGMOID, 1.4e-45, 0.5",
    "SIGMOID, -103.9, 1.4e-45",
    "TANH, 0, 0",
    "TANH, -0, -0",
    "TANH, Infinity, 1",
    "TANH, -Infinity, -1",
    "TANH, 3.4028235e38, 1",
    "TANH, -3.4028235e38, -1",
    "TANH, 1.4e-45, 1.4e-45",
    "TANH, -1.17549435e-38, -1.17549435e-38",
  })
  void isExactWhereTheResultIsAFloat(Function function, float x, float expected) {
    assertThat(everyForm(function, x)).containsOnly(expected);
  }

  @ParameterizedTest
  @EnumSource
  void keepsNaN(Function function) {
    // Quiet and signalling, both signs.
    for (int bits : new int[] {0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, -1}) {
      assertThat(everyForm(function, Float.intBitsToFloat(bits))).containsOnly(Float.NaN);
    }
  }

  /** Every 1009th float: all exponents, both signs, and each time other low bits. */
  @ParameterizedTest
  @EnumSource
  void isWithinTwoUlpOnADenseSample(Function function) {
    float[] x = new float[4096];
    for (long bits = 0; bits < 1L << 32; ) {
      for (int i = 0; i < x.length; i++, bits += 1009) {
        x[i] = Float.intBitsToFloat((int) bits);
      }
      assertWithinTwoUlpInEveryForm(function, x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isWithinTwoUlpAroundTheBoundariesOfTheReduction(Function function) {
    for (int halves = -303; halves <= 303; halves++) {
      assertWithinTwoUlpInEveryForm(function, around((float) (halves * Math.log(2) / 4)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void isWithinTwoUlpAroundSubnormals(Function function) {
    for (float x : new float[] {0f, -0f, Float.MIN_NORMAL, -Float.MIN_NORMAL}) {
      assertWithinTwoUlpInEveryForm(function, around(x));
    }
    // Where exp and sigmoid have subnormal results, and on to where they are 0.
    float[] x = new float[40_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = -87f - i * 0.0005f;
    }
    assertWithinTwoUlpInEveryForm(function, x);
  }

  @Test
  void log1pIsWithinTwoUlpFromZeroToOne() {
    float[] x = new float[1 << 20];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 2 == 0 ? (float) i / x.length : (float) Math.exp(-104.0 * i / x.length);
    }
    x[1] = 1;
    x[3] = Math.nextUp(.5f);
    x[5] = Float.MIN_VALUE;
    x[7] = Float.NaN;
    float[] y = x.clone();
    Activations.log1p(y, 0, 1, y.length - 1, y.length - 1);
    for (int i = 0; i < x.length - 1; i++) {
      if (!sameBits(y[i], Activations.log1p(x[i]))
          || ulps(y[i], StrictMath.log1p(x[i])) > MAX_ULP) {
        assertThat(y[i]).as("log1p(%a)", x[i]).isEqualTo((float) StrictMath.log1p(x[i]));
      }
    }
    assertThat(y[x.length - 1]).isEqualTo(x[x.length - 1]);
  }

  @Test
  void softplusIsWithinTwoUlp() {
    float[] x = new float[220_003];
    for (int i = 3; i < x.length; i++) {
      x[i] = (i - 110_003) * 1e-3f;
    }
    x[0] = Float.NaN;
    x[1] = Float.POSITIVE_INFINITY;
    x[2] = Float.NEGATIVE_INFINITY;
    float[] y = new float[x.length + 1];
    Activations.softplus(y, 1, x, 0, x.length);
    for (int i = 3; i < x.length; i++) {
      double exact = Math.max(x[i], 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x[i])));
      assertThat(ulps(y[i + 1], exact)).as("%a", x[i]).isLessThanOrEqualTo(MAX_ULP);
    }
    assertThat(y[1]).isNaN();
    assertThat(y[2]).isInfinite();
    assertThat(y[3]).isZero();
  }

  @Test
  void tanhIsOdd() {
    for (int bits = 0; bits <= 0x7f800000 - 10_007; bits += 10_007) {
      float x = Float.intBitsToFloat(bits);
      assertThat(Activations.tanh(-x)).isEqualTo(-Activations.tanh(x));
    }
  }

  @ParameterizedTest
  @EnumSource
  void changesTheGivenRangeAndNothingElse(Function function) {
    for (int length = 0; length <= 67; length++) {
      for (int offset = 0; offset <= 17; offset++) {
        float[] x = new float[offset + length + 5];
        for (int i = 0; i < x.length; i++) {
          x[i] = (i - 20) * 0.37f;
        }
        float[] expected = x.clone();
        for (int i = offset; i < offset + length; i++) {
          expected[i] = function.scalar(x[i]);
        }

        function.inPlace(x, offset, length);

        assertThat(x).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void rejectsARangeOutsideTheArray(Function function) {
    float[] x = {1, 2, 3};

    assertThatThrownBy(() -> function.inPlace(x, 1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(x).containsExactly(1, 2, 3);
  }

  /**
   * All 2^32 floats, some minutes at each width; prints the worst error. Only on demand:
   *
   * <pre>
   * mvn -pl rnn-core test -Dtest='ActivationsTest#isWithinTwoUlpForEveryFloat' -Dunroll.exhaustive
   * </pre>
   */
  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "unroll.exhaustive", matches = "|true")
  void isWithinTwoUlpForEveryFloat(Function function) {
    Worst worst =
        IntStream.range(0, 1 << 16)
            .parallel()
            .mapToObj(high -> worstOfHigh(function, high))
            .reduce(Worst.NONE, Worst::max);
    System.out.printf("%s: %.4f ulp at %a, %d bits%n", function, worst.ulp, worst.x, Lanes.BITS);
    assertThat(worst.ulp).as("error at %a", worst.x).isLessThanOrEqualTo(MAX_ULP);
  }

  /** The worst error over the 2^16 floats with the given upper half. */
  private static Worst worstOfHigh(Function function, int high) {
    float[] x = new float[1 << 16];
    for (int low = 0; low < x.length; low++) {
      x[low] = Float.intBitsToFloat(high << 16 | low);
    }
    float[] y = x.clone();
    function.inPlace(y, 0, y.length);
    return worst(function, x, y);
  }

  private static void assertWithinTwoUlpInEveryForm(Function function, float[] x) {
    float[] y = x.clone();
    function.inPlace(y, 0, y.length);
    for (int i = 0; i < x.length; i++) {
      if (!sameBits(y[i], function.scalar(x[i]))) {
        assertThat(y[i]).as("array form at %a", x[i]).isEqualTo(function.scalar(x[i]));
      }
    }
    Worst worst = worst(function, x, y);
    assertThat(worst.ulp).as("error at %a", worst.x).isLessThanOrEqualTo(MAX_ULP);
  }

  private static Worst worst(Function function, float[] x, float[] y) {
    Worst worst = Worst.NONE;
    for (int i = 0; i < x.length; i++) {
      double ulp = ulps(y[i], function.reference(x[i]));
      if (!(ulp <= worst.ulp)) {
        worst = new Worst(ulp, x[i]);
      }
    }
    return worst;
  }

  /** The distance in ulps of the rounded exact value; NaN for a NaN where none belongs. */
  private static double ulps(float result, double exact) {
    float nearest = (float) exact;
    if (Float.isNaN(nearest) || Float.isInfinite(nearest)) {
      return Float.compare(result, nearest) == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    double ulp = Math.abs(result - exact) / Math.ulp(nearest);
    return Double.isNaN(ulp) ? Double.POSITIVE_INFINITY : ulp;
  }

  private static boolean sameBits(float a, float b) {
    return Float.floatToIntBits(a) == Float.floatToIntBits(b);
  }

  /** Every element of an odd-sized array, and the scalar. */
  private static float[] everyForm(Function function, float x) {
    float[] results = new float[38];
    Arrays.fill(results, x);
    function.inPlace(results, 0, 37);
    results[37] = function.scalar(x);
    return results;
  }

  /** The 401 floats around x. */
  private static float[] around(float x) {
    float[] around = new float[401];
    around[200] = x;
    for (int i = 1; i <= 200; i++) {
      around[200 + i] = Math.nextUp(around[199 + i]);
      around[200 - i] = Math.nextDown(around[201 - i]);
    }
    return around;
  }
}
