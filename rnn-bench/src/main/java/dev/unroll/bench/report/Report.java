package dev.unroll.bench.report;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.CellCosts;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.ForkTime;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** A run's report and charts, made from nothing but the files in the run's folder. */
public final class Report {
  static final String CHARTS = "charts";

  private Report() {}

  /**
   * Writes the report and the charts of a run.
   *
   * @return the page
   */
  public static Path write(RunFolder folder) throws IOException {
    Run run = Run.of(folder);
    Measured measured = measured(folder);
    List<Comparison> comparisons =
        folder.has(Runs.PEERS) ? folder.read(Runs.PEERS, new TypeReference<>() {}) : List.of();
    List<Chart> charts = new ArrayList<>();
    StringBuilder text = new StringBuilder("# ");
    text.append(capital(run.kind())).append(" run of ").append(run.date()).append("\n\n");
    if (!run.complete()) {
      text.append("**This run is not complete: it shows what it has measured so far.**\n\n");
    }
    Stream.concat(run.notes().stream(), measured.doubtful().stream())
        .forEach(note -> text.append("**Note: ").append(note).append(".**\n\n"));
    if (!measured.points().isEmpty()) {
      text.append(CellTables.section(measured));
      text.append(opening(measured)).append('\n');
      text.append(SerialLaw.section(measured, charts));
      text.append(PartsTable.section(measured, charts));
      text.append(Parallelism.section(measured, charts));
      text.append(OverTimeTable.section(measured, charts));
    }
    if (!comparisons.isEmpty()) {
      text.append("## Other libraries\n\n");
      PeerTables.summary(comparisons)
          .lines()
          .forEach(line -> text.append("* ").append(capital(line)).append(".\n"));
      text.append('\n');
      show(text, charts, Rivals.chart(comparisons));
      text.append(
          "Each cell shows the other library's median time of a call and, in bold, that time"
              + " divided by ours with its 95 % interval: above 1 we are faster. \"Of the limit\""
              + " is the least time that the ceilings of the same run allow, divided by ours;"
              + " \"chain\" is the shortest chain of operations in which each needs the one before,"
              + " divided by ours. bf16 and int8 are numbers of 16 and 8 bits, whose answers are"
              + " checked to 3 or 5 %, and no summary counts them.\n");
      text.append('\n').append(PeerTables.losses(comparisons));
      text.append(PeerTables.tables(comparisons)).append('\n');
    }
    if (folder.has(Runs.BYTES)) {
      text.append(WeightFormatTable.section(folder.read(Runs.BYTES, new TypeReference<>() {})));
    }
    if (folder.has(Runs.STREAMS)) {
      text.append(StreamTable.section(folder.read(Runs.STREAMS, new TypeReference<>() {})));
    }
    List<ForkTime> steady =
        folder.has(Runs.STEADY) ? folder.read(Runs.STEADY, new TypeReference<>() {}) : List.of();
    if (!steady.isEmpty()) {
      text.append(SteadyTables.section(steady));
    }
    if (!measured.ceilings().isEmpty()) {
      text.append(Roofline.section(folder, measured, charts));
    }
    text.append(machine(run));
    for (Chart chart : charts) {
      Charts.write(folder.path().resolve(CHARTS), chart);
    }
    RunReport.keep(folder, charts);
    return RunReport.write(folder, text.toString());
  }

  /** The tables of a run of benchmarks, for the console. */
  public static String console(RunFolder folder) {
    Measured measured = measured(folder);
    return CellTables.in(measured) ? CellTables.console(measured) : Console.text(measured);
  }

  /** The figures of a run of cells, from its points; null for another run. */
  public static @Nullable CellCosts cells(RunFolder folder) {
    Measured measured = measured(folder);
    return CellTables.in(measured) ? CellTables.costs(measured) : null;
  }

  /** The three sentences that matter. */
  static String opening(Measured run) {
    return SerialLaw.sentence(run, ", by the line fitted below")
        + Parallelism.sentences(run)
        + "\n";
  }

  /** What a run's files hold. */
  static Measured measured(RunFolder folder) {
    List<CeilingRow> ceilings =
        folder.has(Runs.ROOFLINE)
            ? folder.read(Runs.ROOFLINE, new TypeReference<>() {})
            : List.of();
    int cores = Integer.parseInt(Run.of(folder).provenance().machine("cores"));
    return new Measured(points(folder), ceilings, cores);
  }

  static List<Point> points(RunFolder folder) {
    return folder.has(Runs.JMH) ? Point.read(folder.read(Runs.JMH, JsonNode.class)) : List.of();
  }

  private static String machine(Run run) {
    Provenance from = run.provenance();
    List<List<String>> rows = new ArrayList<>();
    from.machine().forEach((name, value) -> rows.add(List.of(name, value)));
    rows.add(List.of("vector width", from.vectorBits() + " bits"));
    rows.add(List.of("JDK", from.jdk()));
    rows.add(List.of("flags", "`" + String.join(" ", from.jvmFlags()) + "`"));
    rows.add(List.of("commit", from.version()));
    rows.add(List.of("date", run.date()));
    rows.add(List.of("took", run.duration()));
    rows.add(List.of("command", "`" + run.command() + "`"));
    return "## Machine and command\n\n" + Markdown.table(List.of("", ""), rows);
  }

  /** Adds a chart to a report's text, and to those that are to be drawn. */
  static void show(StringBuilder text, List<Chart> charts, Chart chart) {
    charts.add(chart);
    text.append("![%s](%s/%s.png)\n\n".formatted(chart.caption(), CHARTS, chart.file()));
  }

  static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
