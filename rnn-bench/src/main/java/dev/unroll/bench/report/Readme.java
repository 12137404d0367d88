package dev.unroll.bench.report;

import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.type.TypeReference;

/** The benchmarks' part of the README, made from the newest complete runs. */
final class Readme {
  private static final Pattern PART =
      Pattern.compile(
          "(<!-- begin generated: bench -->\n).*?(<!-- end generated -->)", Pattern.DOTALL);

  private Readme() {}

  /**
   * Replaces the part between its two comments; without a run it stays as it is.
   *
   * @param root the folder of runs
   */
  static String fill(String readme, Path root) {
    StringBuilder text = new StringBuilder("\n");
    newest(root, RunFolder.JMH, "full")
        .or(() -> newest(root, RunFolder.JMH, ""))
        .ifPresent(folder -> text.append(costs(folder)));
    newest(root, RunFolder.PEERS, "").ifPresent(folder -> text.append(peers(folder)));
    if (text.length() == 1) {
      return readme;
    }
    return PART.matcher(readme)
        .replaceFirst(m -> Matcher.quoteReplacement(m.group(1) + text + m.group(2)));
  }

  /** The newest complete run that has a file, of one kind or of any. */
  private static Optional<RunFolder> newest(Path root, String file, String kind) {
    return RunFolder.all(root).stream()
        .filter(folder -> folder.has(file) && folder.name().endsWith(kind))
        .filter(folder -> provenance(folder).complete())
        .findFirst();
  }

  private static Provenance provenance(RunFolder folder) {
    return folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
  }

  private static String costs(RunFolder folder) {
    Measured run = Report.measured(folder);
    String link = "results/bench/" + folder.name() + "/";
    return Report.opening(run)
        + "\n"
        + SerialLaw.table(run, line -> line.hidden() == SerialLaw.HIDDEN)
        + "\n"
        + SerialLaw.ratios(run)
        + Parallelism.steps(run)
        + "\n![Time of a call against T, forward]("
        + link
        + "charts/time-against-length-forward.png)\n\n"
        + "![Time of a sequence against B, forward]("
        + link
        + "charts/time-against-batch-forward.png)\n\n"
        + OverTimeTable.sentence(run)
        + source(folder)
        + "\n\n";
  }

  private static String peers(RunFolder folder) {
    List<Comparison> comparisons = folder.readJson(RunFolder.PEERS, new TypeReference<>() {});
    StringBuilder text = new StringBuilder("### Beside other libraries\n\n");
    PeerTables.summary(comparisons)
        .lines()
        .forEach(line -> text.append("* ").append(Report.capital(line)).append(".\n"));
    return text + "\n" + source(folder) + "\n\n";
  }

  private static String source(RunFolder folder) {
    Provenance p = provenance(folder);
    return Text.format(
        "%s, %s cores, JDK %s, %d bits, commit %s; `%s`; [all"
            + " figures](results/bench/%s/report.md).%s",
        p.machine().getOrDefault("processor", "unknown"),
        p.machine().getOrDefault("cores", "?"),
        p.jdk(),
        p.vectorBits(),
        p.commit(),
        p.command(),
        folder.name(),
        p.notes().isEmpty() ? "" : " Note: " + String.join("; ", p.notes()) + ".");
  }
}
