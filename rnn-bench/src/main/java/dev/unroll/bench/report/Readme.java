package dev.unroll.bench.report;

import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.ForkTime;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.GeneratedParts;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** The benchmarks' part of the README, made from the newest complete runs. */
final class Readme {
  private Readme() {}

  /**
   * Fills the parts {@code bench} and {@code gate}; without a run a part stays as it is.
   *
   * @param root the folder of runs
   */
  static String fill(String readme, Path root) {
    return GeneratedParts.fill(
        readme,
        name -> {
          String text =
              switch (name) {
                case "bench" -> all(root);
                case "gate" -> gate(root.resolveSibling(Runs.GATE));
                default -> "";
              };
          return text.isEmpty() ? null : "\n" + text;
        });
  }

  /** How often the gate errs, by its self-tests. */
  private static String gate(Path root) {
    return Runs.all(root).reversed().stream()
        .filter(folder -> folder.has(Runs.SELF_TEST))
        .map(Readme::selfTest)
        .collect(Collectors.joining());
  }

  private static String selfTest(RunFolder folder) {
    JsonNode result = folder.read(Runs.SELF_TEST, JsonNode.class);
    return Numbers.format(
        "%s, %d pairs ([report](%s%s/%s/report.md)): %s%n%n",
        result.get("under_load").asBoolean()
            ? "The same while another process keeps one core busy"
            : "Its own test, one build with slowdowns planted",
        result.get("pairs").asInt(),
        Results.REFERENCE_LINK,
        Runs.GATE,
        folder.name(),
        result.get("sentence").asString());
  }

  private static String all(Path root) {
    StringBuilder text = new StringBuilder();
    newest(root, Runs.JMH, "full")
        .or(() -> newest(root, Runs.JMH, ""))
        .ifPresent(folder -> text.append(costs(folder)));
    complete(root, Runs.PEERS)
        .reduce((newer, older) -> workloads(older) > workloads(newer) ? older : newer)
        .ifPresent(folder -> text.append(peers(folder)));
    newest(root, Runs.STEADY, "").ifPresent(folder -> text.append(steady(folder)));
    return text.toString();
  }

  /** The newest complete run that has a file, of one kind or of any. */
  private static Optional<RunFolder> newest(Path root, String file, String kind) {
    return complete(root, file).filter(folder -> folder.name().endsWith(kind)).findFirst();
  }

  private static Stream<RunFolder> complete(Path root, String file) {
    return Runs.all(root).stream()
        .filter(folder -> folder.has(file))
        .filter(folder -> Run.of(folder).complete());
  }

  /** How much a run compares: one of a few shapes does not stand for all of them. */
  private static int workloads(RunFolder folder) {
    return folder.read(Runs.PEERS, JsonNode.class).size();
  }

  private static String costs(RunFolder folder) {
    Measured run = Report.measured(folder);
    String link = link(folder);
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
    List<Comparison> comparisons = folder.read(Runs.PEERS, new TypeReference<>() {});
    StringBuilder text = new StringBuilder("### Beside other libraries\n\n");
    PeerTables.summary(comparisons)
        .lines()
        .forEach(line -> text.append("* ").append(Report.capital(line)).append(".\n"));
    return text + "\n" + source(folder) + "\n\n";
  }

  private static String steady(RunFolder folder) {
    List<ForkTime> times = folder.read(Runs.STEADY, new TypeReference<>() {});
    return "### From process to process\n\n"
        + SteadyTables.summary(times)
        + "\n\n"
        + source(folder)
        + "\n\n";
  }

  private static String link(RunFolder folder) {
    return Results.REFERENCE_LINK + Runs.BENCH + "/" + folder.name() + "/";
  }

  private static String source(RunFolder folder) {
    Run run = Run.of(folder);
    return Numbers.format(
        "%s, commit %s; `%s`; [all figures](%sreport.md).%s",
        run.machine(),
        run.provenance().version(),
        run.command(),
        link(folder),
        run.notes().isEmpty() ? "" : " Note: " + String.join("; ", run.notes()) + ".");
  }
}
