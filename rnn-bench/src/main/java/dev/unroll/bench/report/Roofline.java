package dev.unroll.bench.report;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Runs;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.DiagonalCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.StripCell;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.RunFolder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;

/** The machine's ceilings as a table and a chart, with measured layers below them. */
final class Roofline {
  private static final double LEAST_INTENSITY = 0.25;
  private static final double MOST_INTENSITY = 512;

  private Roofline() {}

  static String section(RunFolder folder, Measured run, List<Chart> charts) {
    List<CeilingRow> rows = run.ceilings();
    StringBuilder text =
        new StringBuilder("## What the machine can do\n\n| | bits | threads | GFLOP/s |");
    List<String> levels = List.copyOf(rows.getFirst().gigabytes().keySet());
    levels.forEach(level -> text.append(' ').append(level).append(", GB/s |"));
    text.append("\n|---|--:|--:|--:|").append("--:|".repeat(levels.size())).append('\n');
    for (CeilingRow row : rows) {
      text.append(
          Numbers.format(
              "| %s | %d | %d | %.1f |",
              row.moment(), row.vectorBits(), row.threads(), row.gigaflops()));
      levels.forEach(
          level ->
              text.append(
                  Numbers.format(" %.1f |", row.gigabytes().getOrDefault(level, Double.NaN))));
      text.append('\n');
    }
    text.append(
        "\n"
            + "Fused multiply-adds on registers, and reading a working set that fits the level:"
            + " medians of short bursts.\n\n");
    List<Point> points = drawn(run.points());
    if (run.points().isEmpty()) {
      for (RunFolder other : Runs.all(folder.parent())) {
        if (points.isEmpty()) {
          points = drawn(Report.points(other));
        }
      }
    }
    if (points.isEmpty()) {
      return text.toString(); // ceilings with nothing below them tell no more than the table
    }
    Report.show(text, charts, new Chart("roofline", "Roofline", chart(rows, points)));
    text.append(
        ofAllCells(points)
            ? "A point is a forward pass of 1 or 16 sequences. Its intensity is what one step does"
                + " with each byte that it has to read again: B / 2 operations for a byte of a"
                + " dense cell's weight_hh; 1.5 for one of a matrix state, 2.5 with two"
                + " Householder steps. Diagonal and linear cells read no matrix again: they stand"
                + " at B T / 2, what the input product does with each byte of weight_ih."
            : "A point's intensity is what one step does with each byte of weight_hh it reads: B /"
                + " 2 operations a byte.");
    text.append(
        " Its height counts all matrix products of a call, so a point can lie above the slope of"
            + " its level: the input product does not read weights anew in each step.\n\n");
    return text.toString();
  }

  /** Forward passes on one thread: those of all batches, or else those of all cells. */
  private static List<Point> drawn(List<Point> points) {
    List<Point> batches =
        points.stream()
            .filter(p -> p.benchmark().equals(Measured.BATCH))
            .filter(p -> p.text("mode").equals("FORWARD") && p.param("threads") == 1)
            .toList();
    return batches.isEmpty() ? CellTables.forward(points) : batches;
  }

  private static boolean ofAllCells(List<Point> points) {
    return points.getFirst().benchmark().equals(Measured.PARTS);
  }

  private static double intensity(Point point) {
    Cell cell = Cells.named(point.text("cell"));
    if (cell instanceof DeltaCell matrix) {
      return (2 * matrix.householder() + 1) / 2.0;
    }
    double again = cell instanceof StripCell ? point.param("steps") : 1;
    return point.param("batch") * again / 2;
  }

  private static String kind(Point point) {
    Cell cell = Cells.named(point.text("cell"));
    if (cell instanceof DeltaCell) {
      return "with a matrix state";
    }
    if (cell instanceof DiagonalCell) {
      return "diagonal cells";
    }
    return cell instanceof LinearCell ? "linear cells" : "dense cells";
  }

  private static XYChart chart(List<CeilingRow> rows, List<Point> points) {
    XYChart chart =
        Charts.xyOfMany(
            "Roofline, one thread (H=128)",
            ofAllCells(points)
                ? "operations for each byte read again"
                : "operations for each byte of weight_hh read",
            "GFLOP/s");
    CeilingRow first = rows.getFirst();
    Iterator<Ink> inks = List.of(Ink.PURPLE, Ink.ORANGE, Ink.SKY, Ink.CLAIMED).iterator();
    for (String level : first.gigabytes().keySet()) {
      double rate = first.gigabytes().get(level);
      double knee = first.gigaflops() / rate;
      double from = Math.min(LEAST_INTENSITY, knee / 2);
      Charts.curve(
          chart,
          Numbers.format("%s, %.0f GB/s", level, rate),
          inks.hasNext() ? inks.next() : Ink.REFERENCE,
          new double[] {from, knee},
          new double[] {from * rate, first.gigaflops()});
    }
    for (CeilingRow row : rows) {
      if (row.threads() == 1 && !row.moment().equals("end")) {
        Charts.curve(
            chart,
            Numbers.format("%d bits, %.0f GFLOP/s", row.vectorBits(), row.gigaflops()),
            Ink.REFERENCE,
            row.vectorBits() == first.vectorBits() ? Line.SOLID : Line.DASHED,
            new double[] {LEAST_INTENSITY, MOST_INTENSITY},
            new double[] {row.gigaflops(), row.gigaflops()});
      }
    }
    if (ofAllCells(points)) {
      Map<String, List<Point>> kinds =
          points.stream()
              .collect(
                  Collectors.groupingBy(Roofline::kind, LinkedHashMap::new, Collectors.toList()));
      Iterator<Ink> own = List.of(Ink.BLUE, Ink.GREEN, Ink.VERMILION, Ink.WINE).iterator();
      kinds.forEach(
          (kind, of) ->
              Charts.scatter(
                  chart,
                  kind,
                  own.next(),
                  Curves.array(of, Roofline::intensity),
                  Curves.array(of, p -> CellTables.workload(p).flops() / p.score() / 1e3)));
    }
    for (String cell : Measured.CELLS) {
      List<Point> own =
          points.stream()
              .filter(p -> p.benchmark().equals(Measured.BATCH) && p.text("cell").equals(cell))
              .toList();
      if (!own.isEmpty()) {
        Charts.scatter(
            chart,
            CellNames.label(cell) + ", forward",
            Curves.ink(cell),
            Curves.array(own, Roofline::intensity),
            Curves.array(own, Measured::gigaflops));
      }
    }
    Charts.logLog(chart);
    return chart;
  }
}
