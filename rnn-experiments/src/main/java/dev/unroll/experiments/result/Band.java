package dev.unroll.experiments.result;

import dev.unroll.report.number.Numbers;
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
    return new Band(centre - by, centre + by, Numbers.plain(centre) + " ± " + Numbers.plain(by));
  }

  /** Near {@code centre}: the source names no spread, so that {@code by} is this project's own. */
  public static Band near(double centre, double by) {
    return new Band(
        centre - by,
        centre + by,
        "near " + Numbers.plain(centre) + " (± " + Numbers.plain(by) + " ours)");
  }

  /** At least {@code low}. */
  public static Band atLeast(double low) {
    return new Band(low, null, "at least " + Numbers.plain(low));
  }

  /** At most {@code high}. */
  public static Band atMost(double high) {
    return new Band(null, high, "at most " + Numbers.plain(high));
  }

  /** From {@code low} to {@code high}. */
  public static Band between(double low, double high) {
    return new Band(low, high, Numbers.plain(low) + " to " + Numbers.plain(high));
  }

  /** Whether {@code value} lies inside, ends included. */
  public boolean contains(double value) {
    return (low == null || value >= low) && (high == null || value <= high);
  }
}
