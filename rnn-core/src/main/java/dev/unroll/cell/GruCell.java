package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import dev.unroll.kernel.Units;
import jdk.incubator.vector.FloatVector;

/**
 * The gated recurrent unit (Cho 2014), as PyTorch's {@code nn.GRU}: gate order r, z, n. z keeps the
 * old state, and r acts on the recurrent product together with its bias.
 *
 * <pre>
 * r, z = sigmoid(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)
 * n    = tanh(W_in x_t + b_in + r * (W_hn h_(t-1) + b_hn))
 * h_t  = (1 - z) * n + z * h_(t-1)
 * </pre>
 *
 * <p>r comes between the two products of n, so each has a slot. The order of the four slots is n's
 * input product, r, z, n's recurrent product: so each product covers three neighbouring slots.
 */
public final class GruCell implements StepCell {
  private static final Slots INPUT = new Slots(0, 3);
  private static final Slots HIDDEN = new Slots(1, 4);
  private static final int UNITS = 16;
  private static final int WIDTH = 64;
  private static final int NX = 0;
  private static final int R = 16;
  private static final int Z = 32;
  private static final int NH = 48;

  GruCell() {}

  @Override
  public String name() {
    return "gru";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public int slots() {
    return 4;
  }

  @Override
  public int gate(int slot) {
    return switch (slot) {
      case 1 -> 0;
      case 2 -> 1;
      default -> 2;
    };
  }

  @Override
  public Slots inputSlots() {
    return INPUT;
  }

  @Override
  public Slots hiddenSlots() {
    return HIDDEN;
  }

  @Override
  public void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
    Activations.sigmoid(gates, g0 + R, rows, 2 * UNITS, ldg);
    Units.gru(states[0], gates, g0, ldg, before, after, ld, rows);
  }

  /**
   * With q = W_hn h_(t-1) + b_hn, which forward leaves in its slot:
   *
   * <pre>
   * dz = dh * (h_(t-1) - n)        dz_pre = dz * z (1 - z)
   * dn = dh * (1 - z)              dn_pre = dn * (1 - n^2)
   * dr = dn_pre * q                dr_pre = dr * r (1 - r)
   * dq = dn_pre * r
   * dh_(t-1) = dh * z              plus what comes through weight_hh
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
    float[] h = states[0];
    float[] dh = gradients[0];
    if (Lanes.VECTOR) {
      Vectors.backward(rows, gates, g0, h, before, dh, d0, ld);
    } else {
      for (int row = 0; row < rows; row++) {
        int a = g0 + row * WIDTH;
        int b = row * ld;
        for (int u = 0; u < UNITS; u++) {
          float r = gates[a + R + u];
          float z = gates[a + Z + u];
          float n = gates[a + NX + u];
          float q = gates[a + NH + u];
          float dhu = dh[d0 + b + u];
          float takeNew = 1f - z;
          float dn = dhu * takeNew * Math.fma(-n, n, 1f);
          gates[a + Z + u] = dhu * (h[before + b + u] - n) * (z * takeNew);
          gates[a + R + u] = dn * q * (r * (1f - r));
          gates[a + NX + u] = dn;
          gates[a + NH + u] = dn * r;
          dh[d0 + b + u] = dhu * z;
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void backward(
        int rows, float[] gates, int g0, float[] h, int before, float[] dh, int d0, int ld) {
      for (int row = 0; row < rows; row++) {
        int a = g0 + row * WIDTH;
        int b = row * ld;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector r = FloatVector.fromArray(Lanes.SPECIES, gates, a + R + u);
          FloatVector z = FloatVector.fromArray(Lanes.SPECIES, gates, a + Z + u);
          FloatVector n = FloatVector.fromArray(Lanes.SPECIES, gates, a + NX + u);
          FloatVector q = FloatVector.fromArray(Lanes.SPECIES, gates, a + NH + u);
          FloatVector hPrev = FloatVector.fromArray(Lanes.SPECIES, h, before + b + u);
          FloatVector dhu = FloatVector.fromArray(Lanes.SPECIES, dh, d0 + b + u);
          FloatVector takeNew = one.sub(z);
          FloatVector dn = dhu.mul(takeNew).mul(n.neg().fma(n, one));
          dhu.mul(hPrev.sub(n)).mul(z.mul(takeNew)).intoArray(gates, a + Z + u);
          dn.mul(q).mul(r.mul(one.sub(r))).intoArray(gates, a + R + u);
          dn.intoArray(gates, a + NX + u);
          dn.mul(r).intoArray(gates, a + NH + u);
          dhu.mul(z).intoArray(dh, d0 + b + u);
        }
      }
    }
  }
}
