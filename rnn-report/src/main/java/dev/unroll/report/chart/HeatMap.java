package dev.unroll.report.chart;

import dev.unroll.report.number.Numbers;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.color.ColorSpace;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.style.Styler;

/**
 * A map of values over two axes, with each value written in its cell. The palette is cividis
 * (Nuñez, Anderton and Renslow 2018), whose lightness only rises and which colour-blind readers see
 * as others do. A place without a value is white; one that was tried and has none is hatched.
 */
public final class HeatMap extends HeatMapChart {
  /** Every thirty-second of cividis's 256 colours. */
  static final List<Color> CIVIDIS =
      IntStream.of(
              0x00224E, 0x1A386F, 0x434E6C, 0x61656F, 0x7D7C78, 0x9A9376, 0xBBAD6D, 0xDDC858,
              0xFEE838)
          .mapToObj(Color::new)
          .toList();

  /** Luminance at which black and white text have the same contrast. */
  private static final double MIDDLE = .179;

  private final double[][] values;
  private double[][] low = {};
  private double[][] high = {};

  private HeatMap(double[][] values) {
    super(Charts.WIDTH, Charts.HEIGHT, Styler.ChartTheme.XChart);
    this.values = values;
  }

  /**
   * A map of a quantity from {@code least} to {@code most}; an infinite end is the least or most of
   * the values.
   *
   * @param values a row for each of {@code ys}, a column for each of {@code xs}; NaN where nothing
   *     was tried, infinite where what was tried has no value
   */
  public static HeatMap of(
      String title,
      String x,
      String y,
      List<?> xs,
      List<?> ys,
      double[][] values,
      double least,
      double most) {
    HeatMap chart = new HeatMap(values);
    Charts.head(chart, title, x, y);
    chart.getStyler().setRangeColors(CIVIDIS.toArray(Color[]::new));
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setChartTitlePadding(14);
    chart.getStyler().setPlotGridLinesVisible(false);
    Charts.legendAtTheSide(chart.getStyler());
    List<Number[]> cells =
        IntStream.range(0, xs.size())
            .boxed()
            .flatMap(
                i ->
                    IntStream.range(0, ys.size())
                        .filter(j -> Double.isFinite(values[j][i]))
                        .mapToObj(j -> new Number[] {i, j, values[j][i]}))
            .toList();
    // As texts, each label belongs to one cell; numbers would be spread along an axis.
    // The count holds for both axes.
    chart.getStyler().setXAxisMaxLabelCount(Math.max(2, Math.max(xs.size(), ys.size())));
    DoubleSummaryStatistics finite = chart.all().filter(Double::isFinite).summaryStatistics();
    double from = Double.isInfinite(least) ? StrictMath.floor(100 * finite.getMin()) / 100 : least;
    double to = Double.isInfinite(most) ? StrictMath.ceil(100 * finite.getMax()) / 100 : most;
    double end = to > from ? to : from + 1;
    chart.getStyler().setMin(from).setMax(end);
    chart.addSeries("values", texts(xs), texts(ys), cells).setMin(from).setMax(end);
    chart.addAnnotation(new Cells(values, from, end));
    return chart;
  }

