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
  public void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
    if (nonlinearity == Nonlinearity.TANH) {
      Activations.tanh(gates, g0, rows, UNITS, ldg);
    } else {
      relu(rows, gates, g0, ldg);
    }
    for (int r = 0; r < rows; r++) {
      System.arraycopy(gates, g0 + r * ldg, states[0], after + r * ld, UNITS);
    }
  }

  private static void relu(int rows, float[] gates, int g0, int ldg) {
    if (Lanes.VECTOR) {
      Vectors.relu(rows, gates, g0, ldg);
    } else {
      for (int r = 0; r < rows; r++) {
        int from = g0 + r * ldg;
        int end = from + UNITS;
        for (int a = from; a < end; a++) {
          gates[a] = gates[a] <= 0f ? 0f : gates[a];
        }
      }
    }
  }

  /**
   * With s the sum that f is applied to:
   *
   * <pre>
   * ds = dh * (1 - h_t^2)          tanh
   * ds = dh where h_t > 0, else 0  max(0, .)
   * dh_(t-1) = 0                   plus what comes through weight_hh
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
    if (nonlinearity == Nonlinearity.TANH) {
      backwardTanh(rows, gates, g0, gradients[0], d0, ld);
    } else {
      backwardRelu(rows, gates, g0, gradients[0], d0, ld);
    }
  }

  private static void backwardTanh(int rows, float[] gates, int g0, float[] dh, int d0, int ld) {
    if (Lanes.VECTOR) {
      Vectors.backwardTanh(rows, gates, g0, dh, d0, ld);
    } else {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * UNITS;
        int b = d0 + r * ld;
        for (int u = 0; u < UNITS; u++) {
          float h = gates[a + u];
          gates[a + u] = dh[b + u] * Math.fma(-h, h, 1f);
          dh[b + u] = 0f;
        }
      }
    }
  }

  private static void backwardRelu(int rows, float[] gates, int g0, float[] dh, int d0, int ld) {
    if (Lanes.VECTOR) {
      Vectors.backwardRelu(rows, gates, g0, dh, d0, ld);
    } else {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * UNITS;
        int b = d0 + r * ld;
        for (int u = 0; u < UNITS; u++) {
          gates[a + u] = gates[a + u] <= 0f ? 0f : dh[b + u];
          dh[b + u] = 0f;
        }
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void relu(int rows, float[] gates, int g0, int ldg) {
      for (int r = 0; r < rows; r++) {
        int from = g0 + r * ldg;
        int end = from + UNITS;
        for (int a = from; a < end; a += Lanes.LENGTH) {
          FloatVector x = FloatVector.fromArray(Lanes.SPECIES, gates, a);
          x.blend(0f, x.compare(VectorOperators.LE, 0f)).intoArray(gates, a);
        }
      }
    }

    static void backwardTanh(int rows, float[] gates, int g0, float[] dh, int d0, int ld) {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * UNITS;
        int b = d0 + r * ld;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector h = FloatVector.fromArray(Lanes.SPECIES, gates, a + u);
          FloatVector dhu = FloatVector.fromArray(Lanes.SPECIES, dh, b + u);
          FloatVector slope = h.neg().fma(h, FloatVector.broadcast(Lanes.SPECIES, 1f));
          dhu.mul(slope).intoArray(gates, a + u);
          FloatVector.zero(Lanes.SPECIES).intoArray(dh, b + u);
        }
      }
    }

    static void backwardRelu(int rows, float[] gates, int g0, float[] dh, int d0, int ld) {
      for (int r = 0; r < rows; r++) {
        int a = g0 + r * UNITS;
        int b = d0 + r * ld;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector h = FloatVector.fromArray(Lanes.SPECIES, gates, a + u);
          FloatVector dhu = FloatVector.fromArray(Lanes.SPECIES, dh, b + u);
          dhu.blend(0f, h.compare(VectorOperators.LE, 0f)).intoArray(gates, a + u);
          FloatVector.zero(Lanes.SPECIES).intoArray(dh, b + u);
        }
      }
    }
  }
}
