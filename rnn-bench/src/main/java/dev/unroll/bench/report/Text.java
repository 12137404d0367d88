package dev.unroll.bench.report;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines that both the console and the report show. */
public final class Text {
  private static final double DRIFT = 0.10;

  private Text() {}

  /** A benchmark and its setting, in one line. */
  public static String name(Point point) {
    StringBuilder name = new StringBuilder(point.benchmark());
    for (String word : List.of("way", "cell", "mode", "part")) {
      append(name, "", point.text(word).toLowerCase(Locale.ROOT));
    }
    append(name, "T=", point.text("steps"));
    append(name, "B=", point.text("batch"));
    append(name, "H=", point.text("hidden"));
    append(name, "threads=", point.text("threads"));
    append(name, "windows=", point.text("windows"));
    return name.toString();
  }

  private static void append(StringBuilder name, String label, String value) {
    if (!value.isEmpty()) {
      name.append(' ').append(label).append(value);
    }
  }

  /** A row of ceilings, in one line. */
  public static String ceiling(CeilingRow row) {
    StringBuilder line =
        new StringBuilder(
            Numbers.format(
                "%d bits, %d thread%s: %.1f GFLOP/s",
                row.vectorBits(), row.threads(), row.threads() == 1 ? "" : "s", row.gigaflops()));
    row.gigabytes()
        .forEach((level, rate) -> line.append(Numbers.format(", %s %.0f GB/s", level, rate)));
    return line.toString();
  }

  /** What to say if the ceilings at the end of a run are not those of its start. */
  public static List<String> drift(List<CeilingRow> rows) {
    List<String> warnings = new ArrayList<>();
    for (CeilingRow end : rows) {
      for (CeilingRow start : rows) {
        if (start.moment().equals("start")
            && end.moment().equals("end")
            && start.threads() == end.threads()) {
          List<String> changes = new ArrayList<>();
          drift(changes, "arithmetic", start.gigaflops(), end.gigaflops());
          start
              .gigabytes()
              .forEach(
                  (level, rate) ->
                      drift(
                          changes,
                          "reading from " + level,
                          rate,
                          end.gigabytes().getOrDefault(level, rate)));
          if (!changes.isEmpty()) {
            warnings.add(
                Numbers.format(
                    "the machine's own speed changed during the run, on %d thread%s: %s",
                    end.threads(), end.threads() == 1 ? "" : "s", String.join(", ", changes)));
          }
        }
      }
    }
    return warnings;
  }

  private static void drift(List<String> changes, String what, double start, double end) {
    double change = end / start - 1;
    if (Math.abs(change) > DRIFT) {
      changes.add(
          Numbers.format("%s from %.1f to %.1f (%+.0f %%)", what, start, end, 100 * change));
    }
  }
}
