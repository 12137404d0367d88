package dev.unroll.bench.report;

import dev.unroll.bench.report.Charts.Look;
import dev.unroll.bench.report.Charts.Series;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.RunFolder;
import java.util.ArrayList;
import java.util.List;

/** The machine's ceilings as a table and a chart, with measured layers below them. */
final class Roofline {
  private static final double LEAST_INTENSITY = 0.25;
  private static final double MOST_INTENSITY = 512;

  private Roofline() {}

  static String section(RunFolder folder, List<CeilingRow> rows, List<Point> own) {
    StringBuilder text =
        new StringBuilder("## What the machine can do\n\n| | bits | threads | GFLOP/s |");
    List<String> levels = List.copyOf(rows.getFirst().gigabytes().keySet());
    levels.forEach(level -> text.append(' ').append(level).append(", GB/s |"));
    text.append("\n|---|--:|--:|--:|").append("--:|".repeat(levels.size())).append('\n');
    for (CeilingRow row : rows) {
      text.append(
          Text.format(
              "| %s | %d | %d | %.1f |",
              row.moment(), row.vectorBits(), row.threads(), row.gigaflops()));
      levels.forEach(
          level ->
              text.append(Text.format(" %.1f |", row.gigabytes().getOrDefault(level, Double.NaN))));
      text.append('\n');
    }
    text.append(
        "\n"
            + "Fused multiply-adds on registers, and reading a working set that fits the level:"
            + " medians of short bursts.\n\n");
    List<Point> points = own;
    for (RunFolder other : RunFolder.all(folder.root())) {
      if (points.isEmpty()) {
        points = Report.points(other);
      }
    }
    chart(folder, rows, points);
    Report.image(text, "roofline", "Roofline");
    text.append(
        "A point's intensity is what one step does with each byte of weight_hh it reads: B / 2"
            + " operations a byte. Its height counts all matrix products of a call, so a point can"
            + " lie above the slope of its level: the input product does not read weights anew in"
            + " each step.\n\n");
    return text.toString();
  }

  private static void chart(RunFolder folder, List<CeilingRow> rows, List<Point> points) {
    List<Series> series = new ArrayList<>();
    CeilingRow first = rows.getFirst();
    int colour = 3;
    for (String level : first.gigabytes().keySet()) {
      double rate = first.gigabytes().get(level);
      double knee = first.gigaflops() / rate;
      double from = Math.min(LEAST_INTENSITY, knee / 2);
      series.add(
          Series.of(
              Text.format("%s, %.0f GB/s", level, rate),
              new double[] {from, knee},
              new double[] {from * rate, first.gigaflops()},
              colour++,
              Look.LIMIT));
    }
    for (CeilingRow row : rows) {
      if (row.threads() == 1 && !row.moment().equals("end")) {
        series.add(
            Series.of(
                Text.format("%d bits, %.0f GFLOP/s", row.vectorBits(), row.gigaflops()),
                new double[] {LEAST_INTENSITY, MOST_INTENSITY},
                new double[] {row.gigaflops(), row.gigaflops()},
                7,
                row.vectorBits() == first.vectorBits() ? Look.LINE : Look.DASHED));
      }
    }
    List<String> cells = List.of("rnn_tanh", "lstm", "gru");
    for (String cell : cells) {
      List<Point> own =
          points.stream()
              .filter(
                  p ->
                      p.benchmark().equals("BatchAndThreads")
                          && p.text("cell").equals(cell)
                          && p.text("mode").equals("FORWARD")
                          && p.param("threads") == 1)
              .toList();
      if (!own.isEmpty()) {
        series.add(
            Series.of(
                cell + ", forward",
                own.stream().mapToDouble(p -> p.param("batch") / 2.0).toArray(),
                own.stream().mapToDouble(p -> Measured.gigaflops(p)).toArray(),
                cells.indexOf(cell),
                Look.POINTS));
      }
    }
    Charts.logLog(
        folder.path().resolve("charts").resolve("roofline"),
        "Roofline, one thread (H=128)",
        "operations for each byte of weight_hh read",
        "GFLOP/s",
        series);
  }
}
