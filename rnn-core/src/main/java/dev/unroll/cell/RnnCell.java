package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The simple recurrent cell (Elman 1990), as PyTorch's {@code nn.RNN}.
 *
 * <pre>
 * h_t = f(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)     f = tanh or max(0, .)
 * </pre>
 */
public final class RnnCell implements StepCell {
  /** What is applied to the sum. */
  public enum Nonlinearity {
    /** Hyperbolic tangent. */
    TANH,
    /** Rectifier; NaN stays NaN. */
    RELU
  }

  private static final Slots SLOTS = new Slots(0, 1);
  private static final int UNITS = 64;

  private final Nonlinearity nonlinearity;

  RnnCell(Nonlinearity nonlinearity) {
    this.nonlinearity = nonlinearity;
  }

  @Override
  public String name() {
    return "rnn_" + nonlinearity.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public int gate(int slot) {
    return 0;
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
  public boolean hasCellState() {
    return false;
  }

  @Override
  public void forward(
      int rows,
      float[] gates,
      int g,
      int ldg,
      float[] hPrev,
      int hp,
      float[] cPrev,
      int cp,
      float[] h,
      int ho,
      float[] c,
      int co,
      int ld) {
    if (nonlinearity == Nonlinearity.TANH) {
      Activations.tanh(gates, g, rows, UNITS, ldg);
    } else {
      relu(rows, gates, g, ldg);
    }
    for (int r = 0; r < rows; r++) {
      System.arraycopy(gates, g + r * ldg, h, ho + r * ld, UNITS);
    }
  }

  private static void relu(int rows, float[] gates, int g, int ldg) {
    for (int r = 0; r < rows; r++) {
      int from = g + r * ldg;
      int end = from + UNITS;
      if (Lanes.VECTOR) {
        for (int a = from; a < end; a += Lanes.LENGTH) {
          FloatVector x = FloatVector.fromArray(Lanes.SPECIES, gates, a);
          x.blend(0f, x.compare(VectorOperators.LE, 0f)).intoArray(gates, a);
        }
      } else {
        for (int a = from; a < end; a++) {
          gates[a] = gates[a] <= 0f ? 0f : gates[a];
        }
      }
    }
  }

  @Override
  public void backward(
      int rows,
      float[] gates,
      int g,
      float[] hPrev,
      int hp,
      float[] cPrev,
      int cp,
      float[] c,
      int co,
      float[] dh,
      int dho,
      float[] dc,
      int dco,
      int ld) {
    if (nonlinearity == Nonlinearity.TANH) {
      backwardTanh(rows, gates, g, dh, dho, ld);
    } else {
      backwardRelu(rows, gates, g, dh, dho, ld);
    }
  }

  private static void backwardTanh(int rows, float[] gates, int g, float[] dh, int dho, int ld) {
    for (int r = 0; r < rows; r++) {
      int a = g + r * UNITS;
      int b = dho + r * ld;
      if (Lanes.VECTOR) {
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector y = FloatVector.fromArray(Lanes.SPECIES, gates, a + u);
          FloatVector dy = FloatVector.fromArray(Lanes.SPECIES, dh, b + u);
          FloatVector slope = y.neg().fma(y, FloatVector.broadcast(Lanes.SPECIES, 1f));
          dy.mul(slope).intoArray(gates, a + u);
          FloatVector.zero(Lanes.SPECIES).intoArray(dh, b + u);
        }
      } else {
        for (int u = 0; u < UNITS; u++) {
          float y = gates[a + u];
          gates[a + u] = dh[b + u] * Math.fma(-y, y, 1f);
          dh[b + u] = 0f;
        }
      }
    }
  }

  private static void backwardRelu(int rows, float[] gates, int g, float[] dh, int dho, int ld) {
    for (int r = 0; r < rows; r++) {
      int a = g + r * UNITS;
      int b = dho + r * ld;
      if (Lanes.VECTOR) {
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector y = FloatVector.fromArray(Lanes.SPECIES, gates, a + u);
          FloatVector dy = FloatVector.fromArray(Lanes.SPECIES, dh, b + u);
          dy.blend(0f, y.compare(VectorOperators.LE, 0f)).intoArray(gates, a + u);
          FloatVector.zero(Lanes.SPECIES).intoArray(dh, b + u);
        }
      } else {
        for (int u = 0; u < UNITS; u++) {
          gates[a + u] = gates[a + u] <= 0f ? 0f : dh[b + u];
          dh[b + u] = 0f;
        }
      }
    }
  }
}
