package dev.unroll.report.chart;

import dev.unroll.report.number.Numbers;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Panels one below the other over one logarithmic axis across. What is compared has the same place,
 * colour and marker in each of them, and its name once, above the first.
 */
public final class Panels implements IChart {
  private static final int WIDTH = 1300;
  private static final int LEFT = 76;
  private static final int HEAD = 300;
  private static final int TITLE = 34;
  private static final int PLOT = 116;

  /** How far above the first plot the names end: a heading, a stem and a marker. */
  private static final int NAMES = 92;

  /** What the last panel has below its plot. */
  private static final int FOOT = 49;

  private static final double MARGIN = 1.12;
  private static final Color GUIDE = new Color(0xDDDDDD);

  /** Room above and below the data, in parts of their height. */
  private static final double ROOM = .09;

  /** They tell apart what has one colour. */
  private static final List<Marker> MARKERS =
      List.of(
          SeriesMarkers.CIRCLE,
          SeriesMarkers.TRIANGLE_UP,
          SeriesMarkers.SQUARE,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.TRIANGLE_DOWN);

  /** The slimmest last, for they hide the least of others. */
  private static final List<Marker> BACK_TO_FRONT =
      List.of(
          SeriesMarkers.SQUARE,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.CIRCLE,
          SeriesMarkers.TRIANGLE_DOWN,
          SeriesMarkers.TRIANGLE_UP);

  private final String title;
  private final String across;
  private final Map<String, Ink> kinds = new LinkedHashMap<>();
  private final Map<String, Place> places = new LinkedHashMap<>();
  private final List<Panel> panels = new ArrayList<>();
  private final List<Spot> spots = new ArrayList<>();

  /**
   * Where a point is in the picture.
   *
   * @param panel its heading
   * @param name the point's
   * @param left in parts of the picture's width
   * @param top in parts of its height
   */
  public record Spot(String panel, String name, double left, double top) {}

  private record Place(String name, Ink ink, Marker marker, double x) {
    Names.Mark mark() {
      return new Names.Mark(ink.color(), marker);
    }
  }

  private record Panel(String title, double[] ticks, XYChart chart) {
    double height(double value) {
      return Panels.height(ticks, value);
    }
  }

  /** Where a value lies: ticks are one unit apart, and nothing lies beyond them. */
  static double height(double[] ticks, double value) {
    int i = 1;
    while (i < ticks.length - 1 && value > ticks[i]) {
      i++;
    }
    return Math.clamp(
        i - 1 + (value - ticks[i - 1]) / (ticks[i] - ticks[i - 1]), 0, ticks.length - 1);
  }

  /** Without places or panels yet. */
  public Panels(String title, String across) {
    this.title = title;
    this.across = across;
  }

  /**
   * Adds something that is compared; to be called before the panels are added.
   *
   * @param name what it is called
   * @param kind what it has its colour in common with
   * @param x its place across, more than 0
   */
  public void place(String name, String kind, double x) {
    Ink ink = kinds.computeIfAbsent(kind, added -> Ink.of(kinds.size()));
    long before = places.values().stream().filter(place -> place.ink == ink).count();
    places.put(name, new Place(name, ink, MARKERS.get((int) before % MARKERS.size()), x));
  }

  /**
   * Adds a panel.
   *
   * @param heading what its heights are
   * @param ticks at least two heights, rising, which it shows as far apart as each other
   * @param chance a height to compare with; NaN for none
   * @param points with the names of places; others are left out
   */
  public void panel(String heading, double[] ticks, double chance, List<Scatter.Point> points) {
    XYChart chart = Charts.xy("", across, "");
    Panel panel = new Panel(heading, ticks.clone(), chart);
    double[] x = places.values().stream().mapToDouble(Place::x).sorted().toArray();
    double least = x[0] / MARGIN;
    double most = x[x.length - 1] * MARGIN;
    XYStyler styler = chart.getStyler();
    styler.setChartTitleVisible(false);
    styler.setLegendVisible(false);
    styler.setChartPadding(0);
    styler.setYAxisTicksVisible(false);
    styler.setYAxisTitleVisible(false);
    styler.setPlotGridLinesVisible(false);
    styler.setPlotContentSize(1);
    styler.setPlotMargin(0);
    styler.setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(false);
    styler.setXAxisMin(least).setXAxisMax(most);
    double top = ticks.length - 1;
    styler.setYAxisMin(-ROOM * top).setYAxisMax((1 + ROOM) * top);
    chart.setCustomXAxisTickLabelsFormatter(Charts.decades(least, most));
    for (double place : x) {
      line(chart, GUIDE, 1, new double[] {place, place}, new double[] {-ROOM * top, top});
    }
    for (int tick = 0; tick < ticks.length; tick++) {
      line(chart, GUIDE, 1, new double[] {least, most}, new double[] {tick, tick});
    }
    if (!Double.isNaN(chance)) {
      Charts.reference(chart, "chance", least, most, panel.height(chance));
    }
    List<Scatter.Point> shown =
        points.stream().filter(point -> places.containsKey(point.name())).toList();
    shown.forEach(point -> intervals(panel, point));
    shown.stream()
        .sorted(Comparator.comparingInt(point -> BACK_TO_FRONT.indexOf(place(point.name()).marker)))
        .forEach(point -> point(panel, point));
    chart.addAnnotation(new Labels(ticks));
    chart.addAnnotation(new Spots(panel, panels.size(), shown));
    if (panels.isEmpty()) {
      chart.addAnnotation(
          new Names(
              places.values().stream()
                  .map(place -> new Names.Name(place.name, place.x, 2 * top, place.mark()))
                  .toList(),
              NAMES));
    }
    panels.add(panel);
  }

