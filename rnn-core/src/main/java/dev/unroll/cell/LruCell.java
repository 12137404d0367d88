package dev.unroll.cell;

import dev.unroll.kernel.Lanes;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The linear recurrent unit (Orvieto et al. 2023, "Resurrecting Recurrent Neural Networks for Long
 * Sequences"): a complex state, multiplied by a constant in each step. Rows of {@code weight_ih}:
 * the real parts, then the imaginary parts; the same order in the state, which is the output, so
 * that h is {@code [2H]} and the next layer's weight plays the paper's C.
 *
 * <pre>
 * lambda = exp(-exp(nu_log) + i exp(theta_log))
 * h_t    = lambda * h_(t-1) + exp(gamma_log) * (W_ih x_t + b_ih)
 * </pre>
 *
 * <p>{@code nu_log}, {@code theta_log} and {@code gamma_log} are {@code [H]}. The paper has no
 * bias. {@link Initializer#lru} has the paper's initialization.
 */
public final class LruCell implements DiagonalCell {
  /** A quarter turn, and what the double leaves out of it. */
  private static final double QUARTER = Math.PI / 2;

  private static final double QUARTER_REST = 6.123233995736766e-17;

  private static final List<StatePart> STATES =
      List.of(new StatePart("h", sizes -> 2 * sizes.hiddenSize(), true));

  // The constants: lambda and exp(gamma_log).
  private static final int RE = 0;
  private static final int IM = UNITS;
  private static final int GAMMA = 2 * UNITS;

  LruCell() {}

  @Override
  public String name() {
    return "lru";
  }

  @Override
  public int gates() {
    return 2;
  }

  @Override
  public List<StatePart> states() {
    return STATES;
  }

  @Override
  public List<Vector> vectors() {
    return List.of(new Vector("nu_log", 1), new Vector("theta_log", 1), new Vector("gamma_log", 1));
  }

  @Override
  public void constants(double[] own, double[] constants) {
    double radius = StrictMath.exp(-StrictMath.exp(own[0]));
    double phase = StrictMath.exp(own[1]);
    constants[0] = radius * cos(phase, 0);
    constants[1] = radius * cos(phase, 1);
    constants[2] = StrictMath.exp(own[2]);
  }

  /** dlambda/dnu_log = -exp(nu_log) lambda, dlambda/dtheta_log = i exp(theta_log) lambda. */
  @Override
  public void constantsBackward(double[] own, double[] gradients) {
    double decay = StrictMath.exp(own[0]);
    double radius = StrictMath.exp(-decay);
    double phase = StrictMath.exp(own[1]);
    double re = radius * cos(phase, 0);
    double im = radius * cos(phase, 1);
    double dRe = gradients[0];
    double dIm = gradients[1];
    gradients[0] = -decay * (dRe * re + dIm * im);
    gradients[1] = phase * (dIm * re - dRe * im);
    gradients[2] *= StrictMath.exp(own[2]);
  }

  /**
   * The cosine so many quarter turns before a phase: with 1 the sine. StrictMath's allocate, and
   * Math's may differ between machines.
   */
  private static double cos(double phase, int quartersBefore) {
    double quarters = StrictMath.rint(phase / QUARTER);
    double rest = Math.fma(-quarters, QUARTER_REST, Math.fma(-quarters, QUARTER, phase));
    return switch ((int) ((long) quarters - quartersBefore) & 3) {
      case 0 -> series(rest, 0);
      case 1 -> -rest * series(rest, 1);
      case 2 -> -series(rest, 0);
      default -> rest * series(rest, 1);
    };
  }

  /** Taylor's series of cos x, or with 1 of sin x / x, up to an eighth of a turn. */
  private static double series(double x, int odd) {
    double square = x * x;
    double sum = 1;
    for (int n = 18; n > 0; n -= 2) {
      sum = Math.fma(-square / (n * (n - 1. + 2 * odd)), sum, 1);
    }
    return sum;
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
      Vectors.forward(
          rows, gates, g0, gateStride, ldg, constants, k0, states, s0, planeStride, lds);
      return;
    }
    for (int r = 0; r < rows; r++) {
      int g = g0 + r * ldg;
      int s = s0 + r * lds;
      for (int u = 0; u < UNITS; u++) {
        float re = constants[k0 + RE + u];
        float im = constants[k0 + IM + u];
        float gamma = constants[k0 + GAMMA + u];
        float x = states[s + u];
        float y = states[s + planeStride + u];
        states[s + lds + u] = Math.fma(-im, y, Math.fma(re, x, gamma * gates[g + u]));
        states[s + lds + planeStride + u] =
            Math.fma(im, x, Math.fma(re, y, gamma * gates[g + gateStride + u]));
      }
    }
  }

  /**
   * With the gradient of a complex number as the pair of those of its parts, and conj its
   * conjugate:
   *
   * <pre>
   * d(W x)    = gamma * dh        dgamma  += re(conj(W x) * dh)
   * dh_(t-1)  = conj(lambda) * dh dlambda += conj(h_(t-1)) * dh
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
          gateStride,
          ldg,
          constants,
          k0,
          states,
          s0,
          planeStride,
          lds,
          gradients,
          d0,
          gradientStride,
          upstream,
          u0,
          upstreamStride,
          ldu,
          constantGradients,
          dk0);
      return;
    }
    for (int r = rows - 1; r >= 0; r--) {
      int g = g0 + r * ldg;
      int s = s0 + r * lds;
      int up = u0 + r * ldu;
      for (int u = 0; u < UNITS; u++) {
        float re = constants[k0 + RE + u];
        float im = constants[k0 + IM + u];
        float gamma = constants[k0 + GAMMA + u];
        float x = states[s + u];
        float y = states[s + planeStride + u];
        float dx = gradients[d0 + u] + upstream[up + u];
        float dy = gradients[d0 + gradientStride + u] + upstream[up + upstreamStride + u];
        int k = dk0 + u;
        constantGradients[k + RE] = Math.fma(dy, y, Math.fma(dx, x, constantGradients[k + RE]));
        constantGradients[k + IM] = Math.fma(-dx, y, Math.fma(dy, x, constantGradients[k + IM]));
        constantGradients[k + GAMMA] =
            Math.fma(
                dy,
                gates[g + gateStride + u],
                Math.fma(dx, gates[g + u], constantGradients[k + GAMMA]));
        gates[g + u] = gamma * dx;
        gates[g + gateStride + u] = gamma * dy;
        gradients[d0 + u] = Math.fma(im, dy, re * dx);
        gradients[d0 + gradientStride + u] = Math.fma(-im, dx, re * dy);
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
        int gateStride,
        int ldg,
        float[] constants,
        int k0,
        float[] states,
        int s0,
        int planeStride,
        int lds) {
      for (int r = 0; r < rows; r++) {
        int g = g0 + r * ldg;
        int s = s0 + r * lds;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector re = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + RE + u);
          FloatVector im = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + IM + u);
          FloatVector gamma = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + GAMMA + u);
          FloatVector x = FloatVector.fromArray(Lanes.SPECIES, states, s + u);
          FloatVector y = FloatVector.fromArray(Lanes.SPECIES, states, s + planeStride + u);
          FloatVector inX = gamma.mul(FloatVector.fromArray(Lanes.SPECIES, gates, g + u));
          FloatVector inY =
              gamma.mul(FloatVector.fromArray(Lanes.SPECIES, gates, g + gateStride + u));
          im.neg().fma(y, re.fma(x, inX)).intoArray(states, s + lds + u);
          im.fma(x, re.fma(y, inY)).intoArray(states, s + lds + planeStride + u);
        }
      }
    }

    static void backward(
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
      for (int r = rows - 1; r >= 0; r--) {
        int g = g0 + r * ldg;
        int s = s0 + r * lds;
        int up = u0 + r * ldu;
        for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
          FloatVector re = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + RE + u);
          FloatVector im = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + IM + u);
          FloatVector gamma = FloatVector.fromArray(Lanes.SPECIES, constants, k0 + GAMMA + u);
          FloatVector x = FloatVector.fromArray(Lanes.SPECIES, states, s + u);
          FloatVector y = FloatVector.fromArray(Lanes.SPECIES, states, s + planeStride + u);
          FloatVector dx =
              FloatVector.fromArray(Lanes.SPECIES, gradients, d0 + u)
                  .add(FloatVector.fromArray(Lanes.SPECIES, upstream, up + u));
          FloatVector dy =
              FloatVector.fromArray(Lanes.SPECIES, gradients, d0 + gradientStride + u)
                  .add(FloatVector.fromArray(Lanes.SPECIES, upstream, up + upstreamStride + u));
          int k = dk0 + u;
          dy.fma(y, dx.fma(x, FloatVector.fromArray(Lanes.SPECIES, constantGradients, k + RE)))
              .intoArray(constantGradients, k + RE);
          dx.neg()
              .fma(y, dy.fma(x, FloatVector.fromArray(Lanes.SPECIES, constantGradients, k + IM)))
              .intoArray(constantGradients, k + IM);
          FloatVector inX = FloatVector.fromArray(Lanes.SPECIES, gates, g + u);
          FloatVector inY = FloatVector.fromArray(Lanes.SPECIES, gates, g + gateStride + u);
          FloatVector sum = FloatVector.fromArray(Lanes.SPECIES, constantGradients, k + GAMMA);
          dy.fma(inY, dx.fma(inX, sum)).intoArray(constantGradients, k + GAMMA);
          gamma.mul(dx).intoArray(gates, g + u);
          gamma.mul(dy).intoArray(gates, g + gateStride + u);
          im.fma(dy, re.mul(dx)).intoArray(gradients, d0 + u);
          im.neg().fma(dx, re.mul(dy)).intoArray(gradients, d0 + gradientStride + u);
        }
      }
    }
  }
}
