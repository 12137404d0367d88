package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The real-gated linear recurrent unit (De et al. 2024, "Griffin"), gate order r, i, v. The paper
 * gates the input itself; here v, its projection, has a weight, so that I need not be H, and the
 * identity gives the paper's.
 *
 * <pre>
 * r, i  = sigmoid(W_i x_t + b_i)
 * v     = W_iv x_t + b_iv
 * log a = -8 softplus(lambda) * r
 * h_t   = a * h_(t-1) + sqrt(1 - a^2) * (i * v)
 * </pre>
 *
 * <p>{@code lambda} is {@code [H]}. {@link Initializer#rgLru} has the paper's initialization.
 */
public final class RgLruCell implements LinearCell {
  private static final double SHARPNESS = 8;

  /** Keeps a quotient finite where a unit forgets nothing. */
  private static final float TINY = Float.MIN_NORMAL;

  RgLruCell() {}

  @Override
  public String name() {
    return "rg_lru";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public List<Vector> vectors() {
    return List.of(new Vector("lambda", 1));
  }

  /** The constant k = 8 softplus(lambda), so that a = exp(-k r). */
  @Override
  public void constants(double[] own, double[] constants) {
    constants[0] =
        SHARPNESS * (Math.max(own[0], 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(own[0]))));
  }

  @Override
  public void constantsBackward(double[] own, double[] gradients) {
    gradients[0] *= SHARPNESS / (1 + StrictMath.exp(-own[0]));
  }

  @Override
  public void activate(int rows, float[] gates, int g0, int gateStride, int ldg) {
    Activations.sigmoid(gates, g0, rows, UNITS, ldg);
    Activations.sigmoid(gates, g0 + gateStride, rows, UNITS, ldg);
  }

  /**
   * a = exp(-k r), b = m i v with m = sqrt(1 - a^2). 1 - a^2 would lose its digits where a is near
   * 1; with t = tanh(k r) it is 2 t / (1 + t).
   */
  @Override
  public void coefficients(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] constants,
      int k0,
      float[] a,
      int a0,
      float[] b,
      int b0) {
    rates(rows, gates, g0, ldg, constants, k0, a, a0, -1f);
    Activations.exp(a, a0, rows * UNITS);
    rates(rows, gates, g0, ldg, constants, k0, b, b0, 1f);
    Activations.tanh(b, b0, rows * UNITS);
    if (Lanes.VECTOR) {
      Vectors.inputs(rows, gates, g0, gateStride, ldg, b, b0);
    } else {
      for (int row = 0; row < rows; row++) {
        int i = g0 + gateStride + row * ldg;
        int at = b0 + row * UNITS;
        for (int u = 0; u < UNITS; u++) {
          float t = b[at + u];
          float m = (float) Math.sqrt(2f * t / (1f + t));
          b[at + u] = m * (gates[i + u] * gates[i + gateStride + u]);
        }
      }
    }
  }

  /** Rows of sign * k * r. */
  private static void rates(
      int rows,
      float[] gates,
      int g0,
      int ldg,
      float[] constants,
      int k0,
      float[] to,
      int to0,
      float sign) {
    if (Lanes.VECTOR) {
      Vectors.rates(rows, gates, g0, ldg, constants, k0, to, to0, sign);
    } else {
      for (int row = 0; row < rows; row++) {
        for (int u = 0; u < UNITS; u++) {
          to[to0 + row * UNITS + u] = constants[k0 + u] * gates[g0 + row * ldg + u] * sign;
        }
      }
    }
  }

  /**
   * With l = log a, m = sqrt(1 - a^2) and dm/dl = -a^2 / m:
   *
   * <pre>
   * dl = dh * (a h_(t-1) - i v a^2 / m)
   * dr = -k dl                     dr_pre = dr * r (1 - r)       dk -= r dl
   * di = dh * m v                  di_pre = di * i (1 - i)
   * dv = dh * m i
   * </pre>
   */
  @Override
  public void backward(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] h,
      int before,
      int ldh,
      float[] dh,
      int d0,
      float[] constants,
      int k0,
      float[] a,
      int a0,
      float[] room,
      int room0,
      float[] constantGradients,
      int dk0) {
    rates(rows, gates, g0, ldg, constants, k0, room, room0, 1f);
    Activations.tanh(room, room0, rows * UNITS);
    if (Lanes.VECTOR) {
      Vectors.backward(
          rows,
          gates,
          g0,
          gateStride,
          ldg,
          h,
          before,
          ldh,
          dh,
          d0,
          constants,
          k0,
          a,
          a0,
          room,
          room0,
          constantGradients,
          dk0);
      return;
    }
    for (int row = 0; row < rows; row++) {
      int r = g0 + row * ldg;
      int i = r + gateStride;
      int v = i + gateStride;
      int at = row * UNITS;
      for (int u = 0; u < UNITS; u++) {
        float ru = gates[r + u];
        float iu = gates[i + u];
        float vu = gates[v + u];
        float au = a[a0 + at + u];
        float t = room[room0 + at + u];
        float m = (float) Math.sqrt(2f * t / (1f + t));
        float d = dh[d0 + at + u];
        float input = iu * vu;
        float lost = input * au / Math.max(m, TINY);
        float dl = d * au * (h[before + row * ldh + u] - lost);
        float scaled = d * m;
        constantGradients[dk0 + u] = Math.fma(-ru, dl, constantGradients[dk0 + u]);
        gates[r + u] = -constants[k0 + u] * dl * (ru * (1f - ru));
        gates[i + u] = scaled * vu * (iu * (1f - iu));
        gates[v + u] = scaled * iu;
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void rates(
        int rows,
        float[] gates,
        int g0,
        int ldg,
        float[] constants,
        int k0,
        float[] to,
        int to0,
        float sign) {
      for (int row = 0; row < rows; row++) {
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector.fromArray(Lanes.SPECIES, constants, k0 + u)
              .mul(FloatVector.fromArray(Lanes.SPECIES, gates, g0 + row * ldg + u))
              .mul(sign)
              .intoArray(to, to0 + row * UNITS + u);
        }
      }
    }

    static void inputs(
        int rows, float[] gates, int g0, int gateStride, int ldg, float[] b, int b0) {
      FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
      for (int row = 0; row < rows; row++) {
        int i = g0 + gateStride + row * ldg;
        int at = b0 + row * UNITS;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector t = FloatVector.fromArray(Lanes.SPECIES, b, at + u);
          FloatVector m = t.mul(2f).div(one.add(t)).sqrt();
          m.mul(
                  FloatVector.fromArray(Lanes.SPECIES, gates, i + u)
                      .mul(FloatVector.fromArray(Lanes.SPECIES, gates, i + gateStride + u)))
              .intoArray(b, at + u);
        }
      }
    }

    static void backward(
        int rows,
        float[] gates,
        int g0,
        int gateStride,
        int ldg,
        float[] h,
        int before,
        int ldh,
        float[] dh,
        int d0,
        float[] constants,
        int k0,
        float[] a,
        int a0,
        float[] room,
        int room0,
        float[] constantGradients,
        int dk0) {
      FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
      for (int row = 0; row < rows; row++) {
        int r = g0 + row * ldg;
        int i = r + gateStride;
        int v = i + gateStride;
        int at = row * UNITS;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector ru = FloatVector.fromArray(Lanes.SPECIES, gates, r + u);
          FloatVector iu = FloatVector.fromArray(Lanes.SPECIES, gates, i + u);
          FloatVector vu = FloatVector.fromArray(Lanes.SPECIES, gates, v + u);
          FloatVector au = FloatVector.fromArray(Lanes.SPECIES, a, a0 + at + u);
          FloatVector t = FloatVector.fromArray(Lanes.SPECIES, room, room0 + at + u);
          FloatVector m = t.mul(2f).div(one.add(t)).sqrt();
          FloatVector d = FloatVector.fromArray(Lanes.SPECIES, dh, d0 + at + u);
          FloatVector old = FloatVector.fromArray(Lanes.SPECIES, h, before + row * ldh + u);
          FloatVector lost = iu.mul(vu).mul(au).div(m.max(TINY));
          FloatVector dl = d.mul(au).mul(old.sub(lost));
          FloatVector scaled = d.mul(m);
          ru.neg()
              .fma(dl, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk0 + u))
              .intoArray(constantGradients, dk0 + u);
          FloatVector k = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + u);
          k.neg().mul(dl).mul(ru.mul(one.sub(ru))).intoArray(gates, r + u);
          scaled.mul(vu).mul(iu.mul(one.sub(iu))).intoArray(gates, i + u);
          scaled.mul(iu).intoArray(gates, v + u);
        }
      }
    }
  }
}
