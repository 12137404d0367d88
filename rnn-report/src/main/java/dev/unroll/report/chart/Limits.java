package dev.unroll.report.chart;

import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Predicate;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;

/**
 * Limits of a chart's upright axis that neither a spike nor a wide interval decides. What lies
 * beyond them is said.
 */
final class Limits {
  /** Points beyond this many spreads of the inner nine tenths are a spike. */
  private static final double SPIKE = 3;

  /** How much of the lines' own span an interval may add at either side. */
  private static final double BAND = .35;

  private static final double MARGIN = .03;
  private static final int FEWEST = 20;

  private Limits() {}

  /**
   * Sets the limits that the chart does not have yet.
   *
   * @return a sentence on what lies beyond them, or blank
   */
  static String set(XYChart chart) {
    XYStyler styler = chart.getStyler();
    double[] lines = values(chart, series -> !Charts.isInterval(series));
    double[] bands = values(chart, Charts::isInterval);
    if (lines.length == 0 || styler.isYAxisLogarithmic()) {
      return "";
    }
    DoubleSummaryStatistics shown = Arrays.stream(lines).summaryStatistics();
    DoubleSummaryStatistics wide = Arrays.stream(bands).summaryStatistics();
    double low = shown.getMin();
    double high = shown.getMax();
    if (lines.length >= FEWEST) {
      double foot = new Percentile().evaluate(lines, 5);
      double top = new Percentile().evaluate(lines, 95);
      double spread = top - foot;
      if (spread > 0 && high > top + SPIKE * spread) {
        high = top + spread;
      }
      if (spread > 0 && low < foot - SPIKE * spread) {
        low = foot - spread;
      }
    }
    double span = high > low ? high - low : Math.max(1e-9, Math.abs(high));
    low = Math.max(Math.min(low, wide.getMin()), low - BAND * span);
    high = Math.min(Math.max(high, wide.getMax()), high + BAND * span);
    double margin = MARGIN * (high - low);
    if (styler.getYAxisMin() == null) {
      styler.setYAxisMin(low == 0 ? 0 : low - margin);
    }
    if (styler.getYAxisMax() == null) {
      styler.setYAxisMax(high == low ? high + span : high + margin);
    }
    return beyond(chart, styler.getYAxisMin(), styler.getYAxisMax());
  }

  private static String beyond(XYChart chart, double low, double high) {
    List<String> lines = new ArrayList<>();
    boolean bands = false;
    for (XYSeries series : chart.getSeriesCollection()) {
      DoubleSummaryStatistics data = Arrays.stream(series.getYData()).summaryStatistics();
      boolean above = data.getMax() > high;
      if (Charts.isInterval(series)) {
        bands |= above || data.getMin() < low;
      } else if (above || data.getMin() < low) {
        double most = above ? data.getMax() : data.getMin();
        lines.add("%s goes to %s".formatted(series.getName(), Numbers.format("%.3g", most)));
      }
    }
    return (lines.isEmpty() ? "" : " Beyond the axis: " + String.join("; ", lines) + ".")
        + (bands ? " Some bands go beyond the axis." : "");
  }

  private static double[] values(XYChart chart, Predicate<XYSeries> which) {
    return chart.getSeriesCollection().stream()
        .filter(which)
        .flatMapToDouble(series -> Arrays.stream(series.getYData()))
        .filter(Double::isFinite)
        .toArray();
  }
}
