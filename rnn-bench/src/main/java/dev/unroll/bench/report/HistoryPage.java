package dev.unroll.bench.report;

import dev.unroll.bench.report.Times.Source;
import dev.unroll.bench.report.Times.Time;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.ChartData;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.SeriesData;
import dev.unroll.report.number.ChangePoints;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.HtmlPage;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.JsonNode;

/**
 * What changed along the commits: the gate's verdicts, and the times of all runs in their order.
 */
final class HistoryPage {
  private static final String FOLDER = "history";
  private static final int MOST_LINES = 6;
  private static final double NORMAL_95 = 1.96;

  private final Path results;
  private final StringBuilder text = new StringBuilder("# What changed\n");
  private final Map<String, ChartData> charts = new LinkedHashMap<>();

  private HistoryPage(Path results) {
    this.results = results;
  }

  /**
   * Writes the page.
   *
   * @param results the folder of all results
   * @param times of the runs of benchmarks
   * @param gates folders of the gate's runs
   */
  static void write(Path results, Times times, List<Path> gates) throws IOException {
    HistoryPage page = new HistoryPage(results);
    for (Path root : gates) {
      for (RunFolder folder : RunFolder.allWith("history.json", root)) {
        page.commits(folder);
      }
    }
    page.verdicts(gates.stream().flatMap(root -> Runs.all(root).stream()).toList());
    page.runs(times);
    new RunFolder(results)
        .write(
            FrontPage.HISTORY,
            HtmlPage.of(page.text.toString(), FrontPage.links(), page.charts).text());
  }

  /**
   * Shows a chart.
   *
   * @param places what stands at 1, 2 and so on of its axis across
   */
  private void show(Chart chart, List<String> places) throws IOException {
    Charts.write(results.resolve(FOLDER), chart);
    List<String> names = Stream.concat(Stream.of(""), places.stream()).toList();
    charts.put(chart.file(), SeriesData.of((XYChart) chart.drawing()).named(names));
    text.append("\n![%s](%s/%s.png)\n".formatted(chart.caption(), FOLDER, chart.file()));
  }

  private String link(String words, Path folder) {
    return "[%s](%s/%s)"
        .formatted(words, results.relativize(folder).toString().replace('\\', '/'), RunReport.PAGE);
  }

  /** A value of a benchmark after each commit: the product of the ratios so far. */
  private record Levels(double[] level, double[] low, double[] high) {}

