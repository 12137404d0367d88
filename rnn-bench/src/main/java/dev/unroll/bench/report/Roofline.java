package dev.unroll.bench.report;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.RunFolder;
import java.util.Iterator;
import java.util.List;
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
    List<Point> points = run.points();
    for (RunFolder other : Runs.all(folder.parent())) {
      if (points.isEmpty()) {
        points = Report.points(other);
      }
    }
    Report.show(text, charts, new Chart("roofline", "Roofline", chart(rows, points)));
    text.append(
        "A point's intensity is what one step does with each byte of weight_hh it reads: B / 2"
            + " operations a byte. Its height counts all matrix products of a call, so a point can"
            + " lie above the slope of its level: the input product does not read weights anew in"
            + " each step.\n\n");
    return text.toString();
  }

  private static XYChart chart(List<CeilingRow> rows, List<Point> points) {
    XYChart chart =
        Charts.xyOfMany(
            "Roofline, one thread (H=128)",
            "operations for each byte of weight_hh read",
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
    for (String cell : Measured.CELLS) {
      List<Point> own =
          points.stream()
              .filter(
                  p ->
                      p.benchmark().equals(Measured.BATCH)
                          && p.text("cell").equals(cell)
                          && p.text("mode").equals("FORWARD")
                          && p.param("threads") == 1)
              .toList();
      if (!own.isEmpty()) {
        Charts.scatter(
            chart,
            CellNames.label(cell) + ", forward",
            Curves.ink(cell),
            Curves.array(own, p -> p.param("batch") / 2.0),
            Curves.array(own, Measured::gigaflops));
      }
    }
    Charts.logLog(chart);
    return chart;
  }
}
