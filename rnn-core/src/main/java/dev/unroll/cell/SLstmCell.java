package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The sLSTM (Beck et al. 2024, "xLSTM"): exponential gates, a normalizer n, and a stabilizer m that
 * keeps the exponentials below 1 and cancels in h. Gate order i, f, z, o; with N heads each head's
 * gates see its own h only, {@code weight_hh [N, 4, H/N, H/N]}; there is no {@code bias_hh}.
 *
 * <pre>
 * i, f, z, o = W_ih x_t + b_ih + W_hh h_(t-1)
 * l   = m_(t-1) + log sigmoid(f)
 * m_t = max(i, l)
 * c_t = exp(l - m_t) c_(t-1) + exp(i - m_t) tanh(z)
 * n_t = exp(l - m_t) n_(t-1) + exp(i - m_t)
 * h_t = sigmoid(o) c_t / n_t
 * </pre>
 *
 * <p>One of the two exponentials is always 1, and the other e = exp(-|i - l|).
 */
public final class SLstmCell implements StepCell {
  private static final List<StatePart> STATES =
      List.of(
          StatePart.H,
          StatePart.C,
          new StatePart("n", LayerSizes::hiddenSize, true),
          new StatePart("m", LayerSizes::hiddenSize, false));
  private static final Slots SLOTS = new Slots(0, 4);
  private static final int UNITS = 16;
  private static final int WIDTH = 64;
  private static final int I = 0;
  private static final int F = 16;
  private static final int Z = 32;
  private static final int O = 48;

  SLstmCell() {}

  @Override
  public String name() {
    return "slstm";
  }

  @Override
  public int gates() {
    return 4;
  }

  @Override
  public int slots() {
    return 4;
  }

  @Override
  public int gate(int slot) {
    return slot;
  }

  @Override
  public Slots inputSlots() {
    return SLOTS;
  }

  @Override
  public Slots hiddenSlots() {
    return SLOTS;
  }

  @Override
  public List<StatePart> states() {
    return STATES;
  }

  @Override
  public boolean hasHeads() {
    return true;
  }

