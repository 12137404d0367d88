package dev.unroll.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.style.markers.Marker;

/** Upright names side by side, each with a thin line down to its place. */
final class Names extends Overlay {
  private static final int APART = 18;
  private static final int STEM = 26;
  private static final int MARK = 11;
  private static final int FONT = 14;
  private static final int TICK = 12;

  private final List<Name> names;
  private final double above;

  /**
   * A name.
   *
   * @param x its place
   * @param top the height that its line ends at
   * @param mark what stands below the name; null for nothing
   */
  record Name(String name, double x, double top, @Nullable Mark mark) {}

  /** A marker with its colour. */
  record Mark(Color color, Marker marker) {
    void paint(Graphics2D g, double x, double y) {
      g.setColor(color);
      marker.paint(g, x, y, MARK);
    }
  }

  /**
   * Names in the order of their places.
   *
   * @param above how far above the plot they stand, in pixels; NaN where they stand in it, at its
   *     top
   */
  Names(List<Name> names, double above) {
    this.names = names.stream().sorted(Comparator.comparingDouble(Name::x)).toList();
    this.above = above;
  }

  /** Names in the plot, at its top. */
  Names(List<Name> names) {
    this(names, Double.NaN);
  }

  @Override
  public void paint(Graphics2D g) {
    Rectangle2D plot = plot();
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT));
    FontMetrics metrics = g.getFontMetrics();
    int longest = names.stream().mapToInt(one -> metrics.stringWidth(one.name)).max().orElse(0);
    double foot = plot.getY() + (Double.isNaN(above) ? longest + 4 : -above);
    if (Double.isNaN(above)) { // no value lies among the names, so no line of the grid does
      g.setColor(Color.WHITE);
      g.fill(
          new Rectangle2D.Double(
              plot.getX() - TICK, plot.getY(), plot.getWidth() + TICK, longest + 4. + STEM));
    }
    double[] x = names.stream().mapToDouble(one -> getXAxisScreenValue(one.x)).toArray();
    double[] slots = apart(x, plot.getX() + APART, plot.getMaxX() - APART);
    for (int i = 0; i < x.length; i++) {
      Name one = names.get(i);
      double stem = foot + STEM;
      double begin = foot + 3;
      if (one.mark != null) {
        stem += MARK + 4.;
        begin += MARK + 4.;
      }
      g.setColor(Ink.REFERENCE.color());
      g.setStroke(new BasicStroke(.8f));
      g.draw(new Line2D.Double(slots[i], begin, x[i], stem));
      double top = getYAxisScreenValue(one.top) - 8.;
      g.draw(new Line2D.Double(x[i], stem, x[i], Math.max(stem, top)));
      if (one.mark != null) {
        one.mark.paint(g, slots[i], foot + 3 + MARK / 2.);
      }
      AffineTransform before = g.getTransform();
      g.translate(slots[i] + metrics.getAscent() / 2. - 1, foot);
      g.rotate(-Math.PI / 2);
      g.setColor(Color.BLACK);
      g.drawString(one.name, 0, 0);
      g.setTransform(before);
    }
  }

  /** Places near those of {@code x}, which rise, at least {@link #APART} from each other. */
  private static double[] apart(double[] x, double from, double to) {
    double[] slots = x.clone();
    for (int round = 0; round < 200; round++) {
      for (int i = 1; i < slots.length; i++) {
        double push = (APART - (slots[i] - slots[i - 1])) / 2;
        if (push > 0) {
          slots[i - 1] -= push;
          slots[i] += push;
        }
      }
      slots = Arrays.stream(slots).map(slot -> Math.clamp(slot, from, to)).toArray();
    }
    return slots;
  }
}
