package dev.unroll.bench.report;

import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.ForkTime;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * The benchmarks' parts of the README and of results/bench.md, made from the newest complete runs.
 */
final class Readme {
  private Readme() {}

  /**
   * A part of a page, from the committed runs.
   *
   * @param name {@code peers}, {@code losses}, {@code gate}, {@code bench}, or the folder of a run
   * @param root the folder of runs
   * @return its text; null if it is none of ours or there is no run for it
   */
  static @Nullable String part(String name, Path root) {
    String text =
        switch (name) {
          case "bench" -> costs(root);
          case "peers" -> peers(root);
          case "losses" -> losses(root);
          case "gate" -> gate(root.resolveSibling(Runs.GATE));
          default -> ofRun(root, name);
        };
    return text.isEmpty() ? null : "\n" + text;
  }

  /** How often the gate errs, by its self-tests. */
  private static String gate(Path root) {
    List<List<String>> rows = new ArrayList<>();
    for (RunFolder folder : Runs.all(root).reversed()) {
      if (folder.has(Runs.SELF_TEST)) {
        JsonNode result = folder.read(Runs.SELF_TEST, JsonNode.class);
        String where =
            "%s %s"
                .formatted(
                    Run.of(folder).processor(),
                    result.get("under_load").asBoolean() ? "with one core kept busy" : "quiet");
        String link =
            "%s%s/%s/report.md".formatted(Results.REFERENCE_LINK, Runs.GATE, folder.name());
        result.get("forms").forEach(form -> rows.add(form(form, where, link)));
        result
            .path("by_processor_time")
            .forEach(form -> rows.add(form(form, where + ", by processor time", link)));
      }
    }
    return rows.isEmpty()
        ? ""
        : Markdown.table(
                List.of(
                    "",
                    "gates with a false alarm",
                    "false alarms",
                    "+2 %",
                    "+3 %",
                    "+5 %",
                    "+10 %"),
                rows)
            + "\n";
  }

  private static List<String> form(JsonNode form, String where, String link) {
    List<String> row = new ArrayList<>();
    row.add("[%s gate, %s](%s)".formatted(form.get("name").asString(), where, link));
    row.add(rate(form.get("whole_gates")));
    form.get("levels").forEach(level -> row.add(rate(level.get("regressed"))));
    return row;
  }

  static String rate(JsonNode count) {
    return Numbers.format(
        "%d of %d [%.0f, %.0f] %%",
        count.get("count").asInt(),
        count.get("of").asInt(),
        100 * count.get("low").asDouble(),
        100 * count.get("high").asDouble());
  }

  private static String costs(Path root) {
    StringBuilder text = new StringBuilder();
    newest(root, Runs.JMH, "full")
        .or(() -> newest(root, Runs.JMH, ""))
        .ifPresent(folder -> text.append(costs(folder)));
    newest(root, Runs.STEADY, "").ifPresent(folder -> text.append(steady(folder)));
    return text.toString();
  }

  /**
   * Tables from the newest run that has all of them, and how we stand in the one that compares
   * most.
   */
  private static String peers(Path root) {
    Optional<RunFolder> most = mostPeers(root);
    Optional<RunFolder> tables =
        complete(root, Runs.PEERS)
            .filter(folder -> PeerTables.hasFewerBits(comparisons(folder)))
            .findFirst()
            .or(() -> most);
    return tables.map(folder -> tables(folder, most.orElse(folder))).orElse("");
  }

  /** Where another library is ahead, in the run that compares most. */
  private static String losses(Path root) {
    return mostPeers(root)
        .map(folder -> PeerTables.losses(comparisons(folder)) + "\n" + source(folder) + "\n\n")
        .orElse("");
  }

  private static List<Comparison> comparisons(RunFolder folder) {
    return folder.read(Runs.PEERS, new TypeReference<>() {});
  }

  /** Of the runs beside other libraries, the one that compares most. */
  static Optional<RunFolder> mostPeers(Path root) {
    return complete(root, Runs.PEERS)
        .reduce((newer, older) -> workloads(older) > workloads(newer) ? older : newer);
  }

  /** The tables of one run, of whatever it measured. */
  private static String ofRun(Path root, String name) {
    return Stream.of(Runs.JMH, Runs.PEERS, Runs.STREAMS, Runs.BYTES)
        .flatMap(file -> complete(root, file))
        .filter(folder -> folder.name().equals(name))
        .findFirst()
        .map(folder -> table(folder) + source(folder) + "\n\n")
        .orElse("");
  }

  private static String table(RunFolder folder) {
    if (folder.has(Runs.STREAMS)) {
      return StreamTable.text(folder.read(Runs.STREAMS, new TypeReference<>() {}));
    }
    if (folder.has(Runs.BYTES)) {
      return WeightFormatTable.text(folder.read(Runs.BYTES, new TypeReference<>() {}));
    }
    if (folder.has(Runs.PEERS)) {
      List<Comparison> comparisons = comparisons(folder);
      return PeerTables.losses(comparisons) + PeerTables.tables(comparisons) + "\n";
    }
    Measured measured = Report.measured(folder);
    if (CellTables.in(measured)) {
      return CellTables.summary(measured);
    }
    return measured.of(Measured.BATCH).isEmpty()
        ? OverTimeTable.summary(measured)
        : Parallelism.steps(measured) + "\n";
  }

  /** The newest complete run that has a file, of one kind or of any. */
  static Optional<RunFolder> newest(Path root, String file, String kind) {
    return complete(root, file).filter(folder -> folder.name().endsWith(kind)).findFirst();
  }

  static Stream<RunFolder> complete(Path root, String file) {
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

  private static String tables(RunFolder folder, RunFolder most) {
    StringBuilder text = new StringBuilder(PeerTables.alone(comparisons(folder))).append('\n');
    if (!folder.equals(most)) {
      text.append(source(folder)).append("\n\n");
    }
    PeerTables.summary(comparisons(most))
        .lines()
        .forEach(line -> text.append("* ").append(Report.capital(line)).append(".\n"));
    return text + "\n" + source(most) + "\n\n";
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
