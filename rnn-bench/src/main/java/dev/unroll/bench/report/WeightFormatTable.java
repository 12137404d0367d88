package dev.unroll.bench.report;

import dev.unroll.bench.result.WeightFormatRow;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import java.util.List;

/** What weights of fewer bits bring, as text. */
public final class WeightFormatTable {
  private WeightFormatTable() {}

  /** A row in short, for the console. */
  public static String line(WeightFormatRow row) {
    return Numbers.format(
        "%s %s B=%d T=%d H=%d threads=%d %s: %.2f µs, %s",
        row.cell(),
        row.mode(),
        row.batch(),
        row.steps(),
        row.hiddenSize(),
        row.threads(),
        row.format(),
        row.micros(),
        speedup(row));
  }

  /** The report's section. */
  static String section(List<WeightFormatRow> rows) {
    return "## Weights of fewer bits\n\n" + text(rows);
  }

  /** What the columns mean, and the table. */
  static String text(List<WeightFormatRow> rows) {
    return "A step of a stream, or a whole pass, with weights in each format, in turns in one"
        + " process. The speed-up is the time with floats divided by this one, with its 95 %"
        + " interval: above 1 fewer bits are faster. I = H.\n\n"
        + Markdown.table(
            List.of("cell", "", "B", "T", "H", "threads", "weights", "µs", "speed-up"),
            rows.stream()
                .map(
                    row ->
                        List.of(
                            CellNames.label(row.cell()),
                            row.mode(),
                            Integer.toString(row.batch()),
                            Integer.toString(row.steps()),
                            Integer.toString(row.hiddenSize()),
                            Integer.toString(row.threads()),
                            row.format(),
                            Numbers.format("%.2f", row.micros()),
                            speedup(row)))
                .toList())
        + "\n";
  }

  private static String speedup(WeightFormatRow row) {
    return Numbers.format("%.2f [%.2f, %.2f]", row.speedup(), row.low(), row.high());
  }
}
