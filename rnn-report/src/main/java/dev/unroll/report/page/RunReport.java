package dev.unroll.report.page;

import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.ChartData;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/** A run's report: {@code report.md}, and the same as a page. */
public final class RunReport {
  /** The report as Markdown. */
  public static final String MARKDOWN = "report.md";

  /** The report as a page. */
  public static final String PAGE = "report.html";

  private static final String CHARTS = "charts.json";

  private RunReport() {}

  /** Whether the run has its whole report. */
  public static boolean isIn(RunFolder folder) {
    return folder.has(MARKDOWN);
  }

  /** Throws the report away, before what it tells of changes. */
  public static void discard(RunFolder folder) throws IOException {
    Files.deleteIfExists(folder.path().resolve(MARKDOWN));
  }

  /**
   * Writes both, report.md last.
   *
   * @return the page
   */
  public static Path write(RunFolder folder, String markdown) {
    Path page = page(folder, markdown);
    folder.write(MARKDOWN, markdown);
    return page;
  }

  /** Writes the page of a report that is there. */
  public static Path page(RunFolder folder) {
    try {
      return page(folder, Files.readString(folder.path().resolve(MARKDOWN)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the report of " + folder.path(), e);
    }
  }

  private static Path page(RunFolder folder, String markdown) {
    Map<String, ChartData> charts =
        folder.has(CHARTS) ? folder.read(CHARTS, new TypeReference<>() {}) : Map.of();
    folder.write(PAGE, HtmlPage.ofReport(markdown, links(folder.path()), charts).text());
    return folder.path().resolve(PAGE);
  }

  /** Keeps what the page draws again of some charts, by name, beside their pictures. */
  public static void keep(RunFolder folder, List<Chart> charts) {
    Map<String, ChartData> data = new LinkedHashMap<>();
    charts.forEach(chart -> ChartData.of(chart).ifPresent(known -> data.put(chart.file(), known)));
    if (!data.isEmpty()) {
      folder.write(CHARTS, Json.COMPACT.writeValueAsString(data) + "\n");
    }
  }

  /** From a run among the results to the pages around it, where they are. */
  private static Map<String, String> links(Path run) {
    Path all = Results.ALL.toAbsolutePath().normalize();
    Path own = run.toAbsolutePath().normalize();
    Map<String, String> links = new LinkedHashMap<>();
    if (own.startsWith(all) && Files.exists(all.resolve(FrontPage.FILE))) {
      FrontPage.links()
          .forEach(
              (name, page) ->
                  links.put(name, own.relativize(all.resolve(page)).toString().replace('\\', '/')));
    }
    return links;
  }
}
