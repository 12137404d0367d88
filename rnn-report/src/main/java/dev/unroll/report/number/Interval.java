package dev.unroll.report.number;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.jspecify.annotations.Nullable;

/**
 * An interval that holds what is estimated with 95 % confidence.
 *
 * @param low lower end
 * @param high upper end
 */
public record Interval(double low, double high) {
  private static final double CONFIDENCE = .95;
  private static final int RESAMPLES = 10_000;

  /** Sample standard deviation (n - 1); 0 for fewer than two values. */
  public static double standardDeviation(double... values) {
    return values.length < 2 ? 0 : StrictMath.sqrt(StatUtils.variance(values));
  }

  /** Student's t interval of the mean; null for fewer than two values. */
  public static @Nullable Interval student(double... values) {
    if (values.length < 2) {
      return null;
    }
    double t =
        new TDistribution(null, values.length - 1)
            .inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    double half = t * standardDeviation(values) / StrictMath.sqrt(values.length);
    double mean = Arrays.stream(values).sum() / values.length;
    return new Interval(mean - half, mean + half);
  }

  /**
   * Percentile bootstrap interval of the mean, from 10,000 resamples with a fixed seed; null for
   * fewer than two values. It stays within the values' range, which Student's t does not.
   */
  public static @Nullable Interval bootstrap(double... values) {
    if (values.length < 2) {
      return null;
    }
    SplittableRandom random = new SplittableRandom(1);
    double[] means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double sum = 0;
      for (int j = 0; j < values.length; j++) {
        sum += values[random.nextInt(values.length)];
      }
      means[i] = sum / values.length;
    }
    Percentile percentile = new Percentile();
    percentile.setData(means);
    return new Interval(
        percentile.evaluate(100 * (1 - CONFIDENCE) / 2),
        percentile.evaluate(100 * (1 + CONFIDENCE) / 2));
  }
}
