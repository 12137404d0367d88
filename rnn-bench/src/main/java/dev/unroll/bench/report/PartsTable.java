package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.Bars;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is serial in a pass and what is not: the share of each part, and forward against backward.
 */
final class PartsTable {
  private static final String FORWARD = "FORWARD";
  private static final List<String> PARTS =
      List.of("INPUT_PRODUCT", "RECURRENT_PRODUCT", "POINTWISE");

  /** A part's share of a whole, with half its interval. */
  private record Share(double value, double error) {
    static Share of(Point part, Point whole) {
      double value = part.score() / whole.score();
      return new Share(
          value, value * Math.hypot(part.error() / part.score(), whole.error() / whole.score()));
    }

    String text() {
      return Numbers.format("%.0f ± %.0f %%", 100 * value, 100 * error);
    }
  }

  private PartsTable() {}

  static String section(Measured run, List<Chart> charts) {
    if (run.of(Measured.PARTS, "part", "RECURRENT_PRODUCT").isEmpty()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            """
            ## What is serial and what is not

            Each part of a forward pass timed alone, in the same process as the whole and right after it, on one thread (T=100, H=128), as a share of the whole. The input product (x·weight_ih, with the biases) needs no earlier step: it is parallel over time. The recurrent product (h·weight_hh) and the pointwise equations wait for the step before: they are serial. The rest is what the parts leave of the whole: copies of states and outputs, and what the parts cost each other in the caches; below zero, the parts alone were slower than together. A training step's forward half keeps the gates; its backward half is the difference to the whole step.

            | cell | B | forward, µs | input product | recurrent product | pointwise | rest | serial in all | training step, µs | forward half | backward half |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """);
    List<String> groups = new ArrayList<>();
    Map<String, List<Share>> shares = new LinkedHashMap<>();
    for (String cell : Measured.CELLS) {
      for (int batch : run.values(Measured.PARTS, "batch")) {
        Optional<String> row = row(run, cell, batch, shares);
        row.ifPresent(text::append);
        row.ifPresent(any -> groups.add(CellNames.label(cell) + ", B=" + batch));
      }
    }
    text.append('\n');
    if (!groups.isEmpty()) {
      Bars chart =
          new Bars(
              "Forward: each part's share of the whole (T=100, H=128)",
              "cell and batch",
              "% of the whole pass");
      for (String part : PARTS) {
        List<Share> own = shares.getOrDefault(part, List.of());
        chart.add(
            Measured.lower(part).replace('_', ' '),
            Ink.of(PARTS.indexOf(part)),
            groups,
            own.stream().mapToDouble(share -> 100 * share.value()).toArray(),
            own.stream().mapToDouble(share -> 100 * (share.value() - share.error())).toArray(),
            own.stream().mapToDouble(share -> 100 * (share.value() + share.error())).toArray());
      }
      String caption = "Share of each part of a forward pass";
      Report.show(text, charts, new Chart("parts-forward", caption, chart));
    }
    return text.toString();
  }

  private static Optional<String> row(
      Measured run, String cell, int batch, Map<String, List<Share>> shares) {
    Optional<Point> whole = part(run, cell, batch, FORWARD);
    Optional<Point> input = part(run, cell, batch, "INPUT_PRODUCT");
    Optional<Point> recurrent = part(run, cell, batch, "RECURRENT_PRODUCT");
    Optional<Point> pointwise = part(run, cell, batch, "POINTWISE");
    if (whole.isEmpty() || input.isEmpty() || recurrent.isEmpty() || pointwise.isEmpty()) {
      return Optional.empty();
    }
    Share x = Share.of(input.get(), whole.get());
    Share h = Share.of(recurrent.get(), whole.get());
    Share cellShare = Share.of(pointwise.get(), whole.get());
    List<Share> own = List.of(x, h, cellShare);
    for (int i = 0; i < own.size(); i++) {
      shares.computeIfAbsent(PARTS.get(i), name -> new ArrayList<>()).add(own.get(i));
    }
    Share serial =
        new Share(h.value() + cellShare.value(), Math.hypot(h.error(), cellShare.error()));
    Share rest = new Share(1 - x.value() - serial.value(), Math.hypot(x.error(), serial.error()));
    StringBuilder row =
        new StringBuilder(
            Numbers.format(
                "| %s | %d | %.1f ± %.1f | %s | %s | %s | %s | %s |",
                CellNames.label(cell),
                batch,
                whole.get().score(),
                whole.get().error(),
                x.text(),
                h.text(),
                cellShare.text(),
                rest.text(),
                serial.text()));
    Optional<Point> step = part(run, cell, batch, "TRAINING_STEP");
    Optional<Point> half = part(run, cell, batch, "TRAINING_FORWARD");
    if (step.isPresent() && half.isPresent()) {
      Share forward = Share.of(half.get(), step.get());
      row.append(
          Numbers.format(
              " %.1f ± %.1f | %s | %s |",
              step.get().score(),
              step.get().error(),
              forward.text(),
              new Share(1 - forward.value(), forward.error()).text()));
    } else {
      row.append(" | | |");
    }
    return Optional.of(row.append('\n').toString());
  }

  private static Optional<Point> part(Measured run, String cell, int batch, String part) {
    return run.of(Measured.PARTS, "cell", cell, "batch", batch, "part", part).stream().findFirst();
  }
}
