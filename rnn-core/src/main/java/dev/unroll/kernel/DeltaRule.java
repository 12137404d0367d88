package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The delta rule (Widrow and Hoff 1960; Schlag et al. 2021) on a strip of a head's state S, a
 * matrix of a row for each key component and up to {@value #STRIP} columns of the values:
 *
 * <pre>
 * u = beta (v - decay Sᵀ k)
 * S = decay S + k uᵀ
 * y = Sᵀ q
 * </pre>
 *
 * <p>Sᵀ k needs all of S before the first row can change. So a step that knows the next key also
 * computes Sᵀ k of the step to come, while S is in registers: each step reads and writes S once.
 *
 * <p>A strip is row-major, rows {@value #STRIP} floats apart. Lanes hold columns, and each column's
 * sums run over the rows in their order: the same bits at every width and split of the columns.
 * Columns come in 16s.
 *
 * <p>Nothing here allocates, starts threads or keeps state.
 */
public final class DeltaRule {
  /** Columns of a strip, and floats from one of its rows to the next. */
  public static final int STRIP = Panels.WIDTH;

  private static final int L = Lanes.LENGTH;

  private DeltaRule() {}

  /**
   * w = Sᵀ k, which a first step needs.
   *
   * @param w written from {@code w0}
   * @param s the strip, from {@code s0}
   * @param keys rows
   * @param columns columns, a multiple of 16
   * @param row holds k from {@code k}
   */
  public static void recall(
      float[] w, int w0, float[] s, int s0, int keys, int columns, float[] row, int k) {
    if (Lanes.VECTOR) {
      int j = 0;
      for (; j + 4 * L <= columns; j += 4 * L) {
        Vectors.recall4(w, w0 + j, s, s0 + j, keys, row, k);
      }
      for (; j < columns; j += L) {
        Vectors.recall1(w, w0 + j, s, s0 + j, keys, row, k);
      }
      return;
    }
    for (int j = 0; j < columns; j++) {
      float sum = 0f;
      for (int i = 0; i < keys; i++) {
        sum = Math.fma(row[k + i], s[s0 + i * STRIP + j], sum);
      }
      w[w0 + j] = sum;
    }
  }

  /**
   * A step, and one product with the new state: Sᵀ q, or Sᵀ k of the step to come.
   *
   * @param out the product, written from {@code out0}; may be w
   * @param s the strip, from {@code s0}; replaced by the state after the step
   * @param keys rows
   * @param columns columns, a multiple of 16
   * @param row holds k and the other operand of the product at these offsets
   * @param values holds v from {@code v}, which is replaced by v - decay Sᵀ k
   * @param w Sᵀ k, from {@code w0}
   */
  public static void step(
      float[] out,
      int out0,
      float[] s,
      int s0,
      int keys,
      int columns,
      float decay,
      float beta,
      float[] row,
      int k,
      float[] values,
      int v,
      int other,
      float[] w,
      int w0) {
    if (!Lanes.VECTOR) {
      for (int j = 0; j < columns; j++) {
        float r = Math.fma(w[w0 + j], -decay, values[v + j]);
        float u = r * beta;
        float sum = 0f;
        for (int i = 0; i < keys; i++) {
          int at = s0 + i * STRIP + j;
          s[at] = Math.fma(row[k + i], u, s[at] * decay);
          sum = Math.fma(row[other + i], s[at], sum);
        }
        values[v + j] = r;
        out[out0 + j] = sum;
      }
      return;
    }
    int j = 0;
    for (; j + 4 * L <= columns; j += 4 * L) {
      Vectors.step4(
          out, out0 + j, s, s0 + j, keys, decay, beta, row, k, values, v + j, other, w, w0 + j);
    }
    for (; j < columns; j += L) {
      Vectors.step1(
          out, out0 + j, s, s0 + j, keys, decay, beta, row, k, values, v + j, other, w, w0 + j);
    }
  }

  /**
   * A step, its output and what the step to come needs: {@link #step} with both products.
   *
   * @param y Sᵀ q, written from {@code y0}
   * @param s as there
   * @param q offset of q in row
   * @param next offset of the next step's k in row
   * @param w Sᵀ k, from {@code w0}; replaced by that of the step to come
   */
  public static void stepAndRecall(
      float[] y,
      int y0,
      float[] s,
      int s0,
      int keys,
      int columns,
      float decay,
      float beta,
      float[] row,
      int k,
      float[] values,
      int v,
      int q,
      int next,
      float[] w,
      int w0) {
    if (!Lanes.VECTOR) {
      for (int j = 0; j < columns; j++) {
        float r = Math.fma(w[w0 + j], -decay, values[v + j]);
        float u = r * beta;
        float output = 0f;
        float recalled = 0f;
        for (int i = 0; i < keys; i++) {
          int at = s0 + i * STRIP + j;
          s[at] = Math.fma(row[k + i], u, s[at] * decay);
          output = Math.fma(row[q + i], s[at], output);
          recalled = Math.fma(row[next + i], s[at], recalled);
        }
        values[v + j] = r;
        y[y0 + j] = output;
        w[w0 + j] = recalled;
      }
      return;
    }
    int j = 0;
    for (; j + 4 * L <= columns; j += 4 * L) {
      Vectors.stepAndRecall4(
          y, y0 + j, s, s0 + j, keys, decay, beta, row, k, values, v + j, q, next, w, w0 + j);
    }
    for (; j < columns; j += L) {
      Vectors.stepAndRecall1(
          y, y0 + j, s, s0 + j, keys, decay, beta, row, k, values, v + j, q, next, w, w0 + j);
    }
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void recall4(float[] w, int w0, float[] s, int s0, int keys, float[] row, int k) {
      FloatVector sum0 = FloatVector.zero(Lanes.SPECIES);
      FloatVector sum1 = FloatVector.zero(Lanes.SPECIES);
      FloatVector sum2 = FloatVector.zero(Lanes.SPECIES);
      FloatVector sum3 = FloatVector.zero(Lanes.SPECIES);
      for (int i = 0; i < keys; i++) {
        int at = s0 + i * STRIP;
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, row[k + i]);
        sum0 = x.fma(FloatVector.fromArray(Lanes.SPECIES, s, at), sum0);
        sum1 = x.fma(FloatVector.fromArray(Lanes.SPECIES, s, at + L), sum1);
        sum2 = x.fma(FloatVector.fromArray(Lanes.SPECIES, s, at + 2 * L), sum2);
        sum3 = x.fma(FloatVector.fromArray(Lanes.SPECIES, s, at + 3 * L), sum3);
      }
      sum0.intoArray(w, w0);
      sum1.intoArray(w, w0 + L);
      sum2.intoArray(w, w0 + 2 * L);
      sum3.intoArray(w, w0 + 3 * L);
    }

    static void recall1(float[] w, int w0, float[] s, int s0, int keys, float[] row, int k) {
      FloatVector sum = FloatVector.zero(Lanes.SPECIES);
      for (int i = 0; i < keys; i++) {
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, row[k + i]);
        sum = x.fma(FloatVector.fromArray(Lanes.SPECIES, s, s0 + i * STRIP), sum);
      }
      sum.intoArray(w, w0);
    }

    static void step1(
        float[] out,
        int out0,
        float[] s,
        int s0,
        int keys,
        float decay,
        float beta,
        float[] row,
        int k,
        float[] values,
        int v,
        int other,
        float[] w,
        int w0) {
      FloatVector r =
          FloatVector.fromArray(Lanes.SPECIES, w, w0)
              .fma(
                  FloatVector.broadcast(Lanes.SPECIES, -decay),
                  FloatVector.fromArray(Lanes.SPECIES, values, v));
      r.intoArray(values, v);
      FloatVector u = r.mul(beta);
      FloatVector sum = FloatVector.zero(Lanes.SPECIES);
      FloatVector keep = FloatVector.broadcast(Lanes.SPECIES, decay);
      for (int i = 0; i < keys; i++) {
        int at = s0 + i * STRIP;
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, row[k + i]);
        FloatVector z = FloatVector.broadcast(Lanes.SPECIES, row[other + i]);
        FloatVector a = x.fma(u, FloatVector.fromArray(Lanes.SPECIES, s, at).mul(keep));
        a.intoArray(s, at);
        sum = z.fma(a, sum);
      }
      sum.intoArray(out, out0);
    }

    static void step4(
        float[] out,
        int out0,
        float[] s,
        int s0,
        int keys,
        float decay,
        float beta,
        float[] row,
        int k,
        float[] values,
        int v,
        int other,
        float[] w,
        int w0) {
      FloatVector minus = FloatVector.broadcast(Lanes.SPECIES, -decay);
      FloatVector u0 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v));
      FloatVector u1 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0 + L)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v + L));
      FloatVector u2 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0 + 2 * L)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v + 2 * L));
      FloatVector u3 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0 + 3 * L)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v + 3 * L));
      u0.intoArray(values, v);
      u1.intoArray(values, v + L);
      u2.intoArray(values, v + 2 * L);
      u3.intoArray(values, v + 3 * L);
      u0 = u0.mul(beta);
      u1 = u1.mul(beta);
      u2 = u2.mul(beta);
      u3 = u3.mul(beta);
      FloatVector sum0 = FloatVector.zero(Lanes.SPECIES);
      FloatVector sum1 = FloatVector.zero(Lanes.SPECIES);
      FloatVector sum2 = FloatVector.zero(Lanes.SPECIES);
      FloatVector sum3 = FloatVector.zero(Lanes.SPECIES);
      FloatVector keep = FloatVector.broadcast(Lanes.SPECIES, decay);
      for (int i = 0; i < keys; i++) {
        int at = s0 + i * STRIP;
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, row[k + i]);
        FloatVector z = FloatVector.broadcast(Lanes.SPECIES, row[other + i]);
        FloatVector a0 = x.fma(u0, FloatVector.fromArray(Lanes.SPECIES, s, at).mul(keep));
        FloatVector a1 = x.fma(u1, FloatVector.fromArray(Lanes.SPECIES, s, at + L).mul(keep));
        FloatVector a2 = x.fma(u2, FloatVector.fromArray(Lanes.SPECIES, s, at + 2 * L).mul(keep));
        FloatVector a3 = x.fma(u3, FloatVector.fromArray(Lanes.SPECIES, s, at + 3 * L).mul(keep));
        a0.intoArray(s, at);
        a1.intoArray(s, at + L);
        a2.intoArray(s, at + 2 * L);
        a3.intoArray(s, at + 3 * L);
        sum0 = z.fma(a0, sum0);
        sum1 = z.fma(a1, sum1);
        sum2 = z.fma(a2, sum2);
        sum3 = z.fma(a3, sum3);
      }
      sum0.intoArray(out, out0);
      sum1.intoArray(out, out0 + L);
      sum2.intoArray(out, out0 + 2 * L);
      sum3.intoArray(out, out0 + 3 * L);
    }

    static void stepAndRecall1(
        float[] y,
        int y0,
        float[] s,
        int s0,
        int keys,
        float decay,
        float beta,
        float[] row,
        int k,
        float[] values,
        int v,
        int q,
        int next,
        float[] w,
        int w0) {
      FloatVector r =
          FloatVector.fromArray(Lanes.SPECIES, w, w0)
              .fma(
                  FloatVector.broadcast(Lanes.SPECIES, -decay),
                  FloatVector.fromArray(Lanes.SPECIES, values, v));
      r.intoArray(values, v);
      FloatVector u = r.mul(beta);
      FloatVector output = FloatVector.zero(Lanes.SPECIES);
      FloatVector recalled = FloatVector.zero(Lanes.SPECIES);
      FloatVector keep = FloatVector.broadcast(Lanes.SPECIES, decay);
      for (int i = 0; i < keys; i++) {
        int at = s0 + i * STRIP;
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, row[k + i]);
        FloatVector a = x.fma(u, FloatVector.fromArray(Lanes.SPECIES, s, at).mul(keep));
        a.intoArray(s, at);
        output = FloatVector.broadcast(Lanes.SPECIES, row[q + i]).fma(a, output);
        recalled = FloatVector.broadcast(Lanes.SPECIES, row[next + i]).fma(a, recalled);
      }
      output.intoArray(y, y0);
      recalled.intoArray(w, w0);
    }

    static void stepAndRecall4(
        float[] y,
        int y0,
        float[] s,
        int s0,
        int keys,
        float decay,
        float beta,
        float[] row,
        int k,
        float[] values,
        int v,
        int q,
        int next,
        float[] w,
        int w0) {
      FloatVector minus = FloatVector.broadcast(Lanes.SPECIES, -decay);
      FloatVector u0 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v));
      FloatVector u1 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0 + L)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v + L));
      FloatVector u2 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0 + 2 * L)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v + 2 * L));
      FloatVector u3 =
          FloatVector.fromArray(Lanes.SPECIES, w, w0 + 3 * L)
              .fma(minus, FloatVector.fromArray(Lanes.SPECIES, values, v + 3 * L));
      u0.intoArray(values, v);
      u1.intoArray(values, v + L);
      u2.intoArray(values, v + 2 * L);
      u3.intoArray(values, v + 3 * L);
      u0 = u0.mul(beta);
      u1 = u1.mul(beta);
      u2 = u2.mul(beta);
      u3 = u3.mul(beta);
      FloatVector y0v = FloatVector.zero(Lanes.SPECIES);
      FloatVector y1v = FloatVector.zero(Lanes.SPECIES);
      FloatVector y2v = FloatVector.zero(Lanes.SPECIES);
      FloatVector y3v = FloatVector.zero(Lanes.SPECIES);
      FloatVector w0v = FloatVector.zero(Lanes.SPECIES);
      FloatVector w1v = FloatVector.zero(Lanes.SPECIES);
      FloatVector w2v = FloatVector.zero(Lanes.SPECIES);
      FloatVector w3v = FloatVector.zero(Lanes.SPECIES);
      FloatVector keep = FloatVector.broadcast(Lanes.SPECIES, decay);
      for (int i = 0; i < keys; i++) {
        int at = s0 + i * STRIP;
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, row[k + i]);
        FloatVector a0 = x.fma(u0, FloatVector.fromArray(Lanes.SPECIES, s, at).mul(keep));
        FloatVector a1 = x.fma(u1, FloatVector.fromArray(Lanes.SPECIES, s, at + L).mul(keep));
        FloatVector a2 = x.fma(u2, FloatVector.fromArray(Lanes.SPECIES, s, at + 2 * L).mul(keep));
        FloatVector a3 = x.fma(u3, FloatVector.fromArray(Lanes.SPECIES, s, at + 3 * L).mul(keep));
        a0.intoArray(s, at);
        a1.intoArray(s, at + L);
        a2.intoArray(s, at + 2 * L);
        a3.intoArray(s, at + 3 * L);
        FloatVector z = FloatVector.broadcast(Lanes.SPECIES, row[q + i]);
        y0v = z.fma(a0, y0v);
        y1v = z.fma(a1, y1v);
        y2v = z.fma(a2, y2v);
        y3v = z.fma(a3, y3v);
        FloatVector n = FloatVector.broadcast(Lanes.SPECIES, row[next + i]);
        w0v = n.fma(a0, w0v);
        w1v = n.fma(a1, w1v);
        w2v = n.fma(a2, w2v);
        w3v = n.fma(a3, w3v);
      }
      y0v.intoArray(y, y0);
      y1v.intoArray(y, y0 + L);
      y2v.intoArray(y, y0 + 2 * L);
      y3v.intoArray(y, y0 + 3 * L);
      w0v.intoArray(w, w0);
      w1v.intoArray(w, w0 + L);
      w2v.intoArray(w, w0 + 2 * L);
      w3v.intoArray(w, w0 + 3 * L);
    }
  }
}
