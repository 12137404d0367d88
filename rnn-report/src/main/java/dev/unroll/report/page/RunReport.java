package dev.unroll.report.page;

import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A run's report: {@code report.md}, and the same as a page. */
public final class RunReport {
  static final String MARKDOWN = "report.md";
  static final String PAGE = "report.html";

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
    folder.write(PAGE, HtmlPage.of(markdown));
    folder.write(MARKDOWN, markdown);
    return folder.path().resolve(PAGE);
  }
}
