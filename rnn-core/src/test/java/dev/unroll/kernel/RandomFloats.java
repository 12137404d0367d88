package dev.unroll.kernel;

import java.util.random.RandomGenerator;

/** Arrays of random numbers for tests. */
public final class RandomFloats {
  private RandomFloats() {}

  /** {@return n numbers of the standard normal distribution} */
  public static float[] gaussian(RandomGenerator random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** {@return n numbers evenly from -1 to 1} */
  public static float[] uniform(RandomGenerator random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }
}
