package dev.unroll.bench.roofline;

import dev.unroll.kernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Reads a working set over and over, in four streams with two accumulators each: one stream alone
 * leaves a third of the second-level cache's bandwidth unused. The adds are far below the core's
 * arithmetic limit, so the rate is the rate of reading. A small working set is read several times
 * in a call, so that what a call costs besides does not count.
 */
final class ReadProbe {
  private static final int STREAMS = 4;

  /** Bytes that a call reads at least, about. */
  private static final int LEAST = 1 << 20;

  /** The data of an array aligned to 64 bytes begins 16 bytes later; this many floats on is 64. */
  private static final int LEAD = 12;

  private final float[] data;
  private final int stream;
  private final int rounds;

  /**
   * Allocates the working set.
   *
   * @param bytes its size, rounded down to whole vectors in each stream
   */
  ReadProbe(long bytes) {
    int step = 2 * 16;
    stream = (int) (bytes / Float.BYTES / STREAMS / step * step);
    rounds = (int) Math.max(1, LEAST / bytes);
    data = new float[LEAD + STREAMS * stream];
    java.util.Arrays.fill(data, 1e-3f);
  }

  /** Bytes that one call of {@link #run} reads. */
  double bytes() {
    return (double) rounds * STREAMS * stream * Float.BYTES;
  }

  /**
   * Reads everything, a small set several times; the sum only keeps the compiler from dropping the
   * loads.
   */
  float run() {
    return Lanes.VECTOR ? vectors(data, stream, rounds) : scalars(data, stream, rounds);
  }

  private static float vectors(float[] data, int stream, int rounds) {
    int lanes = Lanes.LENGTH;
    int at1 = LEAD + stream;
    int at2 = at1 + stream;
    int at3 = at2 + stream;
    FloatVector a0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < stream; i += 2 * lanes) {
        a0 = a0.add(FloatVector.fromArray(Lanes.SPECIES, data, LEAD + i));
        b0 = b0.add(FloatVector.fromArray(Lanes.SPECIES, data, LEAD + i + lanes));
        a1 = a1.add(FloatVector.fromArray(Lanes.SPECIES, data, at1 + i));
        b1 = b1.add(FloatVector.fromArray(Lanes.SPECIES, data, at1 + i + lanes));
        a2 = a2.add(FloatVector.fromArray(Lanes.SPECIES, data, at2 + i));
        b2 = b2.add(FloatVector.fromArray(Lanes.SPECIES, data, at2 + i + lanes));
        a3 = a3.add(FloatVector.fromArray(Lanes.SPECIES, data, at3 + i));
        b3 = b3.add(FloatVector.fromArray(Lanes.SPECIES, data, at3 + i + lanes));
      }
    }
    FloatVector sum = a0.add(b0).add(a1).add(b1).add(a2).add(b2).add(a3).add(b3);
    return sum.reduceLanes(VectorOperators.ADD);
  }

  private static float scalars(float[] data, int stream, int rounds) {
    int at1 = LEAD + stream;
    int at2 = at1 + stream;
    int at3 = at2 + stream;
    float a0 = 0;
    float a1 = 0;
    float a2 = 0;
    float a3 = 0;
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < stream; i++) {
        a0 += data[LEAD + i];
        a1 += data[at1 + i];
        a2 += data[at2 + i];
        a3 += data[at3 + i];
      }
    }
    return a0 + a1 + a2 + a3;
  }
}
