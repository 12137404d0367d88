package dev.unroll.bench.report;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * A run's report, Markdown and one self-contained page of HTML, made from nothing but the files in
 * the run's folder.
 */
public final class Report {
  private Report() {}

  /**
   * Writes {@code report.md}, {@code report.html} and the charts of a run, and the index of all
   * runs.
   *
   * @return the page
   */
  public static Path write(RunFolder folder) {
    Provenance provenance = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
    Measured run = measured(folder);
    List<CeilingRow> ceilings = run.ceilings();
    List<Comparison> comparisons =
        folder.has(RunFolder.PEERS)
            ? folder.readJson(RunFolder.PEERS, new TypeReference<>() {})
            : List.of();

    StringBuilder text = new StringBuilder();
    text.append("# ").append(capital(provenance.kind())).append(" run of ");
    text.append(provenance.date().replace('T', ' ')).append("\n\n");
    if (!provenance.complete()) {
      text.append("**This run is not complete: what follows is what it had measured.**\n\n");
    }
    provenance.notes().forEach(note -> text.append("**Note: ").append(note).append(".**\n\n"));
    if (!run.points().isEmpty()) {
      text.append(opening(run)).append('\n');
      text.append(SerialLaw.section(run, folder.path()));
      text.append(PartsTable.section(run, folder.path()));
      text.append(Parallelism.section(run, folder.path()));
      text.append(OverTimeTable.section(run, folder.path()));
    }
    if (!comparisons.isEmpty()) {
      text.append("## Other libraries\n\n");
      PeerTables.summary(comparisons)
          .lines()
          .forEach(line -> text.append("* ").append(capital(line)).append(".\n"));
      text.append(
          "\n"
              + "Each cell shows the other library's median time of a call and, in bold, that time"
              + " divided by ours with its 95 % interval: above 1 we are faster. \"Of the limit\""
              + " is the least time that the ceilings of the same run allow, divided by ours.\n");
      text.append(PeerTables.tables(comparisons)).append('\n');
    }
    if (folder.has(RunFolder.STEADY)) {
      text.append(
          SteadyTables.section(folder.readJson(RunFolder.STEADY, new TypeReference<>() {})));
    }
    if (!ceilings.isEmpty()) {
      text.append(Roofline.section(folder, ceilings, run.points()));
    }
    text.append(machine(provenance));

    folder.write("report.md", text.toString());
    folder.write("report.html", Page.html(text.toString(), folder.path()));
    Index.write(folder.root());
    return folder.path().resolve("report.html");
  }

  /**
   * Checks, before a run, that its charts can be drawn.
   *
   * @throws IllegalStateException if the machine has no font
   */
  public static void requireFonts() {
    Charts.requireFonts();
  }

  /** The tables of a run of benchmarks, for the console. */
  public static String console(RunFolder folder) {
    return Console.text(measured(folder));
  }

  /** The three sentences that matter. */
  static String opening(Measured run) {
    return SerialLaw.sentence(run) + Parallelism.sentences(run) + "\n";
  }

  /** What a run's files hold. */
  static Measured measured(RunFolder folder) {
    Provenance provenance = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
    List<CeilingRow> ceilings =
        folder.has(RunFolder.ROOFLINE)
            ? folder.readJson(RunFolder.ROOFLINE, new TypeReference<>() {})
            : List.of();
    int cores = Integer.parseInt(provenance.machine().getOrDefault("cores", "1"));
    return new Measured(points(folder), ceilings, cores);
  }

  static List<Point> points(RunFolder folder) {
    return folder.has(RunFolder.JMH)
        ? Point.read(folder.readJson(RunFolder.JMH, new TypeReference<JsonNode>() {}))
        : List.of();
  }

  private static String machine(Provenance p) {
    StringBuilder text = new StringBuilder("## Machine and command\n\n| | |\n|---|---|\n");
    p.machine().forEach((name, value) -> row(text, name, value));
    row(text, "vector width", p.vectorBits() + " bits");
    row(text, "JDK", p.jdk());
    row(text, "flags", "`" + String.join(" ", p.flags()) + "`");
    row(text, "commit", p.commit());
    row(text, "date", p.date());
    row(text, "took", p.duration());
    row(text, "command", "`" + p.command() + "`");
    return text.toString();
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append("| ").append(name).append(" | ").append(value).append(" |\n");
  }

  static void image(StringBuilder text, String name, String description) {
    text.append(Text.format("![%s](charts/%s.png)\n\n", description, name));
  }

  static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
