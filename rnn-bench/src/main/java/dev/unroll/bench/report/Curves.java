package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Line;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;

/** Measured points as lines of a chart, with their intervals. */
final class Curves {
  private Curves() {}

  /** A cell's colour in every chart. */
  static Ink ink(String cell) {
    return Ink.of(Measured.CELLS.indexOf(cell));
  }

  /** Times of calls over one of their parameters. */
  static void add(
      XYChart chart, String name, Ink ink, Line line, List<Point> points, String param) {
    add(chart, name, ink, line, points, param, p -> 1);
  }

  /** Times divided by a number of each point, over one of their parameters. */
  static void add(
      XYChart chart,
      String name,
      Ink ink,
      Line line,
      List<Point> points,
      String param,
      ToDoubleFunction<Point> divisor) {
    double[] x = array(points, p -> p.param(param));
    Charts.points(
        chart, name, ink, line, x, array(points, p -> p.score() / divisor.applyAsDouble(p)));
    Charts.intervals(
        chart,
        name,
        ink,
        x,
        array(points, p -> p.low() / divisor.applyAsDouble(p)),
        array(points, p -> p.high() / divisor.applyAsDouble(p)));
  }

  static double[] array(List<Point> points, ToDoubleFunction<Point> value) {
    return points.stream().mapToDouble(value).toArray();
  }
}
