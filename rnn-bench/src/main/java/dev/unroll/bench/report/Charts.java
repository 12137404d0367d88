package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.RunFolder;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Charts as PNG and SVG: one look, readable at half size and without telling colours apart. */
public final class Charts {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 620;

  /** Okabe and Ito's colours for every kind of colour vision, the darker ones first. */
  private static final Color[] COLOURS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9),
    new Color(0x767676),
    new Color(0x000000)
  };

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE,
    SeriesMarkers.DIAMOND,
    SeriesMarkers.SQUARE,
    SeriesMarkers.TRIANGLE_UP,
    SeriesMarkers.TRIANGLE_DOWN,
    SeriesMarkers.CROSS,
    SeriesMarkers.NONE,
    SeriesMarkers.NONE
  };

  private static final Pattern LONG_NUMBER = Pattern.compile("-?\\d+\\.\\d{2,}");
  private static final Pattern CLIP = Pattern.compile("clip\\d+");

  /** How a series is drawn. */
  public enum Look {
    LINE,
    DASHED,
    POINTS,
    LIMIT,
    FLOOR
  }

  /**
   * One line or cloud of points.
   *
   * @param low lower ends of the points' intervals, empty for none
   * @param high upper ends
   * @param colour index of colour and marker
   */
  public record Series(
      String name, double[] x, double[] y, double[] low, double[] high, int colour, Look look) {
    /** A series without intervals. */
    static Series of(String name, double[] x, double[] y, int colour, Look look) {
      return new Series(name, x, y, new double[0], new double[0], colour, look);
    }

    /**
     * Points of one cell over one of their parameters, with their intervals.
     *
     * @param perSequence whether to divide the time by the batch
     */
    static Series of(
        String name, List<Point> points, String param, boolean perSequence, Look look) {
      ToDoubleFunction<Point> share = p -> perSequence ? p.param("batch") : 1;
      return new Series(
          name,
          points.stream().mapToDouble(p -> p.param(param)).toArray(),
          points.stream().mapToDouble(p -> p.score() / share.applyAsDouble(p)).toArray(),
          points.stream().mapToDouble(p -> p.low() / share.applyAsDouble(p)).toArray(),
          points.stream().mapToDouble(p -> p.high() / share.applyAsDouble(p)).toArray(),
          colourOf(points.getFirst().text("cell")),
          look);
    }

    static int colourOf(String cell) {
      return Measured.CELLS.indexOf(cell);
    }
  }

  /**
   * Bars side by side, a group for each thing on the x axis.
   *
   * @param groups their names
   * @param values for each kind of bar, {value, half its interval} of each group
   */
  public record Bars(List<String> groups, Map<String, List<double[]>> values) {
    /** Adds the next group's bar of a kind. */
    public void add(String kind, double value, double error) {
      values.computeIfAbsent(kind, name -> new ArrayList<>()).add(new double[] {value, error});
    }
  }

  private Charts() {}

  /**
   * Asks for the measures of a font.
   *
   * @throws IllegalStateException if the machine has none
   */
  static void requireFonts() {
    try {
      new Font(Font.SANS_SERIF, Font.PLAIN, 20)
          .getStringBounds("0", new FontRenderContext(null, true, true));
    } catch (RuntimeException | LinkageError | InternalError e) {
      throw new IllegalStateException(
          "cannot draw charts, because this machine has no fonts: install the packages fontconfig"
              + " and fonts-dejavu-core, then run the same command again",
          e);
    }
  }

  /**
   * Draws a chart on logarithmic axes into {@code file.png} and {@code file.svg}.
   *
   * @throws IllegalStateException if the machine has no font
   */
  static void logLog(Path file, String title, String xTitle, String yTitle, List<Series> series) {
    XYChart chart = chart(title, xTitle, yTitle);
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    decades(chart, series);
    draw(file, chart, series);
  }

  /**
   * Draws a chart on linear axes into {@code file.png} and {@code file.svg}.
   *
   * @throws IllegalStateException if the machine has no font
   */
  public static void linear(
      Path file, String title, String xTitle, String yTitle, List<Series> series) {
    draw(file, chart(title, xTitle, yTitle), series);
  }

  private static XYChart chart(String title, String xTitle, String yTitle) {
    requireFonts();
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart.getStyler());
    return chart;
  }

  private static void draw(Path file, XYChart chart, List<Series> series) {
    for (Series s : series) {
      XYSeries drawn = chart.addSeries(s.name(), s.x(), s.y());
      Color colour = COLOURS[s.colour() % COLOURS.length];
      drawn.setLineColor(colour);
      drawn.setMarkerColor(colour);
      drawn.setMarker(
          s.look() == Look.LIMIT || s.look() == Look.FLOOR
              ? SeriesMarkers.NONE
              : MARKERS[s.colour() % MARKERS.length]);
      drawn.setLineStyle(stroke(s.look()));
      if (s.look() == Look.POINTS) {
        drawn.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      }
      for (int i = 0; i < s.low().length; i++) {
        // XChart's own error bars are symmetric, these intervals are not.
        XYSeries interval =
            chart.addSeries(
                s.name() + " " + i,
                new double[] {s.x()[i], s.x()[i]},
                new double[] {s.low()[i], s.high()[i]});
        interval.setShowInLegend(false);
        interval.setLineColor(colour);
        interval.setLineStyle(new BasicStroke(2f));
        interval.setMarker(SeriesMarkers.NONE);
      }
    }
    write(file, chart);
  }

  /**
   * Draws bars with their intervals into {@code file.png} and {@code file.svg}.
   *
   * @throws IllegalStateException if the machine has no font
   */
  public static void bars(Path file, String title, String xTitle, String yTitle, Bars bars) {
    requireFonts();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLabelRotation(bars.groups().size() > 4 ? 45 : 0);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setAvailableSpaceFill(0.7);
    int colour = 0;
    for (Map.Entry<String, List<double[]>> kind : bars.values().entrySet()) {
      chart
          .addSeries(
              kind.getKey(),
              bars.groups(),
              kind.getValue().stream().map(value -> (Number) value[0]).toList(),
              kind.getValue().stream().map(value -> (Number) value[1]).toList())
          .setFillColor(COLOURS[colour++]);
    }
    write(file, chart);
  }

  private static void write(Path file, Chart<?, ?> chart) {
    try {
      RunFolder.write(Path.of(file + ".png"), ChartEncoder.getBytes(chart, "png"));
      String svg = new String(ChartEncoder.getBytes(chart, "svg"), StandardCharsets.UTF_8);
      RunFolder.write(Path.of(file + ".svg"), tidy(svg));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the chart " + file, e);
    }
  }

  /** A tenth of a pixel is enough, and clip paths are not named after addresses in memory. */
  private static String tidy(String svg) {
    String rounded =
        LONG_NUMBER
            .matcher(svg)
            .replaceAll(m -> Text.format("%.1f", Double.parseDouble(m.group())));
    return CLIP.matcher(rounded).replaceAll("clip0");
  }

  private static void style(AxesChartStyler style) {
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotGridLinesColor(new Color(0xDDDDDD));
    // As SVG a dash is a shape of its own: nine tenths of the file.
    style.setPlotGridLinesStroke(new BasicStroke(1));
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 20));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 22));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 20));
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 20));
    style.setLegendPosition(LegendPosition.OutsideE);
    style.setLegendBorderColor(Color.WHITE);
    style.setChartTitleBoxVisible(false);
    style.setMarkerSize(11);
    style.setLegendSeriesLineLength(44);
  }

  /** Whole decades on both axes, since only those are labelled. */
  private static void decades(XYChart chart, List<Series> series) {
    double[] x = series.stream().flatMapToDouble(s -> Arrays.stream(s.x())).toArray();
    double[] y =
        series.stream()
            .flatMapToDouble(
                s ->
                    DoubleStream.concat(
                        Arrays.stream(s.y()),
                        DoubleStream.concat(Arrays.stream(s.low()), Arrays.stream(s.high()))))
            .toArray();
    chart.getStyler().setXAxisMin(decade(Arrays.stream(x).min().orElse(1), false));
    chart.getStyler().setXAxisMax(decade(Arrays.stream(x).max().orElse(10), true));
    chart.getStyler().setYAxisMin(decade(Arrays.stream(y).min().orElse(1), false));
    chart.getStyler().setYAxisMax(decade(Arrays.stream(y).max().orElse(10), true));
  }

  private static double decade(double value, boolean up) {
    double power = Math.log10(value);
    return Math.pow(10, up ? Math.ceil(power) : Math.floor(power));
  }

  private static BasicStroke stroke(Look look) {
    return switch (look) {
      case DASHED ->
          new BasicStroke(
              2.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {9, 6}, 0);
      case LIMIT -> new BasicStroke(1.5f);
      case FLOOR ->
          new BasicStroke(
              1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {2, 5}, 0);
      default -> new BasicStroke(2.5f);
    };
  }
}
