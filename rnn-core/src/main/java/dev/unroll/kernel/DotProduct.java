package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * Sums that cross the lanes of a vector, with the same bits at every width: 16 partial sums, of
 * which each takes every 16th term in its order, and one tree over them.
 *
 * <p>Nothing here allocates, starts threads or keeps state.
 */
public final class DotProduct {
  /** Partial sums. */
  public static final int LANES = Columns.ATOM;

  private DotProduct() {}

  /**
   * {@return the sum of a[i] b[i]}
   *
   * @param n terms, a multiple of {@value #LANES}
   * @param partial room for {@value #LANES} floats from {@link Buffers#BASE} on, overwritten
   */
  public static float sum(float[] a, int a0, float[] b, int b0, int n, float[] partial) {
    if (Lanes.VECTOR) {
      for (int lane = 0; lane < LANES; lane += Lanes.LENGTH) {
        Vectors.partial(a, a0 + lane, b, b0 + lane, n, partial, Buffers.BASE + lane);
      }
    } else {
      for (int lane = 0; lane < LANES; lane++) {
        float sum = 0f;
        for (int i = lane; i < n; i += LANES) {
          sum = Math.fma(a[a0 + i], b[b0 + i], sum);
        }
        partial[Buffers.BASE + lane] = sum;
      }
    }
    return tree(partial, Buffers.BASE);
  }

  /**
   * Divides a vector by its length: z = s x with s = factor / sqrt(x · x + epsilon).
   *
   * @param z written from {@code z0}; may be x at {@code x0}
   * @param x the vector
   * @param x0 where it starts
   * @param n terms, a multiple of {@value #LANES}
   * @param factor the length that it gets, but for epsilon
   * @param epsilon keeps a vector of zeros one
   * @param partial as for {@link #sum}
   * @return s
   */
  public static float normalize(
      float[] z, int z0, float[] x, int x0, int n, float factor, float epsilon, float[] partial) {
    float scale = factor / (float) Math.sqrt(sum(x, x0, x, x0, n, partial) + epsilon);
    if (Lanes.VECTOR) {
      Vectors.multiply(z, z0, x, x0, n, scale);
    } else {
      for (int i = 0; i < n; i++) {
        z[z0 + i] = x[x0 + i] * scale;
      }
    }
    return scale;
  }

  /** {@return the sum of 16 partial sums} */
  static float tree(float[] p, int at) {
    float s0 = (p[at] + p[at + 8]) + (p[at + 4] + p[at + 12]);
    float s1 = (p[at + 1] + p[at + 9]) + (p[at + 5] + p[at + 13]);
    float s2 = (p[at + 2] + p[at + 10]) + (p[at + 6] + p[at + 14]);
    float s3 = (p[at + 3] + p[at + 11]) + (p[at + 7] + p[at + 15]);
    return (s0 + s2) + (s1 + s3);
  }

  /** Apart, since only a class that is never linked may mention an absent Vector API. */
  private static final class Vectors {
    private Vectors() {}

    static void partial(float[] a, int a0, float[] b, int b0, int n, float[] partial, int at) {
      FloatVector sum = FloatVector.zero(Lanes.SPECIES);
      for (int i = 0; i < n; i += LANES) {
        FloatVector x = FloatVector.fromArray(Lanes.SPECIES, a, a0 + i);
        sum = x.fma(FloatVector.fromArray(Lanes.SPECIES, b, b0 + i), sum);
      }
      sum.intoArray(partial, at);
    }

    static void multiply(float[] z, int z0, float[] x, int x0, int n, float factor) {
      for (int i = 0; i < n; i += Lanes.LENGTH) {
        FloatVector.fromArray(Lanes.SPECIES, x, x0 + i).mul(factor).intoArray(z, z0 + i);
      }
    }
  }
}
