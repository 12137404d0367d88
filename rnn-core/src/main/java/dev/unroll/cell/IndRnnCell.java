package dev.unroll.cell;

import dev.unroll.kernel.Lanes;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The independently recurrent network (Li et al. 2018, "Independently Recurrent Neural Network"):
 * one recurrent weight a unit, {@code weight_hh [H]}, and no {@code bias_hh}.
 *
 * <pre>h_t = max(0, W_ih x_t + b_ih + w_hh * h_(t-1))</pre>
 *
 * <p>{@link Initializer#indRnn} has the paper's initialization.
 */
public final class IndRnnCell implements DiagonalCell {
  IndRnnCell() {}

  @Override
  public String name() {
    return "indrnn";
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public List<Vector> vectors() {
    return List.of(new Vector("weight_hh", 1));
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
    if (Lanes.VECTOR) {
      Vectors.forward(rows, gates, g0, ldg, constants, k0, states, s0, lds);
      return;
    }
    for (int r = 0; r < rows; r++) {
      int g = g0 + r * ldg;
      int s = s0 + r * lds;
      for (int u = 0; u < UNITS; u++) {
        float x = Math.fma(constants[k0 + u], states[s + u], gates[g + u]);
        states[s + lds + u] = x <= 0f ? 0f : x;
      }
    }
  }

  /**
   * With s the sum under max:
   *
   * <pre>
   * ds = dh where h_t > 0, else 0
   * dw_hh += ds * h_(t-1)
   * dh_(t-1) = ds * w_hh
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
    if (Lanes.VECTOR) {
      Vectors.backward(
          rows,
          gates,
          g0,
          ldg,
          constants,
          k0,
          states,
          s0,
          lds,
          gradients,
          d0,
          upstream,
          u0,
          ldu,
          constantGradients,
          dk0);
      return;
    }
    for (int r = rows - 1; r >= 0; r--) {
      int g = g0 + r * ldg;
      int s = s0 + r * lds;
      for (int u = 0; u < UNITS; u++) {
        float dh = gradients[d0 + u] + upstream[u0 + r * ldu + u];
        float ds = states[s + lds + u] <= 0f ? 0f : dh;
        gates[g + u] = ds;
        constantGradients[dk0 + u] = Math.fma(ds, states[s + u], constantGradients[dk0 + u]);
        gradients[d0 + u] = ds * constants[k0 + u];
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void forward(
        int rows,
        float[] gates,
        int g0,
        int ldg,
        float[] constants,
        int k0,
        float[] states,
        int s0,
        int lds) {
      for (int r = 0; r < rows; r++) {
        int g = g0 + r * ldg;
        int s = s0 + r * lds;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector w = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + u);
          FloatVector h = FloatVector.fromArray(Lanes.SPECIES, states, s + u);
          FloatVector x = w.fma(h, FloatVector.fromArray(Lanes.SPECIES, gates, g + u));
          x.blend(0f, x.compare(VectorOperators.LE, 0f)).intoArray(states, s + lds + u);
        }
      }
    }

    static void backward(
        int rows,
        float[] gates,
        int g0,
        int ldg,
        float[] constants,
        int k0,
        float[] states,
        int s0,
        int lds,
        float[] gradients,
        int d0,
        float[] upstream,
        int u0,
        int ldu,
        float[] constantGradients,
        int dk0) {
      for (int r = rows - 1; r >= 0; r--) {
        int g = g0 + r * ldg;
        int s = s0 + r * lds;
        int up = u0 + r * ldu;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector h = FloatVector.fromArray(Lanes.SPECIES, states, s + u);
          FloatVector next = FloatVector.fromArray(Lanes.SPECIES, states, s + lds + u);
          FloatVector dh =
              FloatVector.fromArray(Lanes.SPECIES, gradients, d0 + u)
                  .add(FloatVector.fromArray(Lanes.SPECIES, upstream, up + u));
          FloatVector ds = dh.blend(0f, next.compare(VectorOperators.LE, 0f));
          ds.intoArray(gates, g + u);
          ds.fma(h, FloatVector.fromArray(Lanes.SPECIES, constantGradients, dk0 + u))
              .intoArray(constantGradients, dk0 + u);
          ds.mul(FloatVector.fromArray(Lanes.SPECIES, constants, k0 + u))
              .intoArray(gradients, d0 + u);
        }
      }
    }
  }
}
