package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import dev.unroll.kernel.Units;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 2000), as
 * PyTorch's {@code nn.LSTM}: gate order i, f, g, o.
 *
 * <pre>
 * i, f, o = sigmoid(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)
 * g       = tanh   (W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)
 * c_t     = f * c_(t-1) + i * g
 * h_t     = o * tanh(c_t)
 * </pre>
 *
 * <p>The slots are ordered i, f, o, g, so that the three sigmoids are neighbours.
 */
public final class LstmCell implements StepCell {
  private static final Slots SLOTS = new Slots(0, 4);
  private static final int UNITS = 16;
  private static final int WIDTH = 64;
  private static final int I = 0;
  private static final int F = 16;
  private static final int O = 32;
  private static final int G = 48;

  LstmCell() {}

  @Override
  public String name() {
    return "lstm";
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
    return slot < 2 ? slot : 5 - slot;
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
    return StatePart.H_AND_C;
  }

  @Override
  public void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
    Activations.sigmoid(gates, g0 + I, rows, 3 * UNITS, ldg);
    Activations.tanh(gates, g0 + G, rows, UNITS, ldg);
    Units.lstm(states[0], states[1], gates, g0, ldg, before, after, ld, rows);
  }

  /**
   * With t = tanh(c_t):
   *
   * <pre>
   * do = dh * t                    do_pre = do * o (1 - o)
   * dc = dc + dh * o * (1 - t^2)
   * di = dc * g                    di_pre = di * i (1 - i)
   * df = dc * c_(t-1)              df_pre = df * f (1 - f)
   * dg = dc * i                    dg_pre = dg * (1 - g^2)
   * dc_(t-1) = dc * f
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
    float[] c = states[1];
    float[] dh = gradients[0];
    float[] dc = gradients[1];
    Activations.tanh(c, after, rows, UNITS, ld);
    if (Lanes.VECTOR) {
      Vectors.backward(rows, gates, g0, c, before, after, dh, dc, d0, ld);
    } else {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * WIDTH;
        int b = r * ld;
        for (int u = 0; u < UNITS; u++) {
          float i = gates[a + I + u];
          float f = gates[a + F + u];
          float g = gates[a + G + u];
          float o = gates[a + O + u];
          float t = c[after + b + u];
          float dhu = dh[d0 + b + u];
          float dcu = Math.fma(dhu * o, Math.fma(-t, t, 1f), dc[d0 + b + u]);
          gates[a + I + u] = dcu * g * (i * (1f - i));
          gates[a + F + u] = dcu * c[before + b + u] * (f * (1f - f));
          gates[a + G + u] = dcu * i * Math.fma(-g, g, 1f);
          gates[a + O + u] = dhu * t * (o * (1f - o));
          dc[d0 + b + u] = dcu * f;
          dh[d0 + b + u] = 0f;
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void backward(
        int rows,
        float[] gates,
        int g0,
        float[] c,
        int before,
        int after,
        float[] dh,
        float[] dc,
        int d0,
        int ld) {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * WIDTH;
        int b = r * ld;
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector i = FloatVector.fromArray(Lanes.SPECIES, gates, a + I + u);
          FloatVector f = FloatVector.fromArray(Lanes.SPECIES, gates, a + F + u);
          FloatVector g = FloatVector.fromArray(Lanes.SPECIES, gates, a + G + u);
          FloatVector o = FloatVector.fromArray(Lanes.SPECIES, gates, a + O + u);
          FloatVector t = FloatVector.fromArray(Lanes.SPECIES, c, after + b + u);
          FloatVector dhu = FloatVector.fromArray(Lanes.SPECIES, dh, d0 + b + u);
          FloatVector dcu =
              dhu.mul(o)
                  .fma(t.neg().fma(t, one), FloatVector.fromArray(Lanes.SPECIES, dc, d0 + b + u));
          dcu.mul(g).mul(i.mul(one.sub(i))).intoArray(gates, a + I + u);
          dcu.mul(FloatVector.fromArray(Lanes.SPECIES, c, before + b + u))
              .mul(f.mul(one.sub(f)))
              .intoArray(gates, a + F + u);
          dcu.mul(i).mul(g.neg().fma(g, one)).intoArray(gates, a + G + u);
          dhu.mul(t).mul(o.mul(one.sub(o))).intoArray(gates, a + O + u);
          dcu.mul(f).intoArray(dc, d0 + b + u);
          FloatVector.zero(Lanes.SPECIES).intoArray(dh, d0 + b + u);
        }
      }
    }
  }
}
