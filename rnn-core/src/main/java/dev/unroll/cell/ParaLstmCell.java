package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import dev.unroll.kernel.Units;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The LSTM with a diagonal recurrence, peepholes and the input gate 1 - f (Danieli et al. 2025,
 * "ParaRNN", there LSTMCIFGDiagMH with one head): gate order f, o, c, recurrent weights {@code
 * weight_hh [3H]}, peepholes {@code weight_ch [2H]} of f and o, and no {@code bias_hh}.
 *
 * <pre>
 * f   = sigmoid(W_if x_t + b_if + a_f * h_(t-1) + p_f * c_(t-1))
 * n   = tanh   (W_ic x_t + b_ic + a_c * h_(t-1))
 * c_t = f * c_(t-1) + (1 - f) * n
 * o   = sigmoid(W_io x_t + b_io + a_o * h_(t-1) + p_o * c_t)
 * h_t = o * tanh(c_t)
 * </pre>
 */
public final class ParaLstmCell implements DiagonalCell {
  // The constants, in the order of the parameters.
  private static final int A_F = 0;
  private static final int A_O = UNITS;
  private static final int A_C = 2 * UNITS;
  private static final int P_F = 3 * UNITS;
  private static final int P_O = 4 * UNITS;

  ParaLstmCell() {}

