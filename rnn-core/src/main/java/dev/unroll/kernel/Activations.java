package dev.unroll.kernel;

import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The float activations exp, sigmoid and tanh, for one value and for arrays.
 *
 * <p>All three are within 2 ulp of the true value for every float, subnormal results included; the
 * limits at 0, at the infinities and at NaN are exact, and {@code tanh(-x) == -tanh(x)} to the bit.
 * A value and an array give the same bits at any vector width, interpreted or compiled: each array
 * loop is operation for operation its scalar method. The payload of a NaN is not specified.
 *
 * <p>The vector loops are flat on purpose. A vector that crosses a call which C2 does not inline is
 * boxed, at 20 times the cost, and C2 stops inlining calls (but not the Vector API's own) once a
 * method has used up its node budget, as two or three activations do. So no vector ever crosses one
 * of our own calls, and {@link Units} has them written out between other equations.
 *
 * <p>How they work, with {@code s = 2^n} made from integer bits and {@code |r| <= ln 2 / 2}:
 *
 * <pre>
 *   exp(x)      = s (1 + r u(r)),                 x = n ln 2 + r
 *   sigmoid(x)  = c / (c + s (c + r u(r))),      -x = n ln 2 + r
 *   tanh(x)     = N / D,                        |x| = (n ln 2) / 2 + r,   t = tanh r
 *                 N = (s - 1)/2 + t (s + 1)/2,
 *                 D = N + (1 - t)
 * </pre>
 *
 * <p>There is no branch and no table, and at most one division. Each division also does the last
 * scaling, so that subnormal results are rounded once and cost nothing.
 */
public final class Activations {
  // Adding and subtracting 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the
  // sum. A bias on top makes those bits the exponent field of a power of two: shift left by 23.
  private static final float ROUND = 0x1.8p23f;
  static final int EXPONENT_SHIFT = 23;
  private static final int EXPONENT_BIAS = 127;
  static final int SIGN_BIT = 0x8000_0000;

  // The loops clamp by the integer order of float bits, because comparing and blending floats takes
  // three times as long. That order has the NaNs beyond the infinities, where a clamp would swallow
  // them. Adding this much wraps them around to the other end, or to set sign bits if only
  // magnitudes are added to.
  static final int NAN_ROTATION = 0x007f_ffff;

  // n LN2_HI needs no rounding inside the fma that subtracts it from an x so near to it.
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN2_HI = 0x1.62e43p-1f;
  static final float LN2_LO = -0x1.05c61p-29f;

  // Beyond these, exp is 0 or infinite and sigmoid 0 or 1 to the last bit.
  private static final float EXP_MIN = -104.5f;
  private static final float EXP_MAX = 89f;
  private static final float SIGMOID_MIN = -104.5f;
  private static final float SIGMOID_MAX = 40f;
  static final int SIGMOID_MIN_ROTATED = Float.floatToRawIntBits(SIGMOID_MIN) + NAN_ROTATION;
  static final int SIGMOID_MAX_ROTATED = Float.floatToRawIntBits(SIGMOID_MAX) + NAN_ROTATION;

  // exp r = 1 + r u(r): minimax (Remez) for the relative error of exp r on |r| <= ln 2 / 2 with the
  // first two coefficients held at 1, then rounded: 3e-9.
  private static final float EXP_2 = 0x1.fffffcp-2f;
  private static final float EXP_3 = 0x1.555492p-3f;
  private static final float EXP_4 = 0x1.5558f2p-5f;
  private static final float EXP_5 = 0x1.1239d4p-7f;
  private static final float EXP_6 = 0x1.6a244cp-10f;

  // c exp(-r). A sum just above a power of two loses twice as much to rounding as one just below,
  // and
  // 1 / (1 + e) turns the first into the second; the scale c moves the losses to where a result's
  // ulp is wide. c and the rounding of the other coefficients were searched for the least worst
  // error.
  static final float SIGMOID_0 = 0x1.52c8d6p-1f;
  static final float SIGMOID_1 = -0x1.52c8d6p-1f;
  static final float SIGMOID_2 = 0x1.52c8d2p-2f;
  static final float SIGMOID_3 = -0x1.c3b56ep-4f;
  static final float SIGMOID_4 = 0x1.c3ba7p-6f;
  static final float SIGMOID_5 = -0x1.6adec2p-8f;
  static final float SIGMOID_6 = 0x1.df390ap-11f;

  // Both terms of sigmoid's quotient carry 2^-64, so that s stays a normal number down to results
  // of 2^-150.
  private static final int SIGMOID_SCALE = -64;
  static final float SIGMOID_ROUND = ROUND + EXPONENT_BIAS + SIGMOID_SCALE;
  static final float SIGMOID_NUMERATOR = SIGMOID_0 * 0x1p-64f;

  // tanh r = r + r^3 b(r^2): minimax (Remez) for the relative error on |r| <= 0.2554, then rounded:
  // 4e-9. The shift lets n = 0, where the quotient is exact, reach past 0.2554 where tanh passes
  // 1/4, and n = 1 past 0.5493 where it passes 1/2: just below those the ulp is narrowest.
  private static final float TANH_MAX = 9.5f;
  static final int TANH_MAX_BITS = Float.floatToRawIntBits(TANH_MAX);
  static final float TANH_SHIFT = 0.0835f;
  static final float TANH_ROUND = ROUND + EXPONENT_BIAS - 1; // s/2
  static final float TANH_3 = -0x1.55550ep-2f;
  static final float TANH_5 = 0x1.10dd38p-3f;
  static final float TANH_7 = -0x1.a4703ep-5f;

  // log(1 + x) = f - (f^2 / 2 - s (f^2 / 2 + R(s^2))), s = f / (2 + f), plus ln 2 if f = (x - 1) /
  // 2
  // (FreeBSD's log1p). R's last coefficient stands for the terms left out.
  private static final float LN2 = 0x1.62e43p-1f;
  private static final float LOG_2 = 2f / 3;
  private static final float LOG_4 = 2f / 5;
  private static final float LOG_6 = 2f / 7;
  private static final float LOG_8 = .2305f;

  private Activations() {}

  /** e to the power x. */
  public static float exp(float x) {
    float y = x > EXP_MAX ? EXP_MAX : x;
    y = y < EXP_MIN ? EXP_MIN : y;
    float rounded = Math.fma(y, LOG2_E, ROUND);
    float n = rounded - ROUND;
    float r = Math.fma(n, -LN2_LO, Math.fma(n, -LN2_HI, y));
    float u = Math.fma(EXP_6, r, EXP_5);
    u = Math.fma(u, r, EXP_4);
    u = Math.fma(u, r, EXP_3);
    u = Math.fma(u, r, EXP_2);
    u = Math.fma(u, r, 1f);
    float p = Math.fma(u, r, 1f);
    // In two halves, each a normal number, because 2^n need not be one.
    int bits = Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(ROUND);
    int half = bits >> 1;
    float first = Float.intBitsToFloat((half + EXPONENT_BIAS) << EXPONENT_SHIFT);
    float second = Float.intBitsToFloat((bits - half + EXPONENT_BIAS) << EXPONENT_SHIFT);
    return p * first * second;
  }

  /** 1 / (1 + exp(-x)). */
  public static float sigmoid(float x) {
    float y = x > SIGMOID_MAX ? SIGMOID_MAX : x;
    y = y < SIGMOID_MIN ? SIGMOID_MIN : y;
    float rounded = Math.fma(y, -LOG2_E, SIGMOID_ROUND);
    float n = rounded - SIGMOID_ROUND;
    float r = Math.fma(n, LN2_LO, Math.fma(n, LN2_HI, y));
    float u = Math.fma(SIGMOID_6, r, SIGMOID_5);
    u = Math.fma(u, r, SIGMOID_4);
    u = Math.fma(u, r, SIGMOID_3);
    u = Math.fma(u, r, SIGMOID_2);
    u = Math.fma(u, r, SIGMOID_1);
    float p = Math.fma(u, r, SIGMOID_0);
    float s = Float.intBitsToFloat(Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT);
    return SIGMOID_NUMERATOR / Math.fma(p, s, SIGMOID_NUMERATOR);
  }

  /** The hyperbolic tangent of x. */
  public static float tanh(float x) {
    int sign = Float.floatToRawIntBits(x) & SIGN_BIT;
    float a = Math.abs(x);
    a = a > TANH_MAX ? TANH_MAX : a;
    float rounded = Math.fma(a - TANH_SHIFT, 2 * LOG2_E, TANH_ROUND);
    float n = rounded - TANH_ROUND;
    float r = Math.fma(n, -LN2_HI / 2, a);
    float r2 = r * r;
    float b = Math.fma(TANH_7, r2, TANH_5);
    b = Math.fma(b, r2, TANH_3);
    float t = Math.fma(r * r2, b, r);
    float s = Float.intBitsToFloat(Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT);
    float numerator = Math.fma(t, s + 0.5f, s - 0.5f);
    float q = numerator / (numerator + (1f - t));
    return Float.intBitsToFloat(Float.floatToRawIntBits(q) | sign);
  }

  /**
   * The natural logarithm of 1 + x, within 2 ulp for x from 0 to 1, as the logarithm of a sigmoid
   * needs it; NaN for NaN, anything for other numbers.
   */
  public static float log1p(float x) {
    boolean upper = x > .5f;
    float f = upper ? Math.fma(x, .5f, -.5f) : x;
    float s = f / (2f + f);
    float z = s * s;
    float half = .5f * f * f;
    float r = Math.fma(LOG_8, z, LOG_6);
    r = Math.fma(r, z, LOG_4);
    r = Math.fma(r, z, LOG_2);
    float t = f + Math.fma(s, Math.fma(r, z, half), -half);
    return upper ? LN2 + t : t;
  }

  /**
   * log(1 + exp(x)), whose slope is the sigmoid, of length values.
   *
   * @param y written from y0 on
   * @param x read from x0 on; another array
   */
  public static void softplus(float[] y, int y0, float[] x, int x0, int length) {
    for (int i = 0; i < length; i++) {
      y[y0 + i] = -Math.abs(x[x0 + i]);
    }
    exp(y, y0, length);
    log1p(y, y0, 1, length, length);
    for (int i = 0; i < length; i++) {
      float z = x[x0 + i];
      y[y0 + i] = (z < 0f ? 0f : z) + y[y0 + i];
    }
  }

  /** Replaces length values from offset on by their exponentials. */
  public static void exp(float[] x, int offset, int length) {
    exp(x, offset, 1, length, length);
  }

  /**
   * Replaces rows of values by their exponentials.
   *
   * @param x the array
   * @param offset where row 0 starts
   * @param rows number of rows
   * @param columns values in a row
   * @param stride from one row to the next
   * @throws IndexOutOfBoundsException if a row is not inside the array
   */
  public static void exp(float[] x, int offset, int rows, int columns, int stride) {
    if (rows <= 0) {
      return;
    }
    Objects.checkFromIndexSize(offset, (rows - 1) * stride + columns, x.length);
    int vectors = Lanes.VECTOR ? columns / Lanes.LENGTH : 0;
    if (Lanes.VECTOR) {
      Vectors.exp(x, offset, rows, vectors, stride);
    }
    if (vectors * Lanes.LENGTH < columns) {
      for (int row = 0; row < rows; row++) {
        int from = offset + row * stride;
        for (int j = from + vectors * Lanes.LENGTH; j < from + columns; j++) {
          x[j] = exp(x[j]);
        }
      }
    }
  }

  /** Replaces length values from offset on by their sigmoids. */
  public static void sigmoid(float[] x, int offset, int length) {
    sigmoid(x, offset, 1, length, length);
  }

  /**
   * Replaces rows of values by their sigmoids.
   *
   * @param x the array
   * @param offset where row 0 starts
   * @param rows number of rows
   * @param columns values in a row
   * @param stride from one row to the next
   * @throws IndexOutOfBoundsException if a row is not inside the array
   */
  public static void sigmoid(float[] x, int offset, int rows, int columns, int stride) {
    if (rows <= 0) {
      return;
    }
    Objects.checkFromIndexSize(offset, (rows - 1) * stride + columns, x.length);
    int vectors = Lanes.VECTOR ? columns / Lanes.LENGTH : 0;
    if (Lanes.VECTOR) {
      Vectors.sigmoid(x, offset, rows, vectors, stride);
    }
    if (vectors * Lanes.LENGTH < columns) {
      for (int row = 0; row < rows; row++) {
        int from = offset + row * stride;
        for (int j = from + vectors * Lanes.LENGTH; j < from + columns; j++) {
          x[j] = sigmoid(x[j]);
        }
      }
    }
  }

  /** Replaces length values from offset on by their hyperbolic tangents. */
  public static void tanh(float[] x, int offset, int length) {
    tanh(x, offset, 1, length, length);
  }

  /**
   * Replaces rows of values by their hyperbolic tangents.
   *
   * @param x the array
   * @param offset where row 0 starts
   * @param rows number of rows
   * @param columns values in a row
   * @param stride from one row to the next
   * @throws IndexOutOfBoundsException if a row is not inside the array
   */
  public static void tanh(float[] x, int offset, int rows, int columns, int stride) {
    if (rows <= 0) {
      return;
    }
    Objects.checkFromIndexSize(offset, (rows - 1) * stride + columns, x.length);
    int vectors = Lanes.VECTOR ? columns / Lanes.LENGTH : 0;
    if (Lanes.VECTOR) {
      Vectors.tanh(x, offset, rows, vectors, stride);
    }
    if (vectors * Lanes.LENGTH < columns) {
      for (int row = 0; row < rows; row++) {
        int from = offset + row * stride;
        for (int j = from + vectors * Lanes.LENGTH; j < from + columns; j++) {
          x[j] = tanh(x[j]);
        }
      }
    }
  }

  /**
   * Replaces rows of values by {@link #log1p} of them.
   *
   * @param x the array
   * @param offset where row 0 starts
   * @param rows number of rows
   * @param columns values in a row
   * @param stride from one row to the next
   * @throws IndexOutOfBoundsException if a row is not inside the array
   */
  public static void log1p(float[] x, int offset, int rows, int columns, int stride) {
    if (rows <= 0) {
      return;
    }
    Objects.checkFromIndexSize(offset, (rows - 1) * stride + columns, x.length);
    int vectors = Lanes.VECTOR ? columns / Lanes.LENGTH : 0;
    if (Lanes.VECTOR) {
      Vectors.log1p(x, offset, rows, vectors, stride);
    }
    if (vectors * Lanes.LENGTH < columns) {
      for (int row = 0; row < rows; row++) {
        int from = offset + row * stride;
        for (int j = from + vectors * Lanes.LENGTH; j < from + columns; j++) {
          x[j] = log1p(x[j]);
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void exp(float[] x, int offset, int rows, int vectors, int stride) {
      int skip = stride - vectors * Lanes.LENGTH;
      // One long loop, not a short one for each row: C2 splits each loop in three.
      int i = offset;
      int inRow = 0;
      for (int count = rows * vectors; count > 0; count--) {
        FloatVector v = FloatVector.fromArray(Lanes.SPECIES, x, i);
        FloatVector y = v.blend(EXP_MAX, v.compare(VectorOperators.GT, EXP_MAX));
        y = y.blend(EXP_MIN, y.compare(VectorOperators.LT, EXP_MIN));
        FloatVector round = FloatVector.broadcast(Lanes.SPECIES, ROUND);
        FloatVector rounded = y.fma(FloatVector.broadcast(Lanes.SPECIES, LOG2_E), round);
        FloatVector n = rounded.sub(round);
        FloatVector high = n.fma(FloatVector.broadcast(Lanes.SPECIES, -LN2_HI), y);
        FloatVector r = n.fma(FloatVector.broadcast(Lanes.SPECIES, -LN2_LO), high);
        FloatVector u =
            r.fma(
                FloatVector.broadcast(Lanes.SPECIES, EXP_6),
                FloatVector.broadcast(Lanes.SPECIES, EXP_5));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, EXP_4));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, EXP_3));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, EXP_2));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, 1f));
        FloatVector p = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, 1f));
        IntVector bits = rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
        IntVector half = bits.lanewise(VectorOperators.ASHR, 1);
        IntVector first = half.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, EXPONENT_SHIFT);
        IntVector second =
            bits.sub(half).add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, EXPONENT_SHIFT);
        p.mul(first.reinterpretAsFloats()).mul(second.reinterpretAsFloats()).intoArray(x, i);
        i += Lanes.LENGTH;
        if (++inRow == vectors) {
          inRow = 0;
          i += skip;
        }
      }
    }

    static void sigmoid(float[] x, int offset, int rows, int vectors, int stride) {
      int skip = stride - vectors * Lanes.LENGTH;
      // One long loop, not a short one for each row: C2 splits each loop in three.
      int i = offset;
      int inRow = 0;
      for (int count = rows * vectors; count > 0; count--) {
        FloatVector v = FloatVector.fromArray(Lanes.SPECIES, x, i);
        IntVector rotated = v.reinterpretAsInts().add(NAN_ROTATION).min(SIGMOID_MAX_ROTATED);
        rotated = rotated.lanewise(VectorOperators.UMIN, SIGMOID_MIN_ROTATED);
        FloatVector y = rotated.sub(NAN_ROTATION).reinterpretAsFloats();
        FloatVector round = FloatVector.broadcast(Lanes.SPECIES, SIGMOID_ROUND);
        FloatVector rounded = y.fma(FloatVector.broadcast(Lanes.SPECIES, -LOG2_E), round);
        FloatVector n = rounded.sub(round);
        FloatVector high = n.fma(FloatVector.broadcast(Lanes.SPECIES, LN2_HI), y);
        FloatVector r = n.fma(FloatVector.broadcast(Lanes.SPECIES, LN2_LO), high);
        FloatVector u =
            r.fma(
                FloatVector.broadcast(Lanes.SPECIES, SIGMOID_6),
                FloatVector.broadcast(Lanes.SPECIES, SIGMOID_5));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, SIGMOID_4));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, SIGMOID_3));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, SIGMOID_2));
        u = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, SIGMOID_1));
        FloatVector p = u.fma(r, FloatVector.broadcast(Lanes.SPECIES, SIGMOID_0));
        IntVector s = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT_SHIFT);
        FloatVector numerator = FloatVector.broadcast(Lanes.SPECIES, SIGMOID_NUMERATOR);
        numerator.div(p.fma(s.reinterpretAsFloats(), numerator)).intoArray(x, i);
        i += Lanes.LENGTH;
        if (++inRow == vectors) {
          inRow = 0;
          i += skip;
        }
      }
    }

    static void tanh(float[] x, int offset, int rows, int vectors, int stride) {
      int skip = stride - vectors * Lanes.LENGTH;
      // One long loop, not a short one for each row: C2 splits each loop in three.
      int i = offset;
      int inRow = 0;
      for (int count = rows * vectors; count > 0; count--) {
        FloatVector v = FloatVector.fromArray(Lanes.SPECIES, x, i);
        IntVector magnitude = v.reinterpretAsInts().and(~SIGN_BIT);
        IntVector sign = v.reinterpretAsInts().and(SIGN_BIT);
        IntVector nan = magnitude.add(NAN_ROTATION).lanewise(VectorOperators.ASHR, 31);
        FloatVector a = magnitude.min(TANH_MAX_BITS).reinterpretAsFloats();
        FloatVector round = FloatVector.broadcast(Lanes.SPECIES, TANH_ROUND);
        FloatVector rounded =
            a.sub(TANH_SHIFT).fma(FloatVector.broadcast(Lanes.SPECIES, 2 * LOG2_E), round);
        FloatVector n = rounded.sub(round);
        FloatVector r = n.fma(FloatVector.broadcast(Lanes.SPECIES, -LN2_HI / 2), a);
        FloatVector r2 = r.mul(r);
        FloatVector b =
            r2.fma(
                FloatVector.broadcast(Lanes.SPECIES, TANH_7),
                FloatVector.broadcast(Lanes.SPECIES, TANH_5));
        b = b.fma(r2, FloatVector.broadcast(Lanes.SPECIES, TANH_3));
        FloatVector t = r.mul(r2).fma(b, r);
        FloatVector s =
            rounded
                .reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
                .reinterpretAsFloats();
        FloatVector numerator = t.fma(s.add(0.5f), s.sub(0.5f));
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector q = numerator.div(numerator.add(one.sub(t)));
        q.reinterpretAsInts().or(sign.or(nan)).reinterpretAsFloats().intoArray(x, i);
        i += Lanes.LENGTH;
        if (++inRow == vectors) {
          inRow = 0;
          i += skip;
        }
      }
    }

    static void log1p(float[] x, int offset, int rows, int vectors, int stride) {
      int skip = stride - vectors * Lanes.LENGTH;
      // One long loop, not a short one for each row: C2 splits each loop in three.
      int i = offset;
      int inRow = 0;
      for (int count = rows * vectors; count > 0; count--) {
        FloatVector v = FloatVector.fromArray(Lanes.SPECIES, x, i);
        VectorMask<Float> upper = v.compare(VectorOperators.GT, .5f);
        FloatVector scale = FloatVector.broadcast(Lanes.SPECIES, .5f);
        FloatVector f = v.blend(v.fma(scale, scale.neg()), upper);
        FloatVector s = f.div(f.add(2f));
        FloatVector z = s.mul(s);
        FloatVector half = scale.mul(f).mul(f);
        FloatVector r =
            z.fma(
                FloatVector.broadcast(Lanes.SPECIES, LOG_8),
                FloatVector.broadcast(Lanes.SPECIES, LOG_6));
        r = r.fma(z, FloatVector.broadcast(Lanes.SPECIES, LOG_4));
        r = r.fma(z, FloatVector.broadcast(Lanes.SPECIES, LOG_2));
        FloatVector t = f.add(s.fma(r.fma(z, half), half.neg()));
        t.blend(t.add(LN2), upper).intoArray(x, i);
        i += Lanes.LENGTH;
        if (++inRow == vectors) {
          inRow = 0;
          i += skip;
        }
      }
    }
  }
}