  /** The gate's verdicts on each commit against its parent. */
  private void commits(RunFolder folder) throws IOException {
    List<JsonNode> entries =
        folder
            .read("history.json", JsonNode.class)
            .path("entries")
            .valueStream()
            .toList()
            .reversed();
    if (entries.isEmpty()) {
      return;
    }
    text.append("\n## Commit by commit\n\n");
    text.append(
        "The gate compared each of %d commits that touch the kernels with its parent (%s; %s). The charts multiply the ratios from the first on; the strokes are 95 %% intervals, if the comparisons err independently.\n"
            .formatted(
                entries.size(), link("its report", folder.path()), Run.of(folder).machine()));
    Map<String, Levels> paths = new LinkedHashMap<>();
    for (JsonNode decision : entries.getFirst().path("decisions")) {
      String name = decision.path("name").asString();
      List<JsonNode> own =
          entries.stream()
              .flatMap(entry -> entry.path("decisions").valueStream())
              .filter(one -> one.path("name").asString().equals(name))
              .filter(one -> one.path("pairs").asInt() > 0)
              .filter(one -> one.path("low").asDouble() > 0)
              .filter(one -> Double.isFinite(one.path("high").asDouble()))
              .toList();
      if (own.size() == entries.size()) {
        paths.put(name, path(own));
      }
    }
    Map<String, List<String>> groups =
        paths.keySet().stream()
            .collect(
                Collectors.groupingBy(
                    name -> name.replaceFirst("-.*", ""), LinkedHashMap::new, Collectors.toList()));
    List<String> places =
        entries.stream()
            .map(entry -> place(committed(entry), entry.path("commit").asString()))
            .toList();
    double[] x = IntStream.rangeClosed(1, entries.size()).asDoubleStream().toArray();
    for (Map.Entry<String, List<String>> group : groups.entrySet()) {
      XYChart chart =
          Charts.xyOfMany(
              "Time against the first commit's parent: " + group.getKey(),
              "commits, in the table's order",
              "time / time before");
      List<String> names = group.getValue().stream().limit(MOST_LINES).toList();
      for (int i = 0; i < names.size(); i++) {
        Levels path = paths.get(names.get(i));
        if (path != null) {
          Charts.points(chart, names.get(i), Ink.of(i), x, path.level);
          Charts.intervals(chart, names.get(i), Ink.of(i), x, path.low, path.high);
        }
      }
      show(
          new Chart(
              "commits-" + group.getKey(),
              "Time of the %s benchmarks after each commit, relative to before the first: %s"
                  .formatted(group.getKey(), ends(names, paths)),
              chart),
          places);
    }
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      JsonNode entry = entries.get(i);
      rows.add(
          List.of(
              Integer.toString(i + 1),
              "`" + entry.path("commit").asString() + "`",
              committed(entry),
              Markdown.escape(entry.path("subject").asString()),
              Markdown.escape(entry.path("sentence").asString())));
    }
    text.append('\n')
        .append(
            Markdown.table(
                List.of("", "commit", "committed", "what it says", "what the gate says"), rows));
  }

  private static String committed(JsonNode entry) {
    return Provenance.words(entry.path("date").asString(""));
  }

  /** A commit as an axis names it. */
  private static String place(String committed, String commit) {
    return committed.isEmpty() ? commit : committed.replace(" UTC", "") + ", " + commit;
  }

  private static String ends(List<String> names, Map<String, Levels> paths) {
    return names.stream()
        .map(
            name -> {
              Levels path = paths.get(name);
              return path == null
                  ? name
                  : Numbers.format("%s %.2f", name, path.level[path.level.length - 1]);
            })
        .collect(Collectors.joining(", "));
  }

  private static Levels path(List<JsonNode> decisions) {
    int n = decisions.size();
    Levels path = new Levels(new double[n], new double[n], new double[n]);
    double log = 0;
    double variance = 0;
    for (int i = 0; i < n; i++) {
      JsonNode one = decisions.get(i);
      log += Math.log(one.path("ratio").asDouble());
      double error =
          Math.log(one.path("high").asDouble() / one.path("low").asDouble()) / (2 * NORMAL_95);
      variance += error * error;
      path.level[i] = Math.exp(log);
      path.low[i] = Math.exp(log - NORMAL_95 * Math.sqrt(variance));
      path.high[i] = Math.exp(log + NORMAL_95 * Math.sqrt(variance));
    }
    return path;
  }

  /** All other runs of the gate. */
  private void verdicts(List<RunFolder> folders) {
    List<List<String>> rows = new ArrayList<>();
    for (RunFolder folder : folders) {
      if (folder.has("gate.json")) {
        JsonNode gate = folder.read("gate.json", JsonNode.class);
        rows.add(
            List.of(
                link(folder.name(), folder.path()),
                Markdown.escape(
                    gate.path("candidate").asString() + " against " + gate.path("base").asString()),
                Run.of(folder).provenance().committed(),
                Markdown.escape(gate.path("sentence").asString()),
                Run.of(folder).machine()));
      }
    }
    if (!rows.isEmpty()) {
      text.append("\n## Gates\n\n")
          .append(Markdown.table(List.of("gate", "what", "committed", "verdict", "machine"), rows));
    }
  }

  /** A workload on one machine, by its runs in their order. */
  private record Series(String name, List<Time> times) {}

  /** The times of whole runs. */
  private void runs(Times all) throws IOException {
    if (all.runs().isEmpty()) {
      return;
    }
    List<Source> order = all.runs().stream().sorted(Comparator.comparing(Source::name)).toList();
    text.append("\n## Run by run\n\n");
    text.append(
        "The workloads that were measured most often. Lines join runs on like machines only; other"
            + " machines, other times.\n");
    List<String> machines = order.stream().map(Source::machine).distinct().toList();
    List<Series> series = series(all, order, machines);
    if (!series.isEmpty()) {
      show(
          runsChart(all, order, series),
          order.stream().map(run -> place(run.committed(), run.commit())).toList());
    }
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      Source run = order.get(i);
      rows.add(
          List.of(
              Integer.toString(i + 1),
              "[%s](%s)".formatted(run.name(), run.page()),
              "`" + run.commit() + "`",
              run.committed(),
              "%d: %s".formatted(1 + machines.indexOf(run.machine()), run.machine())));
    }
    text.append('\n')
        .append(Markdown.table(List.of("", "run", "commit", "committed", "machine"), rows));
    text.append("\n### New levels\n\n");
    List<String> changes = new ArrayList<>();
    int tried = 0;
    for (Series one : series) {
      double[] logs = one.times().stream().mapToDouble(time -> Math.log(time.micros())).toArray();
      tried += logs.length >= ChangePoints.LEAST_POINTS ? 1 : 0;
      for (int at : ChangePoints.of(logs)) {
        changes.add(
            Numbers.format(
                "%s: a new level from %s on",
                one.name(), all.runs().get(one.times().get(at).run()).name()));
      }
    }
    text.append(
        changes.isEmpty()
            ? "None: of %d workloads %d have the %d runs on one machine that change points (E-divisive, p < .01) need.\n"
                .formatted(series.size(), tried, ChangePoints.LEAST_POINTS)
            : changes.stream().map(line -> "* " + line + "\n").collect(Collectors.joining()));
  }

  private static Chart runsChart(Times all, List<Source> order, List<Series> series) {
    XYChart chart =
        Charts.xyOfMany("Time of a call in each run", "runs, in the table's order", "µs a call");
    for (int i = 0; i < Math.min(MOST_LINES, series.size()); i++) {
      Series one = series.get(i);
      Charts.points(
          chart,
          one.name(),
          Ink.of(i),
          one.times().stream()
              .mapToDouble(time -> 1 + order.indexOf(all.runs().get(time.run())))
              .toArray(),
          one.times().stream().mapToDouble(Time::micros).toArray());
    }
    Charts.logY(chart);
    return new Chart("runs", "Time of a call in each run, by workload and machine", chart);
  }

  private static List<Series> series(Times all, List<Source> order, List<String> machines) {
    Map<String, Series> series = new LinkedHashMap<>();
    all.times().stream()
        .filter(time -> time.micros() > 0 && Double.isFinite(time.micros()))
        .sorted(Comparator.comparingInt(time -> order.indexOf(all.runs().get(time.run()))))
        .forEach(
            time -> {
              String machine = all.runs().get(time.run()).machine();
              String name =
                  Numbers.format(
                      "%s %s B=%d T=%d I=%d H=%d, %d thread%s",
                      time.cell(),
                      time.mode(),
                      time.batch(),
                      time.steps(),
                      time.input(),
                      time.hidden(),
                      time.threads(),
                      time.threads() == 1 ? "" : "s");
              series
                  .computeIfAbsent(
                      name + machine,
                      key ->
                          new Series(
                              "%s (machine %d)".formatted(name, 1 + machines.indexOf(machine)),
                              new ArrayList<>()))
                  .times()
                  .add(time);
            });
    return series.values().stream()
        .filter(one -> one.times().size() > 1)
        .sorted(Comparator.comparingInt((Series one) -> -one.times().size()))
        .toList();
  }
}
