package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes squares of as many floats a side as a vector has, in log2 of that many passes of which
 * each exchanges one bit of the row's number with the same bit of the column's (Eklundh, "A fast
 * computer method for matrix transposing", 1972). Floats only move, so no width changes a bit.
 *
 * <p>A pass is a loop over pairs of rows through memory: all passes in registers are more nodes
 * than C2 inlines, and vectors would be boxed.
 */
final class Transpose {
  private static final int L = Lanes.LENGTH;

  private static final VectorShuffle<Float> UP_1 = turned(1);
  private static final VectorShuffle<Float> UP_2 = turned(2);
  private static final VectorShuffle<Float> UP_4 = turned(4);
  private static final VectorShuffle<Float> UP_8 = turned(8);
  private static final VectorShuffle<Float> DOWN_1 = turned(-1);
  private static final VectorShuffle<Float> DOWN_2 = turned(-2);
  private static final VectorShuffle<Float> DOWN_4 = turned(-4);
  private static final VectorShuffle<Float> DOWN_8 = turned(-8);
  private static final VectorMask<Float> BIT_1 = bit(1);
  private static final VectorMask<Float> BIT_2 = bit(2);
  private static final VectorMask<Float> BIT_4 = bit(4);
  private static final VectorMask<Float> BIT_8 = bit(8);

  private Transpose() {}

  private static VectorShuffle<Float> turned(int by) {
    return Lanes.SPECIES.shuffleFromOp(lane -> lane - by & L - 1);
  }

  private static VectorMask<Float> bit(int bit) {
    boolean[] set = new boolean[L];
    for (int lane = 0; lane < L; lane++) {
      set[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(Lanes.SPECIES, set, 0);
  }

  /**
   * to[i][j] = from[j][i].
   *
   * @param to row i starts at {@code t0 + i * ldt}
   * @param from row j starts at {@code f0 + j * ldf}
   */
  static void move(float[] to, int t0, int ldt, float[] from, int f0, int ldf) {
    exchange(to, t0, ldt, from, f0, ldf, 1, UP_1, DOWN_1, BIT_1);
    exchange(to, t0, ldt, to, t0, ldt, 2, UP_2, DOWN_2, BIT_2);
    if (L > 4) {
      exchange(to, t0, ldt, to, t0, ldt, 4, UP_4, DOWN_4, BIT_4);
    }
    if (L > 8) {
      exchange(to, t0, ldt, to, t0, ldt, 8, UP_8, DOWN_8, BIT_8);
    }
  }

  /** to[i][j] += from[j][i]; what {@code from} held is lost. */
  static void add(float[] to, int t0, int ldt, float[] from, int f0, int ldf) {
    move(from, f0, ldf, from, f0, ldf);
    for (int i = 0; i < L; i++) {
      int at = t0 + i * ldt;
      FloatVector sum = FloatVector.fromArray(Lanes.SPECIES, to, at);
      sum.add(FloatVector.fromArray(Lanes.SPECIES, from, f0 + i * ldf)).intoArray(to, at);
    }
  }

  private static void exchange(
      float[] to,
      int t0,
      int ldt,
      float[] from,
      int f0,
      int ldf,
      int bit,
      VectorShuffle<Float> up,
      VectorShuffle<Float> down,
      VectorMask<Float> set) {
    for (int pair = 0; pair < L / 2; pair++) {
      int row = (pair & -bit) * 2 + (pair & bit - 1);
      FloatVector a = FloatVector.fromArray(Lanes.SPECIES, from, f0 + row * ldf);
      FloatVector b = FloatVector.fromArray(Lanes.SPECIES, from, f0 + (row + bit) * ldf);
      a.blend(b.rearrange(up), set).intoArray(to, t0 + row * ldt);
      a.rearrange(down).blend(b, set).intoArray(to, t0 + (row + bit) * ldt);
    }
  }
}
