package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The minimal long short-term memory (Feng et al. 2024, "Were RNNs All We Needed?"), gate order f,
 * i, n. The gates are normalised, so that the state keeps its scale in sequences of any length:
 *
 * <pre>
 * f, i   = sigmoid(W_i x_t + b_i)
 * n      = W_in x_t + b_in
 * f', i' = f / (f + i), i / (f + i)
 * h_t    = f' * h_(t-1) + i' * n
 * </pre>
 *
 * <p>There is neither a cell state nor an output gate.
 */
public final class MinLstmCell implements LinearCell {
  /** Keeps 0 / 0 finite; smaller than the last bit of any sum above 2^-102. */
  private static final float TINY = Float.MIN_NORMAL;

  MinLstmCell() {}

  @Override
  public String name() {
    return "min_lstm";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public void activate(int rows, float[] gates, int g0, int gateStride, int ldg) {
    Activations.sigmoid(gates, g0, rows, UNITS, ldg);
    Activations.sigmoid(gates, g0 + gateStride, rows, UNITS, ldg);
  }

  /** a = f', b = i' n. */
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
    if (Lanes.VECTOR) {
      Vectors.coefficients(rows, gates, g0, gateStride, ldg, a, a0, b, b0);
    } else {
      for (int row = 0; row < rows; row++) {
        int from = g0 + row * ldg;
        int to = row * UNITS;
        for (int u = 0; u < UNITS; u++) {
          float f = gates[from + u];
          float i = gates[from + gateStride + u];
          float sum = f + i + TINY;
          a[a0 + to + u] = f / sum;
          b[b0 + to + u] = i / sum * gates[from + 2 * gateStride + u];
        }
      }
    }
  }

  /**
   * With d = dh * (h_(t-1) - n) * f' i', the gradient to log f - log i:
   *
   * <pre>
   * df_pre =  d (1 - f)
   * di_pre = -d (1 - i)
   * dn     = dh * i'
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
    if (Lanes.VECTOR) {
      Vectors.backward(rows, gates, g0, gateStride, ldg, h, before, ldh, dh, d0);
    } else {
      for (int row = 0; row < rows; row++) {
        int at = g0 + row * ldg;
        int old = before + row * ldh;
        int up = d0 + row * UNITS;
        for (int u = 0; u < UNITS; u++) {
          float f = gates[at + u];
          float i = gates[at + gateStride + u];
          float dhu = dh[up + u];
          float sum = f + i + TINY;
          float take = i / sum;
          float d = dhu * (h[old + u] - gates[at + 2 * gateStride + u]) * (f / sum * take);
          gates[at + u] = d * (1f - f);
          gates[at + gateStride + u] = d * (i - 1f);
          gates[at + 2 * gateStride + u] = dhu * take;
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void coefficients(
        int rows,
        float[] gates,
        int g0,
        int gateStride,
        int ldg,
        float[] a,
        int a0,
        float[] b,
        int b0) {
      for (int row = 0; row < rows; row++) {
        int from = g0 + row * ldg;
        int to = row * UNITS;
        FloatVector tiny = FloatVector.broadcast(Lanes.SPECIES, TINY);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector f = FloatVector.fromArray(Lanes.SPECIES, gates, from + u);
          FloatVector i = FloatVector.fromArray(Lanes.SPECIES, gates, from + gateStride + u);
          FloatVector n = FloatVector.fromArray(Lanes.SPECIES, gates, from + 2 * gateStride + u);
          FloatVector sum = f.add(i).add(tiny);
          f.div(sum).intoArray(a, a0 + to + u);
          i.div(sum).mul(n).intoArray(b, b0 + to + u);
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
        int d0) {
      for (int row = 0; row < rows; row++) {
        int at = g0 + row * ldg;
        int old = before + row * ldh;
        int up = d0 + row * UNITS;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector tiny = FloatVector.broadcast(Lanes.SPECIES, TINY);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector f = FloatVector.fromArray(Lanes.SPECIES, gates, at + u);
          FloatVector i = FloatVector.fromArray(Lanes.SPECIES, gates, at + gateStride + u);
          FloatVector n = FloatVector.fromArray(Lanes.SPECIES, gates, at + 2 * gateStride + u);
          FloatVector hPrev = FloatVector.fromArray(Lanes.SPECIES, h, old + u);
          FloatVector dhu = FloatVector.fromArray(Lanes.SPECIES, dh, up + u);
          FloatVector sum = f.add(i).add(tiny);
          FloatVector take = i.div(sum);
          FloatVector d = dhu.mul(hPrev.sub(n)).mul(f.div(sum).mul(take));
          d.mul(one.sub(f)).intoArray(gates, at + u);
          d.mul(i.sub(one)).intoArray(gates, at + gateStride + u);
          dhu.mul(take).intoArray(gates, at + 2 * gateStride + u);
        }
      }
    }
  }
}
