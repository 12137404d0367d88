package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.HtmlPage;
import dev.unroll.report.page.Resources;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.page.Templates;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All published experiments on one page: what was asked, what was found, and a picture of it. */
public final class ExperimentsPage {
  private static final Pattern CELL =
      Pattern.compile("\\b(?:rnn_tanh|rnn_relu|lstm|gru|min_gru(?:_signed)?|min_lstm)\\b");

  /** What became of what was claimed. */
  private enum Mark {
    INSIDE("as claimed", "✓"),
    OUTSIDE("not as claimed", "✗"),
    CLAIMS("claims judged", "? neither"),
    NOT_JUDGED("not judged", "–");

    private final String verdict;
    private final String sign;

    Mark(String verdict, String sign) {
      this.verdict = verdict;
      this.sign = sign;
    }

    static Mark of(Result.Verdict verdict) {
      return switch (verdict.status()) {
        case "inside" -> INSIDE;
        case "outside" -> OUTSIDE;
        case "claims" -> CLAIMS;
        default -> NOT_JUDGED;
      };
    }
  }

  /**
   * What the page shows of one experiment.
   *
   * @param name of the experiment
   * @param cells that it is about
   * @param picture its first chart; empty where there is none
   * @param meaning what the mark says, for those who ask
   */
  public record Row(
      String name,
      String task,
      Set<String> cells,
      String question,
      String answer,
      String picture,
      String page,
      int seeds,
      String verdict,
      String mark,
      String style,
      String meaning) {}

  private ExperimentsPage() {}

  /**
   * Writes the page.
   *
   * @param results the folder of all results
   * @param runs those that are published, below it
   */
  static void write(Path results, List<Path> runs) {
    Map<String, String> tasks = tasks();
    List<Row> rows =
        runs.stream()
            .map(run -> row(results, run, tasks))
            .sorted((one, other) -> one.name().compareTo(other.name()))
            .toList();
    Map<String, Set<String>> filters = new LinkedHashMap<>();
    filters.put("cell", all(rows, row -> row.cells().stream()));
    filters.put("task", all(rows, row -> Stream.of(row.task())));
    filters.put("verdict", all(rows, row -> Stream.of(row.verdict())));
    String marks =
        Arrays.stream(Mark.values())
            .map(mark -> mark.sign + " " + mark.verdict)
            .collect(Collectors.joining(", "));
    String body =
        Templates.fill(
            ExperimentsPage.class,
            "experiments.ftlh",
            Map.of("experiments", rows, "filters", filters, "marks", marks));
    new RunFolder(results)
        .write(
            FrontPage.EXPERIMENTS,
            new HtmlPage(
                    "Experiments",
                    FrontPage.links(),
                    body,
                    List.of(Resources.text(ExperimentsPage.class, "filter.js")))
                .text());
  }

  private static Set<String> all(List<Row> rows, Function<Row, Stream<String>> values) {
    return new TreeSet<>(rows.stream().flatMap(values).toList());
  }

  /** The task of each experiment, by its name. */
  public static Map<String, String> tasks() {
    Map<String, String> tasks = new TreeMap<>();
    Resources.properties(ExperimentsPage.class, "tasks.properties")
        .forEach(
            (task, names) -> {
              for (String name : names.toString().split(" ", -1)) {
                tasks.put(name, task.toString());
              }
            });
    return tasks;
  }

  private static Row row(Path results, Path run, Map<String, String> tasks) {
    Result result = ResultStore.read(run);
    Mark mark = Mark.of(result.verdict());
    String folder = results.relativize(run).toString().replace('\\', '/') + "/";
    return new Row(
        result.experiment(),
        tasks.getOrDefault(result.experiment(), "other"),
        cells(result),
        result.story().question(),
        Answer.of(result),
        result.charts().isEmpty() ? "" : folder + result.charts().getFirst().file() + ".png",
        folder + RunReport.PAGE,
        result.seeds().size(),
        mark.verdict,
        mark == Mark.CLAIMS ? counted(result) : mark.sign,
        mark.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        mark.verdict + ": " + result.verdict().sentence());
  }

  /** How many claims were seen to hold, not to hold, and neither. */
  private static String counted(Result result) {
    long yes = result.claims().stream().filter(one -> one.is(Result.Claim.REPRODUCED)).count();
    long no = result.claims().stream().filter(one -> one.is(Result.Claim.CONTRADICTED)).count();
    return "%d ✓ %d ✗ %d ?".formatted(yes, no, result.claims().size() - yes - no);
  }

  private static Set<String> cells(Result result) {
    String all =
        result.config()
            + " "
            + result.figures().stream()
                .map(f -> f.where().toString())
                .collect(Collectors.joining());
    List<String> cells = new ArrayList<>();
    CELL.matcher(all).results().forEach(cell -> cells.add(CellNames.label(cell.group())));
    return new TreeSet<>(cells);
  }
}