  private void intervals(Panel panel, Scatter.Point point) {
    Place place = place(point.name());
    double height = panel.height(point.y());
    if (point.across() != null) {
      double[] ends = {point.across().low(), point.across().high()};
      line(panel.chart, place.ink.color(), 1, ends, new double[] {height, height});
    }
    if (point.up() != null) {
      double[] ends = {panel.height(point.up().low()), panel.height(point.up().high())};
      line(panel.chart, place.ink.color(), 2, new double[] {place.x, place.x}, ends);
    }
  }

  private void point(Panel panel, Scatter.Point point) {
    Place place = place(point.name());
    double[] height = {panel.height(point.y())};
    Marker marker = new Edged(place.marker);
    Charts.scatter(panel.chart, place.name, place.ink, marker, new double[] {place.x}, height);
  }

  private Place place(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new IllegalArgumentException("no place of " + name);
    }
    return place;
  }

  private static void line(XYChart chart, Color color, float width, double[] x, double[] y) {
    XYSeries line = chart.addSeries("line " + chart.getSeriesCollection().size(), x, y);
    line.setMarker(SeriesMarkers.NONE).setLineColor(color).setLineStyle(new BasicStroke(width));
  }

  /** The points of the picture as it was last drawn. */
  public List<Spot> spots() {
    return List.copyOf(spots);
  }

  @Override
  public int getWidth() {
    return WIDTH;
  }

  @Override
  public int getHeight() {
    return HEAD + panels.size() * (TITLE + PLOT) + FOOT;
  }

  @Override
  public String getTitle() {
    return title;
  }

  @Override
  public void paint(Graphics2D g, int width, int height) {
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    AffineTransform before = g.getTransform();
    spots.clear();
    for (int i = 0; i < panels.size(); i++) {
      Panel panel = panels.get(i);
      boolean last = i == panels.size() - 1;
      panel.chart.getStyler().setXAxisTicksVisible(last).setXAxisTitleVisible(last);
      g.translate(LEFT, top(i));
      panel.chart.paint(g, WIDTH - LEFT, last ? PLOT + FOOT : PLOT);
      heading(g, panel.title);
      g.setTransform(before);
    }
    head(g);
  }

  /** Where a panel's plot begins. */
  private static int top(int panel) {
    return HEAD + panel * (TITLE + PLOT) + TITLE;
  }

  private static void heading(Graphics2D g, String text) {
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 17));
    g.setColor(Color.BLACK);
    g.drawString(text, 0, -8);
  }

  /** The title, and which colour is of which kind. */
  private void head(Graphics2D g) {
    g.setColor(Color.BLACK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 22));
    g.drawString(title, LEFT, 30);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    int x = LEFT;
    for (Map.Entry<String, Ink> kind : kinds.entrySet()) {
      g.setColor(kind.getValue().color());
      g.fillRect(x, 46, 16, 16);
      g.setColor(Color.BLACK);
      g.drawString(kind.getKey(), x + 24, 60);
      x += 24 + g.getFontMetrics().stringWidth(kind.getKey()) + 32;
    }
  }

  /** A marker with a white edge, which tells it from one that it partly hides. */
  private static final class Edged extends Marker {
    private final Marker whole;

    Edged(Marker whole) {
      this.whole = whole;
    }

    @Override
    public void paint(Graphics2D g, double x, double y, int size) {
      Color before = g.getColor();
      g.setColor(Color.WHITE);
      whole.paint(g, x, y, size + 1);
      g.setColor(before);
      whole.paint(g, x, y, size - 2);
    }
  }

  /** Draws nothing, and notes where a panel's points are. */
  private final class Spots extends Overlay {
    private final Panel panel;
    private final int index;
    private final List<Scatter.Point> points;

    Spots(Panel panel, int index, List<Scatter.Point> points) {
      this.panel = panel;
      this.index = index;
      this.points = points;
    }

    @Override
    public void paint(Graphics2D g) {
      for (Scatter.Point point : points) {
        double x = LEFT + getXAxisScreenValue(place(point.name()).x);
        double y = top(index) + getYAxisScreenValue(panel.height(point.y()));
        spots.add(new Spot(panel.title, point.name(), x / WIDTH, y / Panels.this.getHeight()));
      }
    }
  }

  /** Names of heights, left of the plot. */
  private static final class Labels extends Overlay {
    private final double[] ticks;

    Labels(double[] ticks) {
      this.ticks = ticks.clone();
    }

    @Override
    public void paint(Graphics2D g) {
      g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
      g.setColor(Color.BLACK);
      FontMetrics metrics = g.getFontMetrics();
      for (int i = 0; i < ticks.length; i++) {
        String text = Numbers.plain(ticks[i]);
        g.drawString(
            text,
            (float) (plot().getX() - metrics.stringWidth(text) - 8),
            getYAxisScreenValue(i) + metrics.getAscent() / 2f - 1);
      }
    }
  }
}
