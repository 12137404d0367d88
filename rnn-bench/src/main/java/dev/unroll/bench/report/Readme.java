package dev.unroll.bench.report;

import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.type.TypeReference;

/** The part of the README that shows one run. */
final class Readme {
  private static final String BEGIN = "<!-- begin generated: bench -->\n";
  private static final String END = "<!-- end generated -->";

  private Readme() {}

  /**
   * Fills the part {@code bench} of a file from a run's files; the rest stays as it is.
   *
   * @throws IllegalArgumentException if the file has no such part
   */
  static void fill(Path readme, RunFolder folder) {
    try {
      String text = Files.readString(readme);
      int begin = text.indexOf(BEGIN);
      int end = begin < 0 ? -1 : text.indexOf(END, begin);
      if (end < 0) {
        throw new IllegalArgumentException(
            "%s has no part '%s' ... '%s': put these two lines where the tables belong"
                .formatted(readme, BEGIN.strip(), END));
      }
      RunFolder.write(
          readme,
          text.substring(0, begin + BEGIN.length()) + excerpt(folder) + text.substring(end));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + readme, e);
    }
  }

  private static String excerpt(RunFolder folder) {
    Provenance p = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
    List<Point> points = Report.points(folder);
    String link = "results/bench/" + folder.name() + "/";
    StringBuilder text = new StringBuilder("\n");
    text.append(RunTables.opening(points)).append('\n');
    text.append(RunTables.steps(points)).append('\n');
    RunTables.image(text, link, "time-against-length-forward", "Time of a call against T, forward");
    if (folder.has(RunFolder.PEERS)) {
      List<Comparison> comparisons = folder.readJson(RunFolder.PEERS, new TypeReference<>() {});
      PeerTables.summary(comparisons)
          .lines()
          .forEach(line -> text.append("* ").append(Report.capital(line)).append(".\n"));
      text.append('\n');
    }
    text.append(
        Text.format(
            "Measured on %s with %s cores, vectors of %d bits, JDK %s, %s, commit %s; `%s`; [all"
                + " figures](%sreport.md).\n\n",
            p.machine().getOrDefault("processor", "an unknown processor"),
            p.machine().getOrDefault("cores", "?"),
            p.vectorBits(),
            p.jdk(),
            p.date().substring(0, 10),
            p.commit(),
            p.command(),
            link));
    return text.toString();
  }
}
