package dev.unroll.experiments.result;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Interval;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One measured figure over the seeds.
 *
 * @param name what was measured
 * @param where the setting it was measured in, such as cell and length
 * @param unit the unit, such as {@code nats per character}
 * @param n how many trials stand behind it
 * @param mean their mean
 * @param sd their standard deviation; 0 for one trial
 * @param low lower end of the 95 % interval of the mean; null for one trial
 * @param high upper end
 * @param interval how the interval was made
 * @param said what the notebook printed or drew there; null when it said nothing
 * @param band where a faithful implementation lands; null when unknown
 * @param inside whether the mean lies in the band; null without a band and where it is undecided
 * @param estimate what the figure was made from; null where it was read from a file
 */
public record Figure(
    String name,
    Map<String, Object> where,
    String unit,
    int n,
    double mean,
    double sd,
    @Nullable Double low,
    @Nullable Double high,
    String interval,
    @Nullable Double said,
    @Nullable Band band,
    @Nullable Boolean inside,
    @JsonIgnore @Nullable Estimate estimate) {

  /** Sorts the setting by name: the order of a {@link Map#of} changes from run to run. */
  public Figure {
    Json.requireAll(name, where, unit, interval);
    where = Collections.unmodifiableMap(new TreeMap<>(where));
  }

  /** A figure of what is estimated. */
  public static Figure of(String name, Map<String, Object> where, String unit, Estimate estimate) {
    Interval interval = estimate.interval();
    return new Figure(
        name,
        where,
        unit,
        estimate.n(),
        estimate.value(),
        estimate.sd(),
        interval == null ? null : interval.low(),
        interval == null ? null : interval.high(),
        estimate.method(),
        null,
        null,
        null,
        estimate);
  }

  /** A figure of the mean with Student's t interval. */
  public static Figure of(String name, Map<String, Object> where, String unit, double... values) {
    return of(name, where, unit, Estimate.mean(values));
  }

  /** This figure with what the notebook said. */
  public Figure withSaid(double newSaid) {
    return new Figure(
        name, where, unit, n, mean, sd, low, high, interval, newSaid, band, inside, estimate);
  }

  /** This figure judged by {@code newBand}; null leaves it as it is. */
  public Figure withBand(@Nullable Band newBand) {
    return newBand == null
        ? this
        : new Figure(
            name,
            where,
            unit,
            n,
            mean,
            sd,
            low,
            high,
            interval,
            said,
            newBand,
            newBand.contains(mean),
            estimate);
  }

  /** This figure with a band that its interval neither leaves out nor lies in. */
  public Figure undecided(Band newBand) {
    return new Figure(
        name, where, unit, n, mean, sd, low, high, interval, said, newBand, null, estimate);
  }

  /** This figure without a verdict, for settings that its band does not hold for. */
  public Figure unjudged() {
    return new Figure(
        name, where, unit, n, mean, sd, low, high, interval, said, null, null, estimate);
  }

  /** An end of its interval; its mean where it has none. */
  public double end(boolean upper) {
    Double end = upper ? high : low;
    return end == null ? mean : end;
  }

  /** The log10 of the mean and of its interval's ends, for drawing; the band stays as it is. */
  public Figure log10() {
    return new Figure(
        name,
        where,
        unit,
        n,
        StrictMath.log10(mean),
        sd,
        low == null ? null : StrictMath.log10(Math.max(0, low)),
        high == null ? null : StrictMath.log10(Math.max(0, high)),
        interval,
        said,
        band,
        inside,
        null);
  }

  /** The mean with its interval, to {@code digits} places, such as {@code 0.88 [0.79, 0.95]}. */
  public String text(int digits) {
    String pattern = "%." + digits + "f";
    return low == null || high == null
        ? Numbers.format(pattern, mean)
        : Numbers.format(pattern + " [" + pattern + ", " + pattern + "]", mean, low, high);
  }

  /**
   * The ratio whose binary logarithm this is, with its interval, such as {@code 17 [15, 21]}: the
   * geometric mean of the ratios that were measured.
   *
   * @param digits places
   */
  public String factor(int digits) {
    String pattern = "%." + digits + "f";
    return low == null || high == null
        ? Numbers.format(pattern, StrictMath.pow(2, mean))
        : Numbers.format(
            pattern + " [" + pattern + ", " + pattern + "]",
            StrictMath.pow(2, mean),
            StrictMath.pow(2, low),
            StrictMath.pow(2, high));
  }

  /** The mean with its interval to three significant digits, and the unit. */
  public String text() {
    return withoutUnit() + (unit.isEmpty() ? "" : " " + unit);
  }

  /** The mean with its interval to three significant digits. */
  public String withoutUnit() {
    return low == null || high == null
        ? digits(mean)
        : "%s [%s, %s]".formatted(digits(mean), digits(low), digits(high));
  }

  private static String digits(double value) {
    return Numbers.plain(
        Double.isFinite(value)
            ? BigDecimal.valueOf(value).round(new MathContext(3)).doubleValue()
            : value);
  }
}