  /** A map from the least value to the most. */
  public static HeatMap of(
      String title, String x, String y, List<?> xs, List<?> ys, double[][] values) {
    return of(title, x, y, xs, ys, values, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /** Keeps the intervals of the values, which pages tell. */
  public HeatMap within(double[][] newLow, double[][] newHigh) {
    low = newLow;
    high = newHigh;
    return this;
  }

  MapData data() {
    return new MapData(
        getTitle(),
        getXAxisTitle(),
        getYAxisTitle(),
        texts(getHeatMapSeries().getXData()),
        texts(getHeatMapSeries().getYData()),
        rounded(values),
        rounded(low),
        rounded(high),
        getHeatMapSeries().getMin(),
        getHeatMapSeries().getMax(),
        CIVIDIS.stream().map(Charts::hex).toList());
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(String::valueOf).toList();
  }

  private static double[][] rounded(double[][] rows) {
    return Arrays.stream(rows).map(ChartData::rounded).toArray(double[][]::new);
  }

  /** What the places without a value mean. */
  String note() {
    return (all().anyMatch(Double::isNaN) ? " White: not tried." : "")
        + (all().anyMatch(Double::isInfinite) ? " Hatched: tried, without a value." : "");
  }

  private DoubleStream all() {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream);
  }

  /** The colour at a share of the way from the least value to the most. */
  static Color color(double share) {
    double at = StrictMath.clamp(share, 0, 1) * (CIVIDIS.size() - 1);
    int i = Math.min((int) at, CIVIDIS.size() - 2);
    float[] from = CIVIDIS.get(i).getRGBColorComponents(null);
    float[] to = CIVIDIS.get(i + 1).getRGBColorComponents(null);
    float part = (float) (at - i);
    return new Color(
        from[0] + part * (to[0] - from[0]),
        from[1] + part * (to[1] - from[1]),
        from[2] + part * (to[2] - from[2]));
  }

  /** Black or white, whichever has more contrast with a cell. */
  static Color text(Color cell) {
    return luminance(cell) < MIDDLE ? Color.WHITE : Color.BLACK;
  }

  /** Relative luminance as WCAG 2 defines it, from 0 to 1. */
  static double luminance(Color color) {
    float[] linear =
        color.getColorComponents(ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB), null);
    return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2];
  }

  /** The numbers in the cells, and the hatching of those that have none. */
  private static final class Cells extends Overlay {
    private static final int LARGEST = 17;
    private static final int SMALLEST = 9;
    private static final int HATCH = 9;

    private final double[][] values;
    private final double least;
    private final double most;

    Cells(double[][] values, double least, double most) {
      this.values = values;
      this.least = least;
      this.most = most;
    }

    @Override
    public void paint(Graphics2D g) {
      Rectangle2D plot = plot();
      double height = plot.getHeight() / values.length;
      double width = plot.getWidth() / values[0].length;
      g.setFont(font(g, width, height));
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      for (int j = 0; j < values.length; j++) {
        for (int i = 0; i < values[j].length; i++) {
          Rectangle2D cell =
              new Rectangle2D.Double(
                  plot.getX() + i * width,
                  plot.getY() + (values.length - 1 - j) * height,
                  width,
                  height);
          if (Double.isInfinite(values[j][i])) {
            hatch(g, cell);
          } else if (!Double.isNaN(values[j][i])) {
            write(g, cell, values[j][i]);
          }
        }
      }
    }

    /** The largest type in which every number fits into its cell. */
    private Font font(Graphics2D g, double width, double height) {
      for (int size = LARGEST; size > SMALLEST; size--) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, size);
        FontMetrics metrics = g.getFontMetrics(font);
        if (metrics.getHeight() < height
            && Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .allMatch(value -> metrics.stringWidth(text(value)) < width - 4)) {
          return font;
        }
      }
      return new Font(Font.SANS_SERIF, Font.PLAIN, SMALLEST);
    }

    private static String text(double value) {
      return Numbers.plain(StrictMath.rint(100 * value) / 100);
    }

    private void write(Graphics2D g, Rectangle2D cell, double value) {
      g.setColor(HeatMap.text(color((value - least) / (most - least))));
      FontMetrics metrics = g.getFontMetrics();
      g.drawString(
          text(value),
          (float) (cell.getCenterX() - metrics.stringWidth(text(value)) / 2.),
          (float) (cell.getCenterY() + (metrics.getAscent() - metrics.getDescent()) / 2.));
    }

    private static void hatch(Graphics2D g, Rectangle2D cell) {
      Shape clip = g.getClip();
      g.clip(cell);
      g.setColor(Ink.REFERENCE.color());
      g.setStroke(new BasicStroke(1.5f));
      for (double x = cell.getX() - cell.getHeight(); x < cell.getMaxX(); x += HATCH) {
        g.draw(new Line2D.Double(x, cell.getMaxY(), x + cell.getHeight(), cell.getY()));
      }
      g.setClip(clip);
    }
  }
}
