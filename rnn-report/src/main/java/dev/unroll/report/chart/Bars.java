package dev.unroll.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.AxesChartStyler;

/** Bars with intervals whose ends need not lie alike. */
public final class Bars {
  private static final double FILL = .8;
  private static final double MARGIN = .04;

  private Bars() {}

  /** An empty chart of bars. */
  public static CategoryChart of(String title, String x, String y) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Charts.WIDTH)
            .height(Charts.HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    Charts.style(chart.getStyler());
    chart.getStyler().setAvailableSpaceFill(FILL);
    chart.getStyler().setYAxisMin(0.);
    chart.getStyler().setYAxisMax(0.);
    return chart;
  }

  /**
   * Adds one group of bars.
   *
   * @param values one for each category; NaN where there is none, which is written there
   * @param low lower ends of their intervals
   * @param high upper ends
   */
  public static void add(
      CategoryChart chart,
      String name,
      Ink ink,
      List<String> categories,
      double[] values,
      double[] low,
      double[] high) {
    int index = chart.getSeriesCollection().size();
    chart
        .addSeries(
            name,
            categories,
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
    if (least < 0 && least - margin < chart.getStyler().getYAxisMin()) {
      chart.getStyler().setYAxisMin(least - margin);
    }
    if (most > 0 && most + margin > chart.getStyler().getYAxisMax()) {
      chart.getStyler().setYAxisMax(most + margin);
    }
    chart.addAnnotation(new Whiskers(index, values, low, high));
    chart.getStyler().setXAxisMaxLabelCount(Math.max(2, categories.size()));
    int longest = categories.stream().mapToInt(String::length).max().orElse(0);
    if (Charts.LEGEND_LETTER * longest * categories.size() > Charts.WIDTH) {
      chart.getStyler().setXAxisLabelRotation(45);
    }
  }

  private static final class Whiskers extends Overlay {
    private static final int CAP = 5;

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
      AffineTransform before = g.getTransform();
      g.translate(x + 5, getYAxisScreenValue(0) - 6.);
      g.rotate(-Math.PI / 2);
      g.drawString("no value", 0, 0);
      g.setTransform(before);
    }
  }
}
