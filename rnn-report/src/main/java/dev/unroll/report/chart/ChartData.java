package dev.unroll.report.chart;

import dev.unroll.report.run.Json;
import java.awt.BasicStroke;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A chart of lines as data, for a page that draws it again under the reader's pointer.
 *
 * @param title heading
 * @param x what the axis across shows
 * @param y what the upright axis shows
 * @param logX whether the axis across is logarithmic
 * @param logY whether the upright axis is
 * @param low where the upright axis begins; null for the least value
 * @param high where it ends; null for the greatest
 * @param series the lines, in the order of the legend
 */
public record ChartData(
    String title,
    String x,
    String y,
    boolean logX,
    boolean logY,
    @Nullable Double low,
    @Nullable Double high,
    List<Series> series) {
  private static final MathContext DIGITS = new MathContext(6);

  /** Checks that a file left nothing out. */
  public ChartData {
    Json.requireAll(title, x, y, series);
  }

  /**
   * A line, or a set of points.
   *
   * @param name for the legend
   * @param colour such as {@code #0072b2}
   * @param dash lengths of a dash and of the gap after it; empty for an unbroken line, null for
   *     none
   * @param markers whether each point is marked
   * @param x places
   * @param y heights; NaN where there is only an interval
   * @param low lower ends of the intervals; empty where there are none
   * @param high upper ends
   */
  public record Series(
      String name,
      String colour,
      double @Nullable [] dash,
      boolean markers,
      double[] x,
      double[] y,
      double[] low,
      double[] high) {
    /** Checks that a file left nothing out. */
    public Series {
      Json.requireAll(name, colour, x, y, low, high);
    }
  }

  /** The data of a chart that has a line of at least two points; nothing of any other. */
  public static Optional<ChartData> of(Chart chart) {
    if (!(chart.drawing() instanceof XYChart drawing)) {
      return Optional.empty();
    }
    List<XYSeries> all = List.copyOf(drawing.getSeriesCollection());
    if (all.stream().noneMatch(ChartData::isLine)) {
      return Optional.empty();
    }
    List<Series> series = new ArrayList<>();
    for (XYSeries one : all) {
      if (!Charts.isInterval(one) && !isStroke(one)) {
        series.add(series(one, all));
      } else if (isStroke(one) && one.isShowInLegend()) {
        series.add(strokes(one, all));
      }
    }
    AxesChartStyler style = drawing.getStyler();
    return Optional.of(
        new ChartData(
            drawing.getTitle(),
            drawing.getXAxisTitle(),
            drawing.getYAxisTitle(),
            style.isXAxisLogarithmic(),
            style.isYAxisLogarithmic(),
            style.getYAxisMin(),
            style.getYAxisMax(),
            series));
  }

  private static boolean isLine(XYSeries series) {
    return !Charts.isInterval(series)
        && !drawnAs(series, XYSeriesRenderStyle.Scatter)
        && series.getXData().length > 1
        && !isStroke(series);
  }

  private static boolean drawnAs(XYSeries series, XYSeriesRenderStyle style) {
    return series.getXYSeriesRenderStyle().filter(style::equals).isPresent();
  }

  /** Whether it stands upright between two heights, as {@link Charts#expected} draws it. */
  private static boolean isStroke(XYSeries series) {
    double[] x = series.getXData();
    return !Charts.isInterval(series) && x.length == 2 && x[0] == x[1];
  }

  private static Series series(XYSeries line, List<XYSeries> all) {
    double[] x = line.getXData();
    double[] low = new double[0];
    double[] high = low;
    for (XYSeries interval : all) {
      if (!Charts.isIntervalOf(interval, line)) {
        continue;
      }
      double[] ends = interval.getYData();
      if (drawnAs(interval, XYSeriesRenderStyle.PolygonArea)) {
        // Markers may stand beside their place; the band does not.
        x = Arrays.copyOf(interval.getXData(), x.length);
        low = Arrays.copyOf(ends, x.length);
        high = reversed(Arrays.copyOfRange(ends, x.length, ends.length));
      } else if (interval.getXData()[0] == interval.getXData()[1]) {
        if (low.length == 0) {
          low = line.getYData().clone();
          high = low.clone();
        }
        for (int i = 0; i < x.length; i++) {
          if (x[i] == interval.getXData()[0]) {
            low[i] = ends[0];
            high[i] = ends[1];
          }
        }
      }
    }
    return new Series(
        line.getName(),
        colour(line),
        drawnAs(line, XYSeriesRenderStyle.Scatter) ? null : dash(line),
        !line.getMarker().equals(SeriesMarkers.NONE),
        rounded(x),
        rounded(line.getYData()),
        rounded(low),
        rounded(high));
  }

  /** A named stroke and those after it that have no name of their own. */
  private static Series strokes(XYSeries first, List<XYSeries> all) {
    List<XYSeries> strokes =
        all.stream()
            .filter(one -> isStroke(one) && (one.equals(first) || !one.isShowInLegend()))
            .sorted((one, other) -> Double.compare(one.getXData()[0], other.getXData()[0]))
            .toList();
    double[] none = new double[strokes.size()];
    Arrays.fill(none, Double.NaN);
    return new Series(
        first.getName(),
        colour(first),
        null,
        false,
        rounded(strokes.stream().mapToDouble(one -> one.getXData()[0]).toArray()),
        none,
        rounded(strokes.stream().mapToDouble(one -> one.getYData()[0]).toArray()),
        rounded(strokes.stream().mapToDouble(one -> one.getYData()[1]).toArray()));
  }

  private static String colour(XYSeries series) {
    return "#%06x".formatted(series.getLineColor().getRGB() & 0xFFFFFF);
  }

  private static double[] dash(XYSeries series) {
    BasicStroke stroke = series.getLineStyle();
    float[] dash = stroke == null ? null : stroke.getDashArray();
    return dash == null || dash.length < 2 || dash[1] == 0
        ? new double[0]
        : new double[] {dash[0], dash[1]};
  }

  private static double[] reversed(double[] values) {
    return IntStream.range(0, values.length)
        .mapToDouble(i -> values[values.length - 1 - i])
        .toArray();
  }

  /** As many digits as a reader can use; an end that was drawn far outside is infinite again. */
  private static double[] rounded(double[] values) {
    return Arrays.stream(values)
        .map(
            value ->
                Math.abs(value) >= Charts.OPEN
                    ? Math.copySign(Double.POSITIVE_INFINITY, value)
                    : Double.isFinite(value)
                        ? BigDecimal.valueOf(value).round(DIGITS).doubleValue()
                        : value)
        .toArray();
  }
}
