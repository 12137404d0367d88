package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * What an iteration of Newton's method does to {@value #UNITS} units of one or two states in one
 * step, besides the step itself and its Jacobian. The bits are the same at every vector width.
 */
public final class NewtonStep {
  /** Units of a step. */
  public static final int UNITS = 64;

  private NewtonStep() {}

  /**
   * Finds the old state after the step, and puts the new l and P in the place of the old:
   *
   * <pre>
   * s_t = l_t + P_t d                            with the old l and P
   * l_t = f_t + J_t (l_(t-1) - s_(t-1))
   * P_t = J_t P_(t-1)
   * </pre>
   *
   * <p>Arrays hold a state's units each, or a pair of states' (of s_p to s_q at 2 p + q).
   *
   * @param f f(s_(t-1), x_t), from 0 on
   * @param jacobian J_t, from 0 on
   * @param l l_t, replaced
   * @param product P_t, replaced
   * @param at where l_t and P_t start
   * @param change d
   * @param carried where d starts
   * @param s from 0 on; receives s_t
   * @param ahead l - s, from 0 on; that before the step is replaced by that after it
   * @param before P_(t-1), from 0 on; replaced by P_t
   * @param largest of each unit, the largest element of f - s so far; brought up to date
   */
  public static void advance(
      float[][] f,
      float[][] jacobian,
      float[][] l,
      float[][] product,
      int at,
      float[][] change,
      int carried,
      float[][] s,
      float[][] ahead,
      float[][] before,
      float[] largest) {
    if (f.length == 1) {
      one(
          f[0],
          jacobian[0],
          l[0],
          product[0],
          at,
          change[0],
          carried,
          s[0],
          ahead[0],
          before[0],
          largest);
    } else if (Lanes.VECTOR) {
      Vectors.two(f, jacobian, l, product, at, change, carried, s, ahead, before, largest);
    } else {
      two(f, jacobian, l, product, at, change, carried, s, ahead, before, largest);
    }
  }

  /** One state a unit, a loop that C2 makes vectors of. */
  private static void one(
      float[] f,
      float[] j,
      float[] l,
      float[] p,
      int at,
      float[] d,
      int carried,
      float[] s,
      float[] ahead,
      float[] before,
      float[] largest) {
    for (int u = 0; u < UNITS; u++) {
      float next = Math.fma(p[at + u], d[carried + u], l[at + u]);
      float solved = Math.fma(j[u], ahead[u], f[u]);
      float through = j[u] * before[u];
      s[u] = next;
      l[at + u] = solved;
      p[at + u] = through;
      ahead[u] = solved - next;
      before[u] = through;
    }
    for (int u = 0; u < UNITS; u++) {
      largest[u] = Math.max(largest[u], Math.abs(f[u] - s[u]));
    }
  }

  private static void two(
      float[][] f,
      float[][] j,
      float[][] l,
      float[][] p,
      int at,
      float[][] d,
      int carried,
      float[][] s,
      float[][] ahead,
      float[][] before,
      float[] largest) {
    for (int u = 0; u < UNITS; u++) {
      float d0 = d[0][carried + u];
      float d1 = d[1][carried + u];
      float e0 = ahead[0][u];
      float e1 = ahead[1][u];
      float b00 = before[0][u];
      float b01 = before[1][u];
      float b10 = before[2][u];
      float b11 = before[3][u];
      for (int state = 0; state < 2; state++) {
        int first = 2 * state;
        int second = first + 1;
        float fu = f[state][u];
        float j0 = j[first][u];
        float j1 = j[second][u];
        float sum = Math.fma(p[first][at + u], d0, l[state][at + u]);
        float next = Math.fma(p[second][at + u], d1, sum);
        float solved = Math.fma(j1, e1, Math.fma(j0, e0, fu));
        float through0 = Math.fma(j1, b10, j0 * b00);
        float through1 = Math.fma(j1, b11, j0 * b01);
        s[state][u] = next;
        l[state][at + u] = solved;
        ahead[state][u] = solved - next;
        largest[u] = Math.max(largest[u], Math.abs(fu - next));
        p[first][at + u] = through0;
        before[first][u] = through0;
        p[second][at + u] = through1;
        before[second][u] = through1;
      }
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    /** Operation for operation the plain loop, of which C2 makes no vectors. */
    static void two(
        float[][] f,
        float[][] j,
        float[][] l,
        float[][] p,
        int at,
        float[][] d,
        int carried,
        float[][] s,
        float[][] ahead,
        float[][] before,
        float[] largest) {
      for (int u = 0; u < UNITS; u += Lanes.LENGTH) {
        FloatVector d0 = FloatVector.fromArray(Lanes.SPECIES, d[0], carried + u);
        FloatVector d1 = FloatVector.fromArray(Lanes.SPECIES, d[1], carried + u);
        FloatVector e0 = FloatVector.fromArray(Lanes.SPECIES, ahead[0], u);
        FloatVector e1 = FloatVector.fromArray(Lanes.SPECIES, ahead[1], u);
        FloatVector b00 = FloatVector.fromArray(Lanes.SPECIES, before[0], u);
        FloatVector b01 = FloatVector.fromArray(Lanes.SPECIES, before[1], u);
        FloatVector b10 = FloatVector.fromArray(Lanes.SPECIES, before[2], u);
        FloatVector b11 = FloatVector.fromArray(Lanes.SPECIES, before[3], u);
        FloatVector most = FloatVector.fromArray(Lanes.SPECIES, largest, u);
        for (int state = 0; state < 2; state++) {
          int first = 2 * state;
          int second = first + 1;
          FloatVector fu = FloatVector.fromArray(Lanes.SPECIES, f[state], u);
          FloatVector j0 = FloatVector.fromArray(Lanes.SPECIES, j[first], u);
          FloatVector j1 = FloatVector.fromArray(Lanes.SPECIES, j[second], u);
          FloatVector sum =
              FloatVector.fromArray(Lanes.SPECIES, p[first], at + u)
                  .fma(d0, FloatVector.fromArray(Lanes.SPECIES, l[state], at + u));
          FloatVector next = FloatVector.fromArray(Lanes.SPECIES, p[second], at + u).fma(d1, sum);
          FloatVector solved = j1.fma(e1, j0.fma(e0, fu));
          FloatVector through0 = j1.fma(b10, j0.mul(b00));
          FloatVector through1 = j1.fma(b11, j0.mul(b01));
          next.intoArray(s[state], u);
          solved.intoArray(l[state], at + u);
          solved.sub(next).intoArray(ahead[state], u);
          most = most.max(fu.sub(next).abs());
          through0.intoArray(p[first], at + u);
          through0.intoArray(before[first], u);
          through1.intoArray(p[second], at + u);
          through1.intoArray(before[second], u);
        }
        most.intoArray(largest, u);
      }
    }
  }
}