  @Override
  public String name() {
    return "para_lstm";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public List<StatePart> states() {
    return StatePart.H_AND_C;
  }

  @Override
  public List<Vector> vectors() {
    return List.of(new Vector("weight_hh", 3), new Vector("weight_ch", 2));
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
    Units.paraLstm(states, s0, planeStride, lds, gates, g0, gateStride, ldg, constants, k0, rows);
  }

  /**
   * With t = tanh(c_t):
   *
   * <pre>
   * do = dh * t                    do_pre = do * o (1 - o)
   * dc = dc + dh * o * (1 - t^2) + do_pre * p_o
   * df = dc * (c_(t-1) - n)        df_pre = df * f (1 - f)
   * dn = dc * (1 - f)              dn_pre = dn * (1 - n^2)
   * da += d_pre * h_(t-1)          dp_f += df_pre * c_(t-1)      dp_o += do_pre * c_t
   * dc_(t-1) = dc * f + df_pre * p_f
   * dh_(t-1) = df_pre * a_f + do_pre * a_o + dn_pre * a_c
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
      int f = g0 + row * ldg;
      int s = s0 + row * lds;
      int up = u0 + row * ldu;
      int next = s + lds + planeStride;
      for (int u = 0; u < UNITS; u++) {
        gradients[d0 + u] += upstream[up + u];
        // Its row is free now for tanh(c_t).
        upstream[up + u] = states[next + u];
      }
      Activations.tanh(upstream, up, UNITS);
      if (Lanes.VECTOR) {
        Vectors.backward(
            gates,
            f,
            gateStride,
            constants,
            k0,
            states,
            s,
            planeStride,
            next,
            gradients,
            d0,
            gradientStride,
            upstream,
            up,
            constantGradients,
            dk0);
      } else {
        for (int u = 0; u < UNITS; u++) {
          int atF = f + u;
          int atO = atF + gateStride;
          int atN = atO + gateStride;
          int k = k0 + u;
          float h = states[s + u];
          float c = states[s + planeStride + u];
          float fu = gates[atF];
          float ou = gates[atO];
          float nu = gates[atN];
          float t = upstream[up + u];
          float dh = gradients[d0 + u];
          float take = 1f - fu;
          float dOut = dh * t * (ou * (1f - ou));
          float through =
              Math.fma(dh * ou, Math.fma(-t, t, 1f), gradients[d0 + gradientStride + u]);
          float dc = Math.fma(dOut, constants[k + P_O], through);
          float df = dc * (c - nu) * (fu * take);
          float dn = dc * take * Math.fma(-nu, nu, 1f);
          gates[atF] = df;
          gates[atO] = dOut;
          gates[atN] = dn;
          int dk = dk0 + u;
          constantGradients[dk + A_F] = Math.fma(df, h, constantGradients[dk + A_F]);
          constantGradients[dk + A_O] = Math.fma(dOut, h, constantGradients[dk + A_O]);
          constantGradients[dk + A_C] = Math.fma(dn, h, constantGradients[dk + A_C]);
          constantGradients[dk + P_F] = Math.fma(df, c, constantGradients[dk + P_F]);
          constantGradients[dk + P_O] =
              Math.fma(dOut, states[next + u], constantGradients[dk + P_O]);
          gradients[d0 + gradientStride + u] = Math.fma(df, constants[k + P_F], dc * fu);
          float direct = Math.fma(dOut, constants[k + A_O], df * constants[k + A_F]);
          gradients[d0 + u] = Math.fma(dn, constants[k + A_C], direct);
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void backward(
        float[] gates,
        int f,
        int gateStride,
        float[] constants,
        int k0,
        float[] states,
        int s,
        int planeStride,
        int next,
        float[] gradients,
        int d0,
        int gradientStride,
        float[] upstream,
        int up,
        float[] constantGradients,
        int dk0) {
      FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
      for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
        int atF = f + u;
        int atO = atF + gateStride;
        int atN = atO + gateStride;
        int atDc = d0 + gradientStride + u;
        int k = k0 + u;
        FloatVector h = FloatVector.fromArray(Lanes.SPECIES, states, s + u);
        FloatVector c = FloatVector.fromArray(Lanes.SPECIES, states, s + planeStride + u);
        FloatVector fu = FloatVector.fromArray(Lanes.SPECIES, gates, atF);
        FloatVector ou = FloatVector.fromArray(Lanes.SPECIES, gates, atO);
        FloatVector nu = FloatVector.fromArray(Lanes.SPECIES, gates, atN);
        FloatVector t = FloatVector.fromArray(Lanes.SPECIES, upstream, up + u);
        FloatVector dh = FloatVector.fromArray(Lanes.SPECIES, gradients, d0 + u);
        FloatVector take = one.sub(fu);
        FloatVector dOut = dh.mul(t).mul(ou.mul(one.sub(ou)));
        FloatVector through =
            dh.mul(ou)
                .fma(t.neg().fma(t, one), FloatVector.fromArray(Lanes.SPECIES, gradients, atDc));
        FloatVector dc =
            dOut.fma(FloatVector.fromArray(Lanes.SPECIES, constants, k + P_O), through);
        FloatVector df = dc.mul(c.sub(nu)).mul(fu.mul(take));
        FloatVector dn = dc.mul(take).mul(nu.neg().fma(nu, one));
        df.intoArray(gates, atF);
        dOut.intoArray(gates, atO);
        dn.intoArray(gates, atN);
        int dk = dk0 + u;
        df.fma(h, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk + A_F))
            .intoArray(constantGradients, dk + A_F);
        dOut.fma(h, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk + A_O))
            .intoArray(constantGradients, dk + A_O);
        dn.fma(h, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk + A_C))
            .intoArray(constantGradients, dk + A_C);
        df.fma(c, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk + P_F))
            .intoArray(constantGradients, dk + P_F);
        FloatVector cNext = FloatVector.fromArray(Lanes.SPECIES, states, next + u);
        dOut.fma(cNext, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk + P_O))
            .intoArray(constantGradients, dk + P_O);
        df.fma(FloatVector.fromArray(Lanes.SPECIES, constants, k + P_F), dc.mul(fu))
            .intoArray(gradients, atDc);
        FloatVector direct =
            dOut.fma(
                FloatVector.fromArray(Lanes.SPECIES, constants, k + A_O),
                df.mul(FloatVector.fromArray(Lanes.SPECIES, constants, k + A_F)));
        dn.fma(FloatVector.fromArray(Lanes.SPECIES, constants, k + A_C), direct)
            .intoArray(gradients, d0 + u);
      }
    }
  }
}
