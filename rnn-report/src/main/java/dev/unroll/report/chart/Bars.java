package dev.unroll.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.style.AxesChartStyler;

/** Bars with intervals whose ends need not lie alike. */
public final class Bars extends CategoryChart {
  private static final double FILL = .8;
  private static final double MARGIN = .04;
  private static final int MOST_SLANTED = 12;

  private final List<SeriesData.Series> groups = new ArrayList<>();
  private List<String> categories = List.of();

  /** An empty chart of bars. */
  public Bars(String title, String x, String y) {
    super(Charts.WIDTH, Charts.HEIGHT);
    Charts.head(this, title, x, y);
    getStyler().setAvailableSpaceFill(FILL);
    getStyler().setYAxisMin(0.);
    getStyler().setYAxisMax(0.);
  }

  /**
   * Adds one group of bars.
   *
   * @param names of the categories, the same for each group
   * @param values one for each category; NaN where there is none, which is written there
   * @param low lower ends of their intervals
   * @param high upper ends
   */
  public void add(
      String name, Ink ink, List<String> names, double[] values, double[] low, double[] high) {
    categories = List.copyOf(names);
    addSeries(
            name,
            names,
            Arrays.stream(values).map(value -> Double.isNaN(value) ? 0 : value).boxed().toList())
        .setFillColor(ink.color());
    double[] all =
        Arrays.stream(new double[][] {values, low, high})
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .toArray();
    double least = Arrays.stream(all).min().orElse(0);
    double most = Arrays.stream(all).max().orElse(0);
    double margin = MARGIN * (Math.max(0, most) - Math.min(0, least));
    if (least < 0 && least - margin < getStyler().getYAxisMin()) {
      getStyler().setYAxisMin(least - margin);
    }
    if (most > 0 && most + margin > getStyler().getYAxisMax()) {
      getStyler().setYAxisMax(most + margin);
    }
    addAnnotation(new Whiskers(groups.size(), values, low, high));
    groups.add(
        new SeriesData.Series(
            name,
            Charts.hex(ink.color()),
            null,
            false,
            IntStream.range(0, values.length).asDoubleStream().toArray(),
            ChartData.rounded(values),
            ChartData.rounded(low),
            ChartData.rounded(high)));
    getStyler().setXAxisMaxLabelCount(Math.max(2, names.size()));
    turnLongNames();
  }

  /** Names that do not fit side by side stand slanted or, where many, upright. */
  private void turnLongNames() {
    int longest = categories.stream().mapToInt(String::length).max().orElse(0);
    if (Charts.LEGEND_LETTER * longest * categories.size() > Charts.WIDTH) {
      getStyler().setXAxisLabelRotation(categories.size() > MOST_SLANTED ? 90 : 45);
    }
  }

  SeriesData data() {
    return new SeriesData(
        getTitle(),
        getXAxisTitle(),
        getYAxisTitle(),
        false,
        false,
        getStyler().getYAxisMin(),
        getStyler().getYAxisMax(),
        categories,
        groups);
  }

  private static final class Whiskers extends Overlay {
    private static final int CAP = 5;
    private static final int GAP = 6;
    private static final String NO_VALUE = "no value";

    private final int series;
    private final double[] values;
    private final double[] low;
    private final double[] high;

    Whiskers(int series, double[] values, double[] low, double[] high) {
      this.series = series;
      this.values = values;
      this.low = low;
      this.high = high;
    }

    @Override
    public void paint(Graphics2D g) {
      Rectangle2D plot = plot();
      double content = ((AxesChartStyler) styler).getPlotContentSize() * plot.getWidth();
      double left = plot.getCenterX() - content / 2;
      double group = content / values.length;
      double bar = group * FILL / chart.getSeriesCollection().size();
      g.setStroke(new BasicStroke(1.8f));
      for (int i = 0; i < values.length; i++) {
        double x = left + i * group + group * (1 - FILL) / 2 + (series + .5) * bar;
        if (Double.isNaN(values[i])) {
          none(g, x);
        } else if (low[i] < high[i]) {
          g.setColor(Color.BLACK);
          double top = Math.max(plot.getY(), height(high[i], plot.getY()));
          double foot = Math.min(plot.getMaxY(), height(low[i], plot.getMaxY()));
          g.draw(new Line2D.Double(x, foot, x, top));
          g.draw(new Line2D.Double(x - CAP, top, x + CAP, top));
          g.draw(new Line2D.Double(x - CAP, foot, x + CAP, foot));
        }
      }
    }

    private double height(double value, double open) {
      return Double.isInfinite(value) ? open : getYAxisScreenValue(value);
    }

    private void none(Graphics2D g, double x) {
      g.setColor(Ink.REFERENCE.color());
      g.setFont(new Font(Font.SANS_SERIF, Font.ITALIC, 15));
      int length = g.getFontMetrics().stringWidth(NO_VALUE) + GAP;
      double zero = getYAxisScreenValue(0);
      // Below zero where all values are: above it is the title.
      double foot = zero - plot().getY() < length ? zero + length : zero - GAP;
      AffineTransform before = g.getTransform();
      g.translate(x + CAP, foot);
      g.rotate(-Math.PI / 2);
      g.drawString(NO_VALUE, 0, 0);
      g.setTransform(before);
    }
  }
}
