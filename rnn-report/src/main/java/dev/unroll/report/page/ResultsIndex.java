package dev.unroll.report.page;

import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The one list of all runs below a folder, with a link to each report. */
public final class ResultsIndex {
  private static final int LONGEST = 200;
  private static final String HAPPENED = "What happened. ";

  private ResultsIndex() {}

  /**
   * Writes the list into the folder.
   *
   * @param results a folder of runs, or one that holds such folders at most two levels below
   * @param file the page's name
   * @param links to the pages around it
   * @return the page
   */
  public static Path write(Path results, String file, Map<String, String> links) {
    StringBuilder text = new StringBuilder("# All runs\n");
    try (Stream<Path> folders = Files.walk(results, 2)) {
      folders.filter(Files::isDirectory).sorted().forEach(folder -> section(text, results, folder));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + results, e);
    }
    new RunFolder(results).write(file, HtmlPage.of(text.toString(), links, Map.of()).text());
    return results.resolve(file);
  }

  private static void section(StringBuilder text, Path results, Path folder) {
    List<List<String>> rows = new ArrayList<>();
    for (RunFolder run : RunFolder.allWith(RunReport.MARKDOWN, folder)) {
      String file = run.has(RunReport.PAGE) ? RunReport.PAGE : RunReport.MARKDOWN;
      List<String> lines = lines(run);
      rows.add(
          List.of(
              "[%s](%s)".formatted(run.name(), results.relativize(run.path().resolve(file))),
              finding(lines)));
    }
    if (!rows.isEmpty()) {
      String name = folder.equals(results) ? "Runs" : results.relativize(folder).toString();
      text.append("\n## ").append(name).append("\n\n");
      text.append(Markdown.table(List.of("run", "what it found"), rows));
    }
  }

  /** What happened, or else the report's first sentence. */
  private static String finding(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(HAPPENED))
        .map(line -> line.substring(HAPPENED.length()))
        .findFirst()
        .or(
            () ->
                lines.stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .filter(line -> !line.startsWith("Note: "))
                    .findFirst())
        .orElse("");
  }

  /** A line without the marks of Markdown and where its links lead. */
  private static String plain(String line) {
    return line.replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1").replaceAll("\\*\\*|`|^\\* ", "");
  }

  private static String cut(String line) {
    return line.length() <= LONGEST
        ? line
        : line.substring(0, line.lastIndexOf(' ', LONGEST)) + " ...";
  }

  /** The report's lines; a long one is cut. */
  private static List<String> lines(RunFolder run) {
    Path file = run.path().resolve(RunReport.MARKDOWN);
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .limit(10)
          .map(ResultsIndex::plain)
          .map(ResultsIndex::cut)
          .map(line -> line.replace("|", "\\|"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
