package dev.unroll.train;

import org.jspecify.annotations.Nullable;

/** The mean of (y - target)² over all elements of the rows that count, with its gradient. */
public final class MeanSquaredError {
  private MeanSquaredError() {}

  /**
   * Computes the loss and, if wanted, its gradient.
   *
   * @param rows R
   * @param width W
   * @param y {@code [R, W]}
   * @param target {@code [R, W]}
   * @param real {@code [R]}, whether a row counts; null where all do
   * @param gradient {@code [R, W]}, the gradient to y, written, zero in rows that do not count; may
   *     be the array y; null where it is not wanted
   * @return the mean loss, 0 if no row counts
   */
  public static double forward(
      int rows,
      int width,
      float[] y,
      float[] target,
      boolean @Nullable [] real,
      float @Nullable [] gradient) {
    int count = rows;
    if (real != null) {
      count = 0;
      for (int r = 0; r < rows; r++) {
        count += real[r] ? 1 : 0;
      }
    }
    double sum = 0;
    float scale = count == 0 ? 0 : 2f / ((float) count * width);
    for (int r = 0; r < rows; r++) {
      boolean counts = real == null || real[r];
      for (int i = r * width; i < (r + 1) * width; i++) {
        float difference = counts ? y[i] - target[i] : 0f;
        sum += (double) difference * difference;
        if (gradient != null) {
          gradient[i] = scale * difference;
        }
      }
    }
    return count == 0 ? 0 : sum / ((double) count * width);
  }
}
