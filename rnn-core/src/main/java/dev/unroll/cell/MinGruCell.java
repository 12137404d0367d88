package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The minimal gated recurrent unit (Feng et al. 2024, "Were RNNs All We Needed?"), gate order z, n.
 * Here z is the weight of the new state; in PyTorch's GRU it is that of the old one:
 *
 * <pre>
 * z   = sigmoid(W_iz x_t + b_iz)
 * n   = W_in x_t + b_in
 * h_t = (1 - z) * h_(t-1) + z * n
 * </pre>
 *
 * <p>In the signed form the state is multiplied by 1 - 2 z, in (-1, 1), so that a unit can change
 * its sign, which counting modulo two needs (Grazzi et al. 2025, "Unlocking State-Tracking in
 * Linear RNNs Through Negative Eigenvalues"):
 *
 * <pre>h_t = (1 - 2 z) * h_(t-1) + z * n</pre>
 */
public final class MinGruCell implements LinearCell {
  private final boolean signed;

  /** What z is multiplied by in the transition: 1, or 2 when signed. */
  private final float reach;

  MinGruCell(boolean signed) {
    this.signed = signed;
    reach = signed ? 2 : 1;
  }

  @Override
  public String name() {
    return signed ? "min_gru_signed" : "min_gru";
  }

  @Override
  public int gates() {
    return 2;
  }

  @Override
  public void activate(int rows, float[] gates, int g0, int gateStride, int ldg) {
    Activations.sigmoid(gates, g0, rows, UNITS, ldg);
  }

  /** a = 1 - z, or 1 - 2 z; b = z n. */
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
      Vectors.coefficients(rows, gates, g0, gateStride, ldg, a, a0, b, b0, reach);
    } else {
      for (int row = 0; row < rows; row++) {
        int from = g0 + row * ldg;
        int to = row * UNITS;
        for (int u = 0; u < UNITS; u++) {
          float z = gates[from + u];
          a[a0 + to + u] = Math.fma(z, -reach, 1f);
          b[b0 + to + u] = z * gates[from + gateStride + u];
        }
      }
    }
  }

  /**
   * With k = 1, or 2 when signed:
   *
   * <pre>
   * dz = dh * (n - k h_(t-1))      dz_pre = dz * z (1 - z)
   * dn = dh * z
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
      Vectors.backward(rows, gates, g0, gateStride, ldg, h, before, ldh, dh, d0, reach);
    } else {
      for (int row = 0; row < rows; row++) {
        int at = g0 + row * ldg;
        int old = before + row * ldh;
        int up = d0 + row * UNITS;
        for (int u = 0; u < UNITS; u++) {
          float z = gates[at + u];
          float n = gates[at + gateStride + u];
          float dhu = dh[up + u];
          gates[at + u] = dhu * Math.fma(h[old + u], -reach, n) * (z * (1f - z));
          gates[at + gateStride + u] = dhu * z;
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
        int b0,
        float reach) {
      for (int row = 0; row < rows; row++) {
        int from = g0 + row * ldg;
        int to = row * UNITS;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector minus = FloatVector.broadcast(Lanes.SPECIES, -reach);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector z = FloatVector.fromArray(Lanes.SPECIES, gates, from + u);
          FloatVector n = FloatVector.fromArray(Lanes.SPECIES, gates, from + gateStride + u);
          z.fma(minus, one).intoArray(a, a0 + to + u);
          z.mul(n).intoArray(b, b0 + to + u);
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
        float reach) {
      for (int row = 0; row < rows; row++) {
        int at = g0 + row * ldg;
        int old = before + row * ldh;
        int up = d0 + row * UNITS;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector minus = FloatVector.broadcast(Lanes.SPECIES, -reach);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector z = FloatVector.fromArray(Lanes.SPECIES, gates, at + u);
          FloatVector n = FloatVector.fromArray(Lanes.SPECIES, gates, at + gateStride + u);
          FloatVector hPrev = FloatVector.fromArray(Lanes.SPECIES, h, old + u);
          FloatVector dhu = FloatVector.fromArray(Lanes.SPECIES, dh, up + u);
          dhu.mul(hPrev.fma(minus, n)).mul(z.mul(one.sub(z))).intoArray(gates, at + u);
          dhu.mul(z).intoArray(gates, at + gateStride + u);
        }
      }
    }
  }
}
