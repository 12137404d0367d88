package dev.unroll.bench.report;

import dev.unroll.bench.result.StreamRow;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import java.util.List;

/** How long a step takes where many streams arrive, as text. */
public final class StreamTable {
  private StreamTable() {}

  /** A row in short, for the console. */
  public static String line(StreamRow row) {
    return Numbers.format(
        "%s H=%d streams=%d batch=%d wait=%.0f µs %s: %.0f steps/s at most; at %.0f: p50 %.1f, p99"
            + " %.1f, p99.9 %.1f, largest %.1f µs; %d collections, difference %.0e%s",
        row.cell(),
        row.hiddenSize(),
        row.streams(),
        row.batch(),
        row.waitMicros(),
        row.library(),
        row.capacity(),
        row.rate(),
        row.p50(),
        row.p99(),
        row.p999(),
        row.largest(),
        row.collections(),
        row.difference(),
        row.overloaded() ? "; overloaded" : "");
  }

  /** The report's section. */
  static String section(List<StreamRow> rows) {
    return "## Many streams\n\n" + text(rows);
  }

  /** What the columns mean, and the table. */
  static String text(List<StreamRow> rows) {
    return "One thread steps the streams that are due, at most a batch at once, and carries their"
        + " states on. Steps arrive at the same rate for all libraries of a load, at random times"
        + " that wait for nobody. A latency counts from when a step was due to when its output was"
        + " there; \"overloaded\" is what cannot keep up with the rate, so that its latencies only"
        + " grow. Steps a second are those that the library takes where a whole batch is always"
        + " there. Collections are those of the JVM while steps were taken, and the bytes left are"
        + " the Java objects of a step; both are those of the library's Java interface. The"
        + " difference is the largest of its outputs to ours with floats, on the same inputs"
        + " before anything was timed.\n\n"
        + Markdown.table(
            List.of(
                "layer",
                "streams",
                "batch",
                "wait, µs",
                "library",
                "steps/s",
                "arriving/s",
                "together",
                "p50, µs",
                "p99",
                "p99.9",
                "largest",
                "collections",
                "bytes left",
                "bytes a stream",
                "difference"),
            rows.stream().map(StreamTable::cells).toList())
        + "\n";
  }

  private static List<String> cells(StreamRow row) {
    Double bytes = row.bytesAStream();
    return List.of(
        layer(row),
        Integer.toString(row.streams()),
        Integer.toString(row.batch()),
        Numbers.format("%.0f", row.waitMicros()),
        row.library() + (row.overloaded() ? " (overloaded)" : ""),
        Numbers.format("%.0f", row.capacity()),
        Numbers.format("%.0f", row.rate()),
        Numbers.format("%.1f", row.together()),
        Numbers.format("%.1f", row.p50()),
        Numbers.format("%.1f", row.p99()),
        Numbers.format("%.1f", row.p999()),
        Numbers.format("%.1f", row.largest()),
        Long.toString(row.collections()),
        Numbers.format("%.0f", row.allocated()),
        bytes == null ? "" : Numbers.format("%.0f", bytes),
        Numbers.format("%.0e", row.difference()));
  }

  private static String layer(StreamRow row) {
    String sizes =
        row.inputSize() == row.hiddenSize()
            ? Integer.toString(row.hiddenSize())
            : row.inputSize() + " to " + row.hiddenSize();
    String layer = CellNames.label(row.cell()) + " " + sizes;
    return row.model() == null ? layer : layer + " of " + row.model();
  }
}
