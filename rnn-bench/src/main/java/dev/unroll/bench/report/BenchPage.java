package dev.unroll.bench.report;

import dev.unroll.bench.result.Runs;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.HtmlPage;
import dev.unroll.report.page.Resources;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.page.Templates;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a step costs at the reader's own size: every time that was measured, to choose from. */
final class BenchPage {
  private static final String LINK = "results/";

  private BenchPage() {}

  /**
   * Writes the page.
   *
   * @param results the folder of all results
   * @param all what was measured
   */
  static void write(Path results, Times all) {
    Path reference = Results.reference(Runs.BENCH);
    Map<String, String> tables = new LinkedHashMap<>();
    for (String[] part :
        new String[][] {
          {"Beside other libraries", "peers"},
          {"Serial time, batches and threads", "bench"},
          {"How often the gate errs", "gate"}
        }) {
      String text = Readme.part(part[1], reference);
      if (text != null) {
        tables.put(part[0], html(text));
      }
    }
    String body =
        Templates.fill(
            BenchPage.class,
            "bench.ftlh",
            Map.of(
                "sources", all.runs(),
                "tables", tables,
                "data", HtmlPage.json(all)));
    new RunFolder(results)
        .write(
            FrontPage.SPEED,
            new HtmlPage(
                    "What a step costs",
                    FrontPage.links(),
                    body,
                    List.of(Resources.text(BenchPage.class, "bench.js")))
                .text());
  }

  /** A generated part of the README as it stands below the results' folder. */
  private static String html(String markdown) {
    return HtmlPage.html(
        markdown
            .replace("](" + LINK, "](")
            .replace(RunReport.MARKDOWN + ")", RunReport.PAGE + ")")
            .replaceAll("(?m)^###", "##"));
  }
}
