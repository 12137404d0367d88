package dev.unroll.cell;

import dev.unroll.kernel.Lanes;
import dev.unroll.kernel.Units;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The GRU with a diagonal recurrence (Danieli et al. 2025, "ParaRNN", there GRUDiagMH with one
 * head): gate order z, r, n, recurrent weights {@code weight_hh [3H]} and no {@code bias_hh}. Here
 * z is the weight of the new state; in PyTorch's GRU it is that of the old one.
 *
 * <pre>
 * z   = sigmoid(W_iz x_t + b_iz + a_z * h_(t-1))
 * r   = sigmoid(W_ir x_t + b_ir + a_r * h_(t-1))
 * n   = tanh   (W_in x_t + b_in + a_n * (h_(t-1) * r))
 * h_t = (1 - z) * h_(t-1) + z * n
 * </pre>
 */
public final class ParaGruCell implements DiagonalCell {
  private static final int Z = 0;
  private static final int R = UNITS;
  private static final int N = 2 * UNITS;

  ParaGruCell() {}

  @Override
  public String name() {
    return "para_gru";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public List<Vector> vectors() {
    return List.of(new Vector("weight_hh", 3));
  }

  @Override
  public void forward(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] constants,
      int k0,
      float[] states,
      int s0,
      int planeStride,
      int lds) {
    Units.paraGru(states, s0, lds, gates, g0, gateStride, ldg, constants, k0, rows);
  }

  /**
   * With q = a_n * dn_pre, the gradient to h_(t-1) * r:
   *
   * <pre>
   * dz = dh * (n - h_(t-1))        dz_pre = dz * z (1 - z)
   * dn = dh * z                    dn_pre = dn * (1 - n^2)
   * dr = q * h_(t-1)               dr_pre = dr * r (1 - r)
   * da_z += dz_pre * h_(t-1)       da_r += dr_pre * h_(t-1)      da_n += dn_pre * h_(t-1) * r
   * dh_(t-1) = dh * (1 - z) + q * r + dz_pre * a_z + dr_pre * a_r
   * </pre>
   */
  @Override
  public void backward(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] constants,
      int k0,
      float[] states,
      int s0,
      int planeStride,
      int lds,
      float[] gradients,
      int d0,
      int gradientStride,
      float[] upstream,
      int u0,
      int upstreamStride,
      int ldu,
      float[] constantGradients,
      int dk0) {
    for (int row = rows - 1; row >= 0; row--) {
      int z = g0 + row * ldg;
      int s = s0 + row * lds;
      int up = u0 + row * ldu;
      if (Lanes.VECTOR) {
        Vectors.backward(
            gates,
            z,
            gateStride,
            constants,
            k0,
            states,
            s,
            gradients,
            d0,
            upstream,
            up,
            constantGradients,
            dk0);
      } else {
        for (int u = 0; u < UNITS; u++) {
          int atZ = z + u;
          int atR = atZ + gateStride;
          int atN = atR + gateStride;
          float h = states[s + u];
          float zu = gates[atZ];
          float ru = gates[atR];
          float nu = gates[atN];
          float dh = gradients[d0 + u] + upstream[up + u];
          float keep = 1f - zu;
          float dn = dh * zu * Math.fma(-nu, nu, 1f);
          float q = dn * constants[k0 + N + u];
          float dz = dh * (nu - h) * (zu * keep);
          float dr = q * h * (ru * (1f - ru));
          gates[atZ] = dz;
          gates[atR] = dr;
          gates[atN] = dn;
          int k = dk0 + u;
          constantGradients[k + Z] = Math.fma(dz, h, constantGradients[k + Z]);
          constantGradients[k + R] = Math.fma(dr, h, constantGradients[k + R]);
          constantGradients[k + N] = Math.fma(dn, h * ru, constantGradients[k + N]);
          float direct = Math.fma(q, ru, dh * keep);
          gradients[d0 + u] =
              Math.fma(dr, constants[k0 + R + u], Math.fma(dz, constants[k0 + Z + u], direct));
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void backward(
        float[] gates,
        int z,
        int gateStride,
        float[] constants,
        int k0,
        float[] states,
        int s,
        float[] gradients,
        int d0,
        float[] upstream,
        int up,
        float[] constantGradients,
        int dk0) {
      FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
      for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
        int atZ = z + u;
        int atR = atZ + gateStride;
        int atN = atR + gateStride;
        FloatVector h = FloatVector.fromArray(Lanes.SPECIES, states, s + u);
        FloatVector zu = FloatVector.fromArray(Lanes.SPECIES, gates, atZ);
        FloatVector ru = FloatVector.fromArray(Lanes.SPECIES, gates, atR);
        FloatVector nu = FloatVector.fromArray(Lanes.SPECIES, gates, atN);
        FloatVector dh =
            FloatVector.fromArray(Lanes.SPECIES, gradients, d0 + u)
                .add(FloatVector.fromArray(Lanes.SPECIES, upstream, up + u));
        FloatVector keep = one.sub(zu);
        FloatVector dn = dh.mul(zu).mul(nu.neg().fma(nu, one));
        FloatVector q = dn.mul(FloatVector.fromArray(Lanes.SPECIES, constants, k0 + N + u));
        FloatVector dz = dh.mul(nu.sub(h)).mul(zu.mul(keep));
        FloatVector dr = q.mul(h).mul(ru.mul(one.sub(ru)));
        dz.intoArray(gates, atZ);
        dr.intoArray(gates, atR);
        dn.intoArray(gates, atN);
        int k = dk0 + u;
        dz.fma(h, FloatVector.fromArray(Lanes.SPECIES, constantGradients, k + Z))
            .intoArray(constantGradients, k + Z);
        dr.fma(h, FloatVector.fromArray(Lanes.SPECIES, constantGradients, k + R))
            .intoArray(constantGradients, k + R);
        dn.fma(h.mul(ru), FloatVector.fromArray(Lanes.SPECIES, constantGradients, k + N))
            .intoArray(constantGradients, k + N);
        FloatVector direct = q.fma(ru, dh.mul(keep));
        FloatVector withZ =
            dz.fma(FloatVector.fromArray(Lanes.SPECIES, constants, k0 + Z + u), direct);
        dr.fma(FloatVector.fromArray(Lanes.SPECIES, constants, k0 + R + u), withZ)
            .intoArray(gradients, d0 + u);
      }
    }
  }
}
