package dev.unroll.report.chart;

import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;

/**
 * Lines with bands that are seen even where they lie on each other: of those that share a stretch
 * the lower ones are wider, and their markers stand side by side. Where there are more lines than
 * colours, the later ones are dashed. Of many lines only the intervals of the last points are
 * drawn, to the right of these, and the legend tells where each ends.
 */
public final class Curves {
  /** Lines this near, as a share of the axis, lie on each other. */
  private static final double NEAR = .01;

  /** Over at least this share of their common points. */
  private static final double STRETCH = .3;

  /** How far apart markers stand, as a share of the axis. */
  private static final double ASIDE = .009;

  /** More bands than this hide each other. */
  private static final int FEW = 6;

  private final List<Curve> curves = new ArrayList<>();

  private record Curve(String name, double[] x, double[] y, double[] low, double[] high) {}

  /** Adds a line and its band, whose ends may be infinite; none where it has no point. */
  public void add(String name, double[] x, double[] y, double[] low, double[] high) {
    if (x.length > 0) {
      curves.add(new Curve(name, x, y, low, high));
    }
  }

  /** Draws all of them. */
  public void draw(XYChart chart, boolean markers) {
    double wide = span(curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.x)).toArray());
    double high = span(curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.y)).toArray());
    int[] groups = groups(NEAR * high);
    boolean many = curves.size() > FEW;
    for (int i = 0; i < curves.size(); i++) {
      int group = groups[i];
      int index = (int) IntStream.range(0, i).filter(j -> groups[j] == group).count();
      int size = (int) Arrays.stream(groups).filter(other -> other == group).count();
      Curve curve = curves.get(i);
      Ink ink = Ink.of(i);
      Line line = Line.below(many ? 0 : size - 1 - index).ofRound(Ink.round(i));
      Charts.band(chart, curve.name, ink, curve.x, curve.low, curve.high);
      int last = curve.x.length - 1;
      if (many) {
        Charts.hideBand(chart, curve.name);
        double at = curve.x[last] + (i + 1) * ASIDE * wide;
        double[] ends = {
          Math.max(curve.low[last], -Charts.OPEN), Math.min(curve.high[last], Charts.OPEN)
        };
        Charts.interval(chart, curve.name, ink, new double[] {at, at}, ends);
      }
      if (markers) {
        double aside = (index - (size - 1) / 2.) * ASIDE * wide;
        double[] x = Arrays.stream(curve.x).map(at -> at + aside).toArray();
        Charts.points(chart, curve.name, ink, line, x, curve.y);
      } else {
        Charts.curve(chart, curve.name, ink, line, curve.x, curve.y);
      }
      if (many) {
        chart.getSeries(curve.name).setLabel(curve.name + Numbers.format(" %.3g", curve.y[last]));
      }
    }
  }

  /** For each line the first of those that it shares a stretch with. */
  private int[] groups(double near) {
    int[] group = IntStream.range(0, curves.size()).toArray();
    for (int i = 0; i < group.length; i++) {
      for (int j = 0; j < i; j++) {
        if (group[i] != group[j] && together(curves.get(i), curves.get(j), near)) {
          int from = group[i];
          int to = group[j];
          group = Arrays.stream(group).map(one -> one == from ? to : one).toArray();
        }
      }
    }
    return group;
  }

  private static boolean together(Curve one, Curve other, double near) {
    boolean before = false;
    int common = 0;
    int stretches = 0;
    for (int i = 0; i < one.x.length; i++) {
      int at = Arrays.binarySearch(other.x, one.x[i]);
      if (at >= 0) {
        boolean here = Math.abs(one.y[i] - other.y[at]) <= near;
        common++;
        stretches += here && before ? 1 : 0;
        before = here;
      }
    }
    return stretches > 0 && stretches >= STRETCH * (common - 1);
  }

  private static double span(double[] values) {
    double least = Arrays.stream(values).min().orElse(0);
    return Arrays.stream(values).max().orElse(0) - least;
  }
}
