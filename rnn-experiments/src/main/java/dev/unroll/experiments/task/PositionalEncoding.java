package dev.unroll.experiments.task;

import java.util.Arrays;

/** The sines and cosines of Vaswani et al. (2017), section 3.5, as seed 004 writes them. */
public final class PositionalEncoding {
  private PositionalEncoding() {}

  /** The encoding of {@code positions} places in {@code size} dimensions, a row for each place. */
  public static double[][] of(int positions, int size) {
    double[][] encoding = new double[positions][size];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < size; i++) {
        double angle = position / StrictMath.pow(10_000, (i / 2 * 2) / (double) size);
        encoding[position][i] = i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle);
      }
    }
    return encoding;
  }

  /**
   * What an encoder is given: embedded words with their places' encodings added.
   *
   * @param rows {@code [positions, size]}
   */
  public static double[] addedTo(float[] rows, int size) {
    double[][] encoding = of(rows.length / size, size);
    double[] sum = new double[rows.length];
    Arrays.setAll(sum, i -> rows[i] + encoding[i / size][i % size]);
    return sum;
  }
}
