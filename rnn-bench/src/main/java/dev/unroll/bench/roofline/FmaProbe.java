package dev.unroll.bench.roofline;

import dev.unroll.kernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Fused multiply-adds on registers alone: twelve independent chains, more than latency times
 * throughput of any current core, and no memory. Its rate is the most that a matrix product can
 * reach at {@link Lanes}' width.
 */
final class FmaProbe {
  private static final int CHAINS = 12;

  private FmaProbe() {}

  /** Floating-point operations of one call of {@link #run}. */
  static double flops(int rounds) {
    return 2.0 * CHAINS * Math.max(1, Lanes.LENGTH) * rounds;
  }

  /** Runs the chains; the result only keeps the compiler from dropping them. */
  static float run(int rounds) {
    return Lanes.VECTOR ? vectors(rounds) : scalars(rounds);
  }

  /** Runs one chain: each operation waits for the one before. */
  static float chain(int rounds) {
    if (Lanes.VECTOR) {
      FloatVector m = FloatVector.broadcast(Lanes.SPECIES, 0.999f);
      FloatVector a = FloatVector.broadcast(Lanes.SPECIES, 0.001f);
      FloatVector c = a;
      for (int i = 0; i < rounds; i++) {
        c = c.fma(m, a);
      }
      return c.lane(0);
    }
    float c = 0.001f;
    for (int i = 0; i < rounds; i++) {
      c = Math.fma(c, 0.999f, 0.001f);
    }
    return c;
  }

  private static float vectors(int rounds) {
    FloatVector m = FloatVector.broadcast(Lanes.SPECIES, 0.999f);
    FloatVector a = FloatVector.broadcast(Lanes.SPECIES, 0.001f);
    FloatVector c0 = a;
    FloatVector c1 = a;
    FloatVector c2 = a;
    FloatVector c3 = a;
    FloatVector c4 = a;
    FloatVector c5 = a;
    FloatVector c6 = a;
    FloatVector c7 = a;
    FloatVector c8 = a;
    FloatVector c9 = a;
    FloatVector c10 = a;
    FloatVector c11 = a;
    for (int i = 0; i < rounds; i++) {
      c0 = c0.fma(m, a);
      c1 = c1.fma(m, a);
      c2 = c2.fma(m, a);
      c3 = c3.fma(m, a);
      c4 = c4.fma(m, a);
      c5 = c5.fma(m, a);
      c6 = c6.fma(m, a);
      c7 = c7.fma(m, a);
      c8 = c8.fma(m, a);
      c9 = c9.fma(m, a);
      c10 = c10.fma(m, a);
      c11 = c11.fma(m, a);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    return sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11).reduceLanes(VectorOperators.ADD);
  }

  private static float scalars(int rounds) {
    float m = 0.999f;
    float a = 0.001f;
    float c0 = a;
    float c1 = a;
    float c2 = a;
    float c3 = a;
    float c4 = a;
    float c5 = a;
    float c6 = a;
    float c7 = a;
    float c8 = a;
    float c9 = a;
    float c10 = a;
    float c11 = a;
    for (int i = 0; i < rounds; i++) {
      c0 = Math.fma(c0, m, a);
      c1 = Math.fma(c1, m, a);
      c2 = Math.fma(c2, m, a);
      c3 = Math.fma(c3, m, a);
      c4 = Math.fma(c4, m, a);
      c5 = Math.fma(c5, m, a);
      c6 = Math.fma(c6, m, a);
      c7 = Math.fma(c7, m, a);
      c8 = Math.fma(c8, m, a);
      c9 = Math.fma(c9, m, a);
      c10 = Math.fma(c10, m, a);
      c11 = Math.fma(c11, m, a);
    }
    return c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11;
  }
}
