package dev.unroll.report.page;

import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;

/** A run's report: {@code report.md}, and the same as a page. */
public final class RunReport {
  static final String MARKDOWN = "report.md";
  static final String PAGE = "report.html";

  private RunReport() {}

  /**
   * Writes both.
   *
   * @return the page
   */
  public static Path write(RunFolder folder, String markdown) {
    folder.write(MARKDOWN, markdown);
    folder.write(PAGE, HtmlPage.of(markdown));
    return folder.path().resolve(PAGE);
  }
}
