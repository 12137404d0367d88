package dev.unroll.report.number;

/**
 * An interval that holds what is estimated with 95 % confidence.
 *
 * @param low lower end; negative infinity where the values set none
 * @param high upper end; infinity where the values set none
 */
public record Interval(double low, double high) {
  static final double CONFIDENCE = .95;
  static final double TAIL = (1 - CONFIDENCE) / 2;

  Interval within(double least, double most) {
    return new Interval(StrictMath.clamp(low, least, most), StrictMath.clamp(high, least, most));
  }
}
