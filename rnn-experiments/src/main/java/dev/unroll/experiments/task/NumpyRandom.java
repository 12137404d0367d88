package dev.unroll.experiments.task;

import org.apache.commons.math3.random.MersenneTwister;

/**
 * The stream of {@code numpy.random.seed(seed); numpy.random.randn(...)}: MT19937 with 53-bit
 * doubles and Marsaglia's polar method, the second number of each pair first.
 */
public final class NumpyRandom {
  private final MersenneTwister bits;
  private double kept = Double.NaN;

  /** The stream of {@code numpy.random.seed(seed)}. */
  public NumpyRandom(int seed) {
    bits = new MersenneTwister(seed);
  }

  /** The next number of {@code randn}. */
  public double nextGaussian() {
    if (!Double.isNaN(kept)) {
      double value = kept;
      kept = Double.NaN;
      return value;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * nextDouble() - 1;
      y = 2 * nextDouble() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    kept = factor * x;
    return factor * y;
  }

  private double nextDouble() {
    int high = bits.nextInt() >>> 5;
    int low = bits.nextInt() >>> 6;
    return (high * 0x1p26 + low) / 0x1p53;
  }

  /** {@code randn(rows, columns)}. */
  public double[][] gaussian(int rows, int columns) {
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      for (int j = 0; j < columns; j++) {
        row[j] = nextGaussian();
      }
    }
    return matrix;
  }
}
