package dev.unroll.bench.report;

import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.ForkTime;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** The benchmarks' part of the README, made from the newest complete runs. */
final class Readme {
  private Readme() {}

  /**
   * Replaces the parts between their comments; without a run a part stays as it is.
   *
   * @param root the folder of runs
   */
  static String fill(String readme, Path root) {
    return replace(replace(readme, "gate", gate(root.resolveSibling("gate"))), "bench", all(root));
  }

  private static String replace(String readme, String part, String text) {
    if (text.isEmpty()) {
      return readme;
    }
    Pattern pattern =
        Pattern.compile(
            "(<!-- begin generated: " + part + " -->\n).*?(<!-- end generated -->)",
            Pattern.DOTALL);
    return pattern
        .matcher(readme)
        .replaceFirst(m -> Matcher.quoteReplacement(m.group(1) + "\n" + text + m.group(2)));
  }

  /** How often the gate errs, by its self-tests. */
  private static String gate(Path root) {
    return RunFolder.all(root).reversed().stream()
        .filter(folder -> folder.has(RunFolder.SELF_TEST))
        .map(Readme::selfTest)
        .collect(Collectors.joining());
  }

  private static String selfTest(RunFolder folder) {
    JsonNode result = folder.readJson(RunFolder.SELF_TEST, new TypeReference<>() {});
    return Text.format(
        "%s, %d pairs ([report](results/gate/%s/report.md)): %s%n%n",
        result.get("underLoad").asBoolean()
            ? "The same while another process keeps one core busy"
            : "Its own test, one build with slowdowns planted",
        result.get("pairs").asInt(),
        folder.name(),
        result.get("sentence").asString());
  }

  private static String all(Path root) {
    StringBuilder text = new StringBuilder();
    newest(root, RunFolder.JMH, "full")
        .or(() -> newest(root, RunFolder.JMH, ""))
        .ifPresent(folder -> text.append(costs(folder)));
    newest(root, RunFolder.PEERS, "").ifPresent(folder -> text.append(peers(folder)));
    newest(root, RunFolder.STEADY, "").ifPresent(folder -> text.append(steady(folder)));
    return text.toString();
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

  private static String steady(RunFolder folder) {
    List<ForkTime> times = folder.readJson(RunFolder.STEADY, new TypeReference<>() {});
    return "### From process to process\n\n"
        + SteadyTables.summary(times)
        + "\n\n"
        + source(folder)
        + "\n\n";
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
