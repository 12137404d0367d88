package dev.unroll.report.chart;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.report.run.Json;
import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A chart of lines, points or bars.
 *
 * @param title heading
 * @param x what the axis across shows
 * @param y what the upright axis shows
 * @param logX whether the axis across is logarithmic
 * @param logY whether the upright axis is
 * @param low where the upright axis begins; null for the least value
 * @param high where it ends; null for the greatest
 * @param names what stands at the places 0, 1 and so on, as in a chart of bars; empty where the
 *     axis is one of numbers
 * @param series in the order of the legend
 */
public record SeriesData(
    String title,
    String x,
    String y,
    boolean logX,
    boolean logY,
    @Nullable Double low,
    @Nullable Double high,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> names,
    List<Series> series)
    implements ChartData {
  private static final double[] NONE = {};

  /** Checks that a file left nothing out but names that are not there. */
  public SeriesData {
    names = names == null ? List.of() : names;
    Json.requireAll(title, x, y, series);
  }

  /**
   * A line, a set of points, or bars.
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
   * @param names what each point stands for; empty where only the series has a name
   * @param left lower ends of the intervals of the places; empty where there are none
   * @param right upper ends
   */
  public record Series(
      String name,
      String colour,
      double @Nullable [] dash,
      boolean markers,
      double[] x,
      double[] y,
      double[] low,
      double[] high,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> names,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) double[] left,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) double[] right) {
    /** Checks that a file left nothing out but what only some points have. */
    public Series {
      names = names == null ? List.of() : names;
      left = left == null ? NONE : left;
      right = right == null ? NONE : right;
      Json.requireAll(name, colour, x, y, low, high);
    }

    /** A series whose points have no names. */
    Series(
        String name,
        String colour,
        double @Nullable [] dash,
        boolean markers,
        double[] x,
        double[] y,
        double[] low,
        double[] high) {
      this(name, colour, dash, markers, x, y, low, high, List.of(), NONE, NONE);
    }
  }

  /** The data of a chart of lines or points. */
  public static SeriesData of(XYChart drawing) {
    List<XYSeries> all = List.copyOf(drawing.getSeriesCollection());
    List<Series> series = new ArrayList<>();
    for (XYSeries one : all) {
      if (drawing instanceof Scatter scatter && scatter.points().containsKey(one.getName())) {
        series.add(points(one, scatter.points().get(one.getName())));
      } else if (!Charts.isInterval(one) && !isStroke(one)) {
        series.add(series(one, all));
      } else if (isStroke(one) && one.isShowInLegend()) {
        series.add(strokes(one, all));
      }
    }
    AxesChartStyler style = drawing.getStyler();
    return new SeriesData(
        drawing.getTitle(),
        drawing.getXAxisTitle(),
        drawing.getYAxisTitle(),
        style.isXAxisLogarithmic(),
        style.isYAxisLogarithmic(),
        style.getYAxisMin(),
        drawing instanceof Scatter scatter ? Double.valueOf(scatter.most()) : style.getYAxisMax(),
        List.of(),
        series);
  }

  /** The same with names of the places 0, 1 and so on. */
  public SeriesData named(List<String> places) {
    return new SeriesData(title, x, y, logX, logY, low, high, places, series);
  }

  private static Series points(XYSeries drawn, List<Scatter.Point> points) {
    return new Series(
        drawn.getName(),
        Charts.hex(drawn.getLineColor()),
        null,
        true,
        each(points, Scatter.Point::x),
        each(points, Scatter.Point::y),
        each(points, point -> point.up() == null ? point.y() : point.up().low()),
        each(points, point -> point.up() == null ? point.y() : point.up().high()),
        points.stream().map(Scatter.Point::name).toList(),
        each(points, point -> point.across() == null ? point.x() : point.across().low()),
        each(points, point -> point.across() == null ? point.x() : point.across().high()));
  }

  private static double[] each(List<Scatter.Point> points, ToDoubleFunction<Scatter.Point> of) {
    return ChartData.rounded(points.stream().mapToDouble(of).toArray());
  }

  private static boolean drawnAs(XYSeries series, XYSeriesRenderStyle style) {
    return series.getXYSeriesRenderStyle().filter(style::equals).isPresent();
  }

  /** Whether it stands upright between two heights, as {@link Charts#expected} draws it. */
  private static boolean isStroke(XYSeries series) {
    double[] x = series.getXData();
    return !Charts.isInterval(series)
        && !drawnAs(series, XYSeriesRenderStyle.Scatter)
        && x.length == 2
        && x[0] == x[1];
  }

  private static Series series(XYSeries line, List<XYSeries> all) {
    double[] x = line.getXData();
    double[] low = NONE;
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
        Charts.hex(line.getLineColor()),
        drawnAs(line, XYSeriesRenderStyle.Scatter) ? null : dash(line),
        !line.getMarker().equals(SeriesMarkers.NONE),
        ChartData.rounded(x),
        ChartData.rounded(line.getYData()),
        ChartData.rounded(low),
        ChartData.rounded(high));
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
        Charts.hex(first.getLineColor()),
        null,
        false,
        ChartData.rounded(strokes.stream().mapToDouble(one -> one.getXData()[0]).toArray()),
        none,
        ChartData.rounded(strokes.stream().mapToDouble(one -> one.getYData()[0]).toArray()),
        ChartData.rounded(strokes.stream().mapToDouble(one -> one.getYData()[1]).toArray()));
  }

  private static double[] dash(XYSeries series) {
    BasicStroke stroke = series.getLineStyle();
    float[] dash = stroke == null ? null : stroke.getDashArray();
    return dash == null || dash.length < 2 || dash[1] == 0 ? NONE : new double[] {dash[0], dash[1]};
  }

  private static double[] reversed(double[] values) {
    return IntStream.range(0, values.length)
        .mapToDouble(i -> values[values.length - 1 - i])
        .toArray();
  }
}
