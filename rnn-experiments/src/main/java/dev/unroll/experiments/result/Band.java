package dev.unroll.experiments.result;

import org.jspecify.annotations.Nullable;

/**
 * Where a faithful implementation lands.
 *
 * @param low the lower end, or null when only the upper counts
 * @param high the upper end, or null when only the lower counts
 * @param text the band as people write it, such as {@code 0.88 ± 0.20}
 */
public record Band(@Nullable Double low, @Nullable Double high, String text) {
  /** {@code centre} give or take {@code by}. */
  public static Band around(double centre, double by) {
    return new Band(
        centre - by, centre + by, Statistics.plain(centre) + " ± " + Statistics.plain(by));
  }

  /** Near {@code centre}: the source names no spread, so that {@code by} is this project's own. */
  public static Band near(double centre, double by) {
    return new Band(
        centre - by,
        centre + by,
        "near " + Statistics.plain(centre) + " (± " + Statistics.plain(by) + " ours)");
  }

  /** At least {@code low}. */
  public static Band atLeast(double low) {
    return new Band(low, null, "at least " + Statistics.plain(low));
  }

  /** At most {@code high}. */
  public static Band atMost(double high) {
    return new Band(null, high, "at most " + Statistics.plain(high));
  }

  /** From {@code low} to {@code high}. */
  public static Band between(double low, double high) {
    return new Band(low, high, Statistics.plain(low) + " to " + Statistics.plain(high));
  }

  /** Whether {@code value} lies inside, ends included. */
  public boolean contains(double value) {
    return (low == null || value >= low) && (high == null || value <= high);
  }
}
