package dev.unroll.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link DeltaRule} back through a step. With G the gradient to the state after the step, without
 * what comes from y:
 *
 * <pre>
 * G  = G + q dyᵀ                  u  = beta r,  r = v - decay Sᵀ k
 * du = Gᵀ k                       dw = -decay beta du
 * dv = beta du                    dq = (decay S + k uᵀ) dy
 * dbeta = du · r                  dk = G u + S dw
 * dS = decay G + k dwᵀ            decay ddecay = sum of dS * S
 * </pre>
 *
 * <p>Here the matrices lie the other way: a row for each column of the strip, {@code ldk} floats
 * apart, with lanes along the key. So the sums over the columns, which are most of them, do not
 * cross lanes; those along the key do, in the order of {@link DotProduct}. S is the state before
 * the step; the bits of {@link #replay} are those of {@link DeltaRule}.
 *
 * <p>Allocates nothing after construction; not for two threads at once.
 */
public final class DeltaGradient {
  private static final int LANES = DotProduct.LANES;
  private static final int B = Buffers.BASE;

  /** For each column of the strip the partial sums of du. */
  private final float[] partial = Buffers.floats((long) DeltaRule.STRIP * LANES);

  private final float[] u = Buffers.floats(DeltaRule.STRIP);
  private final float[] du = Buffers.floats(DeltaRule.STRIP);
  private final float[] dw = Buffers.floats(DeltaRule.STRIP);
  private final float[] lanes = Buffers.floats(LANES);
  private float dBeta;
  private float dLogDecay;

  /** Allocates the buffers. */
  public DeltaGradient() {}

  /** {@return dbeta of the last step back, for the strip} */
  public float dBeta() {
    return dBeta;
  }

  /** {@return the gradient to the logarithm of the decay at the last step back, for the strip} */
  public float dLogDecay() {
    return dLogDecay;
  }

  /**
   * The state after a step from that before it.
   *
   * @param next the state after, written from {@code n0}
   * @param s the state before, from {@code s0}
   * @param columns columns of the strip, a multiple of 16
   * @param ldk floats of a row, a multiple of 16 that the key fills with zeros
   * @param row holds k from {@code k}
   * @param values holds r from {@code r}
   */
  public void replay(
      float[] next,
      int n0,
      float[] s,
      int s0,
      int columns,
      int ldk,
      float decay,
      float beta,
      float[] row,
      int k,
      float[] values,
      int r) {
    setU(values, r, beta, columns);
    if (Lanes.VECTOR) {
      for (int i = 0; i < ldk; i += Lanes.LENGTH) {
        Vectors.replay(next, n0 + i, s, s0 + i, columns, ldk, decay, row, k + i, u);
      }
      return;
    }
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < ldk; i++) {
        next[n0 + j * ldk + i] = Math.fma(row[k + i], u[B + j], s[s0 + j * ldk + i] * decay);
      }
    }
  }

  private void setU(float[] values, int r, float beta, int columns) {
    for (int j = 0; j < columns; j++) {
      u[B + j] = values[r + j] * beta;
    }
  }

  /**
   * A step back.
   *
   * @param g the gradient to the state after the step, from {@code g0}; replaced by that to the
   *     state before it
   * @param s the state before the step, from {@code s0}
   * @param columns columns of the strip
   * @param ldk floats of a row
   * @param row holds k and q at these offsets
   * @param values holds r from {@code r}, which is replaced by dv
   * @param dy the gradient to the strip's output, from {@code dy0}; zeros where the step has none
   * @param dk the strip's part of the gradient to k, written: ldk floats from {@code dk0}
   * @param dq the same of q
   */
  public void back(
      float[] g,
      int g0,
      float[] s,
      int s0,
      int columns,
      int ldk,
      float decay,
      float beta,
      float[] row,
      int k,
      int q,
      float[] values,
      int r,
      float[] dy,
      int dy0,
      float[] dk,
      int dk0,
      float[] dq,
      int dq0) {
    setU(values, r, beta, columns);
    Arrays.fill(partial, B, B + columns * LANES, 0f);
    if (Lanes.VECTOR) {
      for (int lane = 0; lane < LANES; lane += Lanes.LENGTH) {
        int p = B + lane;
        int i = lane;
        for (; i + 3 * LANES < ldk; i += 4 * LANES) {
          Vectors.addOutput4(g, g0 + i, columns, ldk, row, k + i, q + i, dy, dy0, partial, p);
        }
        for (; i < ldk; i += LANES) {
          Vectors.addOutput1(g, g0 + i, columns, ldk, row, k + i, q + i, dy, dy0, partial, p);
        }
      }
    } else {
      for (int j = 0; j < columns; j++) {
        for (int i = 0; i < ldk; i++) {
          int at = g0 + j * ldk + i;
          int lane = B + j * LANES + i % LANES;
          g[at] = Math.fma(row[q + i], dy[dy0 + j], g[at]);
          partial[lane] = Math.fma(row[k + i], g[at], partial[lane]);
        }
      }
    }
    for (int j = 0; j < columns; j++) {
      float sum = DotProduct.tree(partial, B + j * LANES);
      du[B + j] = sum;
      dw[B + j] = -(decay * (beta * sum));
    }
    dBeta = DotProduct.sum(du, B, values, r, columns, lanes);
    float along = DotProduct.sum(u, B, dy, dy0, columns, lanes);
    for (int j = 0; j < columns; j++) {
      values[r + j] = du[B + j] * beta;
    }
    Arrays.fill(partial, B, B + LANES, 0f);
    if (Lanes.VECTOR) {
      for (int i = 0; i < ldk; i += Lanes.LENGTH) {
        Vectors.back(
            g,
            g0 + i,
            s,
            s0 + i,
            columns,
            ldk,
            decay,
            along,
            row,
            k + i,
            u,
            dw,
            dy,
            dy0,
            dk,
            dk0 + i,
            dq,
            dq0 + i,
            partial,
            B + i % LANES);
      }
    } else {
      for (int i = 0; i < ldk; i++) {
        float throughG = 0f;
        float throughS = 0f;
        float output = 0f;
        float scaled = 0f;
        for (int j = 0; j < columns; j++) {
          int at = j * ldk + i;
          throughG = Math.fma(g[g0 + at], u[B + j], throughG);
          throughS = Math.fma(s[s0 + at], dw[B + j], throughS);
          output = Math.fma(s[s0 + at], dy[dy0 + j], output);
          g[g0 + at] = Math.fma(row[k + i], dw[B + j], g[g0 + at] * decay);
          scaled = Math.fma(g[g0 + at], s[s0 + at], scaled);
        }
        dk[dk0 + i] = throughG + throughS;
        dq[dq0 + i] = Math.fma(row[k + i], along, output * decay);
        partial[B + i % LANES] += scaled;
      }
    }
    dLogDecay = DotProduct.tree(partial, B);
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void replay(
        float[] next,
        int n0,
        float[] s,
        int s0,
        int columns,
        int ldk,
        float decay,
        float[] row,
        int k,
        float[] u) {
      FloatVector x = FloatVector.fromArray(Lanes.SPECIES, row, k);
      FloatVector keep = FloatVector.broadcast(Lanes.SPECIES, decay);
      for (int j = 0; j < columns; j++) {
        FloatVector a = FloatVector.fromArray(Lanes.SPECIES, s, s0 + j * ldk).mul(keep);
        x.fma(FloatVector.broadcast(Lanes.SPECIES, u[B + j]), a).intoArray(next, n0 + j * ldk);
      }
    }

    /** G += q dyᵀ, and the partial sums of Gᵀ k, for one vector of components of the key. */
    static void addOutput1(
        float[] g,
        int g0,
        int columns,
        int ldk,
        float[] row,
        int k,
        int q,
        float[] dy,
        int dy0,
        float[] partial,
        int p0) {
      FloatVector x = FloatVector.fromArray(Lanes.SPECIES, row, k);
      FloatVector z = FloatVector.fromArray(Lanes.SPECIES, row, q);
      for (int j = 0; j < columns; j++) {
        int at = g0 + j * ldk;
        FloatVector d = FloatVector.broadcast(Lanes.SPECIES, dy[dy0 + j]);
        FloatVector a = z.fma(d, FloatVector.fromArray(Lanes.SPECIES, g, at));
        a.intoArray(g, at);
        int to = p0 + j * LANES;
        x.fma(a, FloatVector.fromArray(Lanes.SPECIES, partial, to)).intoArray(partial, to);
      }
    }

    /** The same for four vectors, 16 components apart, which store the partial sums once. */
    static void addOutput4(
        float[] g,
        int g0,
        int columns,
        int ldk,
        float[] row,
        int k,
        int q,
        float[] dy,
        int dy0,
        float[] partial,
        int p0) {
      FloatVector x0 = FloatVector.fromArray(Lanes.SPECIES, row, k);
      FloatVector x1 = FloatVector.fromArray(Lanes.SPECIES, row, k + LANES);
      FloatVector x2 = FloatVector.fromArray(Lanes.SPECIES, row, k + 2 * LANES);
      FloatVector x3 = FloatVector.fromArray(Lanes.SPECIES, row, k + 3 * LANES);
      FloatVector z0 = FloatVector.fromArray(Lanes.SPECIES, row, q);
      FloatVector z1 = FloatVector.fromArray(Lanes.SPECIES, row, q + LANES);
      FloatVector z2 = FloatVector.fromArray(Lanes.SPECIES, row, q + 2 * LANES);
      FloatVector z3 = FloatVector.fromArray(Lanes.SPECIES, row, q + 3 * LANES);
      for (int j = 0; j < columns; j++) {
        int at = g0 + j * ldk;
        int to = p0 + j * LANES;
        FloatVector d = FloatVector.broadcast(Lanes.SPECIES, dy[dy0 + j]);
        FloatVector sum = FloatVector.fromArray(Lanes.SPECIES, partial, to);
        FloatVector a0 = z0.fma(d, FloatVector.fromArray(Lanes.SPECIES, g, at));
        FloatVector a1 = z1.fma(d, FloatVector.fromArray(Lanes.SPECIES, g, at + LANES));
        FloatVector a2 = z2.fma(d, FloatVector.fromArray(Lanes.SPECIES, g, at + 2 * LANES));
        FloatVector a3 = z3.fma(d, FloatVector.fromArray(Lanes.SPECIES, g, at + 3 * LANES));
        a0.intoArray(g, at);
        a1.intoArray(g, at + LANES);
        a2.intoArray(g, at + 2 * LANES);
        a3.intoArray(g, at + 3 * LANES);
        sum = x1.fma(a1, x0.fma(a0, sum));
        x3.fma(a3, x2.fma(a2, sum)).intoArray(partial, to);
      }
    }

    static void back(
        float[] g,
        int g0,
        float[] s,
        int s0,
        int columns,
        int ldk,
        float decay,
        float along,
        float[] row,
        int k,
        float[] u,
        float[] dw,
        float[] dy,
        int dy0,
        float[] dk,
        int dk0,
        float[] dq,
        int dq0,
        float[] partial,
        int p0) {
      FloatVector x = FloatVector.fromArray(Lanes.SPECIES, row, k);
      FloatVector keep = FloatVector.broadcast(Lanes.SPECIES, decay);
      FloatVector throughG = FloatVector.zero(Lanes.SPECIES);
      FloatVector throughS = FloatVector.zero(Lanes.SPECIES);
      FloatVector output = FloatVector.zero(Lanes.SPECIES);
      FloatVector scaled = FloatVector.zero(Lanes.SPECIES);
      for (int j = 0; j < columns; j++) {
        int at = j * ldk;
        FloatVector a = FloatVector.fromArray(Lanes.SPECIES, g, g0 + at);
        FloatVector b = FloatVector.fromArray(Lanes.SPECIES, s, s0 + at);
        FloatVector d = FloatVector.broadcast(Lanes.SPECIES, dw[B + j]);
        throughG = a.fma(FloatVector.broadcast(Lanes.SPECIES, u[B + j]), throughG);
        throughS = b.fma(d, throughS);
        output = b.fma(FloatVector.broadcast(Lanes.SPECIES, dy[dy0 + j]), output);
        a = x.fma(d, a.mul(keep));
        a.intoArray(g, g0 + at);
        scaled = a.fma(b, scaled);
      }
      throughG.add(throughS).intoArray(dk, dk0);
      x.fma(FloatVector.broadcast(Lanes.SPECIES, along), output.mul(keep)).intoArray(dq, dq0);
      FloatVector.fromArray(Lanes.SPECIES, partial, p0).add(scaled).intoArray(partial, p0);
    }
  }
}
