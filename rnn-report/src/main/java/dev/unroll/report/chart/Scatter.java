package dev.unroll.report.chart;

import dev.unroll.report.number.Interval;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * Points over an upright axis of logarithms, with their intervals; a point whose height is cut off
 * at a cap is open. With names, points at the foot have no interval.
 */
public final class Scatter extends XYChart {
  private static final int NAMED_HEIGHT = 900;
  private static final int NAMED_WIDTH = 1500;

  /** The share of a chart's height that names take. */
  private static final double NAMES = .32;

  /** An interval adds to the axis up to so many times its point. */
  private static final double WHISKER = 2;

  private final double least;
  private final boolean named;
  private final Map<String, List<Point>> points = new LinkedHashMap<>();
  private final Map<Double, Named> names = new TreeMap<>();
  private double most;

  private record Named(String name, double top) {}

  /**
   * A point.
   *
   * @param name what it stands for; in a chart with names points at one x share theirs
   * @param x its place
   * @param across interval of x; null for none
   * @param y its height
   * @param up interval of y; null for none
   * @param capped whether the height would be greater without a cap
   */
  public record Point(
      String name,
      double x,
      @Nullable Interval across,
      double y,
      @Nullable Interval up,
      boolean capped) {}

  /**
   * An empty chart.
   *
   * @param least where the upright axis begins; points below are drawn there
   * @param named whether the name of each x stands above its points
   */
  public Scatter(String title, String x, String y, double least, boolean named) {
    super(named ? NAMED_WIDTH : Charts.WIDTH, named ? NAMED_HEIGHT : Charts.HEIGHT);
    Charts.head(this, title, x, y);
    Charts.legendAtTheSide(getStyler());
    this.named = named;
    this.least = least;
    this.most = least;
    getStyler().setYAxisLogarithmic(true);
    getStyler().setYAxisMin(least);
  }

  /** Adds points of one kind. */
  public void add(String kind, Ink ink, List<Point> all) {
    all.forEach(point -> intervals(kind, ink, point));
    for (boolean capped : new boolean[] {false, true}) {
      List<Point> some = all.stream().filter(point -> point.capped == capped).toList();
      if (!some.isEmpty()) {
        String name = capped ? kind + ", at its cap" : kind;
        points.put(name, some);
        Charts.scatter(
            this,
            name,
            ink,
            capped ? new Open(ink.marker()) : ink.marker(),
            some.stream().mapToDouble(Point::x).toArray(),
            some.stream().mapToDouble(point -> height(point.y)).toArray());
      }
    }
    for (Point point : all) {
      double end = point.up == null ? point.y : point.up.high();
      most = Math.max(most, height(Math.min(end, WHISKER * point.y)));
      names.merge(
          point.x,
          new Named(point.name, height(point.y)),
          (one, other) -> one.top > other.top ? one : other);
    }
  }

  /** Adds a broken line at a height. */
  public void reference(String name, double height) {
    double[] x = names.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    if (x.length > 1) {
      Charts.reference(this, name, x[0], x[x.length - 1], height);
      most = Math.max(most, height);
    }
  }

  /** Gives the chart the axis and the names of all that was added. */
  public Scatter finished() {
    double data = Math.log(most / least) + .1;
    getStyler().setYAxisMax(least * Math.exp(data / (named ? 1 - NAMES : 1)));
    getStyler().setYAxisLogarithmicDecadeOnly(false);
    setCustomYAxisTickLabelsFormatter(Charts.decades(least, most));
    if (named) {
      addAnnotation(
          new Names(
              names.entrySet().stream()
                  .map(
                      one ->
                          new Names.Name(
                              one.getValue().name, one.getKey(), one.getValue().top, null))
                  .toList()));
    }
    return this;
  }

  /** The points of each series. */
  Map<String, List<Point>> points() {
    return points;
  }

  /** The height that the axis has to show. */
  double most() {
    return most;
  }

  private double height(double y) {
    return Math.max(least, y);
  }

  private void intervals(String kind, Ink ink, Point point) {
    double x = point.x;
    if (point.up != null && !(named && height(point.y) == least)) {
      double[] ends = {height(point.up.low()), height(Math.min(point.up.high(), 1e9))};
      Charts.interval(this, kind, ink, new double[] {x, x}, ends);
    }
    if (point.across != null) {
      double[] ends = {point.across.low(), point.across.high()};
      Charts.interval(this, kind, ink, ends, new double[] {height(point.y), height(point.y)});
    }
  }

  /** A marker of which only the edge is drawn. */
  private static final class Open extends Marker {
    private static final int EDGE = 5;

    private final Marker whole;

    Open(Marker whole) {
      this.whole = whole;
    }

    @Override
    public void paint(Graphics2D g, double x, double y, int size) {
      whole.paint(g, x, y, size + 1);
      Color before = g.getColor();
      g.setColor(Color.WHITE);
      whole.paint(g, x, y, size + 1 - EDGE);
      g.setColor(before);
    }
  }
}