  /**
   * Leaves e in i's place, below 0 where the forget gate's exponential is the 1, and in f's l - m.
   */
  @Override
  public void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
    float[] h = states[0];
    float[] c = states[1];
    float[] n = states[2];
    float[] m = states[3];
    Activations.tanh(gates, g0 + Z, rows, UNITS, ldg);
    Activations.sigmoid(gates, g0 + O, rows, UNITS, ldg);
    // log sigmoid(f) = min(f, 0) - log(1 + exp(-|f|)), whose second term waits in the new h.
    if (Lanes.VECTOR) {
      Vectors.minusMagnitude(rows, gates, g0, ldg, h, after, ld);
    } else {
      for (int r = 0; r < rows; r++) {
        for (int u = 0; u < UNITS; u++) {
          h[after + r * ld + u] = -Math.abs(gates[g0 + r * ldg + F + u]);
        }
      }
    }
    Activations.exp(h, after, rows, UNITS, ld);
    Activations.log1p(h, after, rows, UNITS, ld);
    if (Lanes.VECTOR) {
      Vectors.stabilize(rows, gates, g0, ldg, h, m, before, after, ld);
    } else {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * ldg;
        int b = r * ld;
        for (int u = 0; u < UNITS; u++) {
          float i = gates[a + I + u];
          float f = gates[a + F + u];
          float logSigmoid = (f > 0f ? 0f : f) - h[after + b + u];
          float l = m[before + b + u] + logSigmoid;
          m[after + b + u] = Math.max(i, l);
          gates[a + I + u] = -Math.abs(i - l);
          gates[a + F + u] = logSigmoid;
        }
      }
    }
    Activations.exp(gates, g0 + I, rows, UNITS, ldg);
    if (Lanes.VECTOR) {
      Vectors.output(rows, gates, g0, ldg, states, before, after, ld);
    } else {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * ldg;
        int b = r * ld;
        for (int u = 0; u < UNITS; u++) {
          float e = gates[a + I + u];
          boolean forgets = m[after + b + u] > m[before + b + u] + gates[a + F + u];
          float i = forgets ? 1f : e;
          float f = forgets ? e : 1f;
          float cNext = Math.fma(f, c[before + b + u], i * gates[a + Z + u]);
          float nNext = Math.fma(f, n[before + b + u], i);
          gates[a + I + u] = forgets ? e : -e;
          c[after + b + u] = cNext;
          n[after + b + u] = nNext;
          h[after + b + u] = gates[a + O + u] * (cNext / nNext);
        }
      }
    }
  }

  /**
   * With i', f' the exponentials, r = c_t / n_t, and dm what comes from the step after through l:
   *
   * <pre>
   * do = dh * r                     do_pre = do * o (1 - o)
   * dc = dc + dh * o / n_t          dn = dn - dh * o / n_t * r
   * dz = dc * i'                    dz_pre = dz * (1 - z^2)
   * di = (dc * z + dn) * i'         dl = (dc * c_(t-1) + dn * n_(t-1)) * f'
   * where m_t = i:  di_pre = dm - dl      else dl = dm - di, di_pre = di
   * df_pre = dl * (1 - sigmoid(f))
   * dc_(t-1) = dc * f'    dn_(t-1) = dn * f'    dm_(t-1) = dl
   * </pre>
   */
  @Override
  public void backward(
      int rows,
      float[] gates,
      int g0,
      float[][] states,
      int before,
      int after,
      float[][] gradients,
      int d0,
      int ld) {
    Activations.exp(gates, g0 + F, rows, UNITS, WIDTH);
    if (Lanes.VECTOR) {
      Vectors.backward(rows, gates, g0, states, before, after, gradients, d0, ld);
      return;
    }
    float[] c = states[1];
    float[] n = states[2];
    for (int row = 0; row < rows; row++) {
      int a = g0 + row * WIDTH;
      int b = row * ld;
      for (int u = 0; u < UNITS; u++) {
        float e = gates[a + I + u];
        boolean forgets = Float.floatToRawIntBits(e) >= 0;
        float i = forgets ? 1f : -e;
        float f = forgets ? e : 1f;
        float z = gates[a + Z + u];
        float o = gates[a + O + u];
        float nNext = n[after + b + u];
        float r = c[after + b + u] / nNext;
        float dh = gradients[0][d0 + b + u];
        float through = dh * o / nNext;
        float dc = gradients[1][d0 + b + u] + through;
        float dn = Math.fma(-through, r, gradients[2][d0 + b + u]);
        float dm = gradients[3][d0 + b + u];
        float di = Math.fma(dc, z, dn) * i;
        float dl = Math.fma(dc, c[before + b + u], dn * n[before + b + u]) * f;
        float diPre = forgets ? dm - dl : di;
        dl = forgets ? dl : dm - di;
        gates[a + I + u] = diPre;
        gates[a + F + u] = dl * (1f - gates[a + F + u]);
        gates[a + Z + u] = dc * i * Math.fma(-z, z, 1f);
        gates[a + O + u] = dh * r * (o * (1f - o));
        gradients[0][d0 + b + u] = 0f;
        gradients[1][d0 + b + u] = dc * f;
        gradients[2][d0 + b + u] = dn * f;
        gradients[3][d0 + b + u] = dl;
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void minusMagnitude(
        int rows, float[] gates, int g0, int ldg, float[] h, int after, int ld) {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * ldg + F;
        int b = after + r * ld;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector.fromArray(Lanes.SPECIES, gates, a + u).abs().neg().intoArray(h, b + u);
        }
      }
    }

    static void stabilize(
        int rows,
        float[] gates,
        int g0,
        int ldg,
        float[] h,
        float[] m,
        int before,
        int after,
        int ld) {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * ldg;
        int b = r * ld;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector i = FloatVector.fromArray(Lanes.SPECIES, gates, a + I + u);
          FloatVector f = FloatVector.fromArray(Lanes.SPECIES, gates, a + F + u);
          FloatVector logSigmoid =
              f.blend(0f, f.compare(VectorOperators.GT, 0f))
                  .sub(FloatVector.fromArray(Lanes.SPECIES, h, after + b + u));
          FloatVector l = FloatVector.fromArray(Lanes.SPECIES, m, before + b + u).add(logSigmoid);
          i.max(l).intoArray(m, after + b + u);
          i.sub(l).abs().neg().intoArray(gates, a + I + u);
          logSigmoid.intoArray(gates, a + F + u);
        }
      }
    }

    static void output(
        int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
      float[] h = states[0];
      float[] c = states[1];
      float[] n = states[2];
      float[] m = states[3];
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * ldg;
        int b = r * ld;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector e = FloatVector.fromArray(Lanes.SPECIES, gates, a + I + u);
          FloatVector l =
              FloatVector.fromArray(Lanes.SPECIES, m, before + b + u)
                  .add(FloatVector.fromArray(Lanes.SPECIES, gates, a + F + u));
          VectorMask<Float> forgets =
              FloatVector.fromArray(Lanes.SPECIES, m, after + b + u).compare(VectorOperators.GT, l);
          FloatVector i = e.blend(one, forgets);
          FloatVector f = one.blend(e, forgets);
          FloatVector z = FloatVector.fromArray(Lanes.SPECIES, gates, a + Z + u);
          FloatVector cNext =
              f.fma(FloatVector.fromArray(Lanes.SPECIES, c, before + b + u), i.mul(z));
          FloatVector nNext = f.fma(FloatVector.fromArray(Lanes.SPECIES, n, before + b + u), i);
          e.neg().blend(e, forgets).intoArray(gates, a + I + u);
          cNext.intoArray(c, after + b + u);
          nNext.intoArray(n, after + b + u);
          FloatVector.fromArray(Lanes.SPECIES, gates, a + O + u)
              .mul(cNext.div(nNext))
              .intoArray(h, after + b + u);
        }
      }
    }

    static void backward(
        int rows,
        float[] gates,
        int g0,
        float[][] states,
        int before,
        int after,
        float[][] gradients,
        int d0,
        int ld) {
      float[] c = states[1];
      float[] n = states[2];
      float[] gradH = gradients[0];
      float[] gradC = gradients[1];
      float[] gradN = gradients[2];
      float[] gradM = gradients[3];
      for (int row = 0; row < rows; row++) {
        int a = g0 + row * WIDTH;
        int b = row * ld;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector e = FloatVector.fromArray(Lanes.SPECIES, gates, a + I + u);
          IntVector bits = e.reinterpretAsInts();
          VectorMask<Float> forgets = bits.compare(VectorOperators.GE, 0).cast(Lanes.SPECIES);
          FloatVector i = e.neg().blend(one, forgets);
          FloatVector f = one.blend(e, forgets);
          FloatVector z = FloatVector.fromArray(Lanes.SPECIES, gates, a + Z + u);
          FloatVector o = FloatVector.fromArray(Lanes.SPECIES, gates, a + O + u);
          FloatVector nNext = FloatVector.fromArray(Lanes.SPECIES, n, after + b + u);
          FloatVector r = FloatVector.fromArray(Lanes.SPECIES, c, after + b + u).div(nNext);
          FloatVector dh = FloatVector.fromArray(Lanes.SPECIES, gradH, d0 + b + u);
          FloatVector through = dh.mul(o).div(nNext);
          FloatVector dc = FloatVector.fromArray(Lanes.SPECIES, gradC, d0 + b + u).add(through);
          FloatVector dn =
              through.neg().fma(r, FloatVector.fromArray(Lanes.SPECIES, gradN, d0 + b + u));
          FloatVector dm = FloatVector.fromArray(Lanes.SPECIES, gradM, d0 + b + u);
          FloatVector di = dc.fma(z, dn).mul(i);
          FloatVector dl =
              dc.fma(
                      FloatVector.fromArray(Lanes.SPECIES, c, before + b + u),
                      dn.mul(FloatVector.fromArray(Lanes.SPECIES, n, before + b + u)))
                  .mul(f);
          di.blend(dm.sub(dl), forgets).intoArray(gates, a + I + u);
          dl = dm.sub(di).blend(dl, forgets);
          dl.mul(one.sub(FloatVector.fromArray(Lanes.SPECIES, gates, a + F + u)))
              .intoArray(gates, a + F + u);
          dc.mul(i).mul(z.neg().fma(z, one)).intoArray(gates, a + Z + u);
          dh.mul(r).mul(o.mul(one.sub(o))).intoArray(gates, a + O + u);
          FloatVector.zero(Lanes.SPECIES).intoArray(gradH, d0 + b + u);
          dc.mul(f).intoArray(gradC, d0 + b + u);
          dn.mul(f).intoArray(gradN, d0 + b + u);
          dl.intoArray(gradM, d0 + b + u);
        }
      }
    }
  }
}
