package dev.unroll.experiments.report;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.ChartData;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Scatter;
import dev.unroll.report.number.Interval;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.FrontPage.Finding;
import dev.unroll.report.page.HtmlPage;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The map of recurrences: what each cell can do against the time that a step of one sequence takes.
 * Made from the committed runs alone; a cell or a task without a run says so.
 */
public final class MapPage {
  private static final String FILE = "map";
  private static final String COSTS = "cells.json";
  private static final String NOT_RUN = "not run";

  /** The layer whose step is the time of the map: I = H, on one thread. */
  private static final int HIDDEN = 128;

  /** How near to the best a cell must come to be named for a task. */
  private static final double NEAR = .9;

  private static final String LANGUAGE = "language";
  private static final String EXPLORATORY = "exploratory";

  /**
   * Something that a cell may be able to do.
   *
   * @param kind tracked, recalled, remembered or language
   * @param what in a few words
   * @param experiment the one that asks
   * @param figure its name there
   * @param where what its place must hold besides the variant
   * @param most the setting with the lengths of which the largest is the cap; empty for a fraction
   *     or a loss
   */
  private record Ability(
      String kind,
      String what,
      String experiment,
      String figure,
      Map<String, String> where,
      String most) {
    boolean inSteps() {
      return !most.isEmpty();
    }

    boolean isLoss() {
      return kind.equals(LANGUAGE);
    }

    String unit() {
      if (isLoss()) {
        return "nats";
      }
      return inSteps() ? "steps" : "fraction";
    }

    /** The best first. */
    Comparator<Figure> order() {
      Comparator<Figure> rising = Comparator.comparingDouble(Figure::mean);
      return isLoss() ? rising : rising.reversed();
    }
  }

  private static final List<Ability> ABILITIES =
      List.of(
          tracked("Z2"),
          tracked("S3"),
          tracked("A5"),
          tracked("S5"),
          new Ability("tracked", "parity, longest", "parity", "accuracy", Map.of(), ""),
          language("a circle of five, longest", "cycle-navigation"),
          language("bracket depth, longest", "bracket-depth"),
          recalled("keys and values", "mqar"),
          recalled("data out of noise", "selective-copy"),
          new Ability("recalled", "copied, longest", "copy-memory", "recalled", Map.of(), ""),
          remembered("the first symbol", "copy-first"),
          remembered("ten symbols", "copy-memory"),
          new Ability("remembered", "horizon", "horizon", "horizon", Map.of(), "lengths"),
          text("equal parameters", "held_out_loss"),
          text("equal time", "held_out_loss_at_equal_time"));

  private static Ability tracked(String group) {
    return new Ability(
        "tracked",
        "product in " + group,
        "word-problems",
        "kept_to",
        Map.of("group", group.toLowerCase(Locale.ROOT)),
        "test_lengths");
  }

  private static Ability recalled(String what, String task) {
    return new Ability("recalled", what, "recall", "recalled_to", Map.of("task", task), "lengths");
  }

  private static Ability remembered(String what, String task) {
    return new Ability(
        "remembered", what, "memory", "remembered_to", Map.of("task", task), "lengths");
  }

  private static Ability language(String what, String language) {
    return new Ability(
        "tracked", what, "formal-languages", "farthest_accuracy", Map.of("language", language), "");
  }

  private static Ability text(String what, String figure) {
    return new Ability(LANGUAGE, what, LANGUAGE, figure, Map.of(), "");
  }

  /**
   * A cell's figure, the setting that it was best in, and its run; capped at the longest asked;
   * exploratory where none of the run's claims was written before its trials.
   */
  private record Value(
      Figure figure, String variant, String link, boolean capped, boolean exploratory) {}

  /** A row of the costs of a run. */
  private record Cost(double micros, Interval interval, double waits) {}

  private final Path results;
  private final List<Path> runs;
  private final Optional<RunFolder> costsRun;
  private final Map<String, Cost> costs = new LinkedHashMap<>();
  private final Map<Ability, Map<String, Value>> values = new LinkedHashMap<>();

  private MapPage(Path results, Path experiments, Path bench) throws IOException {
    this.results = results;
    runs = Report.published(experiments);
    costsRun =
        RunFolder.allWith(COSTS, bench).reversed().stream()
            .filter(folder -> folder.read("run.json", JsonNode.class).path("complete").asBoolean())
            .findFirst();
    costsRun.ifPresent(folder -> rows(folder).forEach(this::addCost));
    for (Ability ability : ABILITIES) {
      Map<String, Value> own = new LinkedHashMap<>();
      for (Cell cell : Cells.all()) {
        best(ability, cell.name()).ifPresent(value -> own.put(cell.name(), value));
      }
      values.put(ability, own);
    }
  }

  /**
   * Writes results/map.html, map.md and the figure.
   *
   * @param results the folder of all results
   * @param experiments that of the committed runs of experiments, below it
   * @param bench that of the committed runs of benchmarks, below it
   * @return the page
   */
  public static Path write(Path results, Path experiments, Path bench) throws IOException {
    return new MapPage(results, experiments, bench).write();
  }

  /** The finding for the front page; nothing where no cell has both a time and an ability. */
  static Optional<Finding> finding(Path results, Path experiments, Path bench) throws IOException {
    MapPage map = new MapPage(results, experiments, bench);
    String answers =
        map.answers()
            .lines()
            .filter(line -> line.contains("S5") || line.contains("horizon"))
            .map(line -> line.replace("**", "").replaceFirst("^\\* ", ""))
            .collect(Collectors.joining(" "));
    return answers.isEmpty() || !new RunFolder(results).has(FILE + ".png")
        ? Optional.empty()
        : Optional.of(
            new Finding(
                "Which recurrence for which task",
                answers,
                FILE + ".png",
                FrontPage.MAP,
                "",
                "./unroll map"));
  }

  private Path write() throws IOException {
    RunFolder folder = new RunFolder(results).make();
    StringBuilder text = new StringBuilder("# Which recurrence for my task on my cores\n\n");
    text.append(
        Numbers.format(
            "What a cell can do, against the time that a step of one sequence takes: a layer of %d"
                + " units and as many inputs, one thread. Steps of one sequence wait for each"
                + " other, so more cores do not shorten this time; they take other sequences, or"
                + " other units where a cell's units do not wait for each other. Every number is"
                + " of a run, to which it leads; what was not run says so. In brackets: 95 %%"
                + " intervals.\n\n",
            HIDDEN));
    text.append(answers()).append('\n');
    Map<String, ChartData> drawn = new LinkedHashMap<>();
    Optional<Chart> chart = chart();
    if (chart.isPresent()) {
      Charts.write(results, chart.get());
      ChartData.of(chart.get()).ifPresent(data -> drawn.put(FILE, data));
      text.append("![%s](%s.png)\n\n".formatted(chart.get().caption(), FILE));
    } else {
      text.append(
          "There is no figure yet: no cell has both a time and something that it keeps for a number"
              + " of steps.\n\n");
    }
    text.append(table()).append('\n').append(notes());
    folder.write(FrontPage.MAP, HtmlPage.of(text.toString(), FrontPage.links(), drawn).text());
    // On GitHub only the text of a report is shown.
    folder.write(
        FILE + ".md", text.toString().replace(RunReport.PAGE + ")", RunReport.MARKDOWN + ")"));
    return results.resolve(FrontPage.MAP);
  }

  // ---- what the runs hold ----

  private static JsonNode rows(RunFolder folder) {
    return folder.read(COSTS, JsonNode.class).path("rows");
  }

  private void addCost(JsonNode row) {
    if (row.path("mode").asString().equals("forward")
        && row.path("B").asInt() == 1
        && row.path("H").asInt() == HIDDEN) {
      costs.put(
          row.path("cell").asString(),
          new Cost(
              row.path("us_step").asDouble(),
              new Interval(row.path("us_low").asDouble(), row.path("us_high").asDouble()),
              row.path("waits").asDouble(Double.NaN)));
    }
  }

  /** The best of a cell's variants in the first run that has any of them, at the longest asked. */
  private Optional<Value> best(Ability ability, String cell) {
    for (Path run : runs) {
      Result result = ResultStore.read(run);
      if (!result.experiment().equals(ability.experiment())) {
        continue;
      }
      List<Figure> own =
          result.figures().stream()
              .filter(figure -> figure.name().equals(ability.figure()))
              .filter(figure -> variant(figure).split(":", -1)[0].equals(cell))
              .filter(figure -> figure.where().entrySet().containsAll(ability.where().entrySet()))
              .toList();
      double longest = own.stream().mapToDouble(MapPage::length).max().orElse(0);
      Optional<Figure> best =
          own.stream().filter(figure -> length(figure) == longest).min(ability.order());
      if (best.isPresent()) {
        double cap =
            result
                .config()
                .path(ability.most())
                .valueStream()
                .mapToDouble(JsonNode::asDouble)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
        return Optional.of(
            new Value(
                best.get(),
                variant(best.get()),
                link(run),
                best.get().mean() >= cap,
                !result.claims().isEmpty()
                    && result.claims().stream()
                        .allMatch(claim -> claim.verdict().startsWith(EXPLORATORY))));
      }
    }
    return Optional.empty();
  }

  private static String variant(Figure figure) {
    return String.valueOf(figure.where().getOrDefault("variant", ""));
  }

  /** The length that a figure of several was measured at; 0 where there is one only. */
  private static double length(Figure figure) {
    return Stream.of("tested_at", "T")
        .map(figure.where()::get)
        .filter(Number.class::isInstance)
        .mapToDouble(length -> ((Number) length).doubleValue())
        .findFirst()
        .orElse(0);
  }

  private String link(Path run) {
    return results.relativize(run).toString().replace('\\', '/') + "/" + RunReport.PAGE;
  }

  // ---- what is shown ----

  /** For each ability the cheapest of the cells that come near the best. */
  private String answers() {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (ability, own) -> {
          double best =
              own.values().stream().mapToDouble(value -> value.figure().mean()).max().orElse(0);
          own.entrySet().stream()
              .filter(entry -> costs.containsKey(entry.getKey()))
              // A loss is of another network than the layer whose time this is.
              .filter(entry -> !ability.isLoss())
              .filter(entry -> best > 0 && entry.getValue().figure().mean() >= NEAR * best)
              .min(Comparator.comparingDouble(entry -> cost(entry.getKey()).micros()))
              .ifPresent(
                  entry ->
                      text.append(
                          Numbers.format(
                              "* %s (%s): **%s** at %.2f µs a step, with %s%s; nothing within a"
                                  + " tenth of the best is cheaper.\n",
                              ability.kind().substring(0, 1).toUpperCase(Locale.ROOT)
                                  + ability.kind().substring(1),
                              ability.what(),
                              CellNames.label(entry.getKey()),
                              cost(entry.getKey()).micros(),
                              ability.inSteps()
                                  ? entry.getValue().figure().text()
                                  : entry.getValue().figure().withoutUnit()
                                      + " of the answers right",
                              entry.getValue().exploratory() ? " (" + EXPLORATORY + ")" : "")));
        });
    return text.toString();
  }

  private Cost cost(String cell) {
    Cost cost = costs.get(cell);
    if (cost == null) {
      throw new IllegalArgumentException("no time of " + cell);
    }
    return cost;
  }

  private Optional<Chart> chart() {
    Scatter chart =
        new Scatter(
            "What a recurrence keeps, and the serial time it takes",
            Numbers.format("µs a step of one sequence (H=%d, one thread)", HIDDEN),
            "steps over which it is kept",
            1,
            true);
    boolean any = false;
    int ink = 0;
    for (Ability ability : ABILITIES) {
      if (ability.inSteps()) {
        List<Scatter.Point> points = points(ability);
        if (!points.isEmpty()) {
          chart.add(ability.kind() + ", " + ability.what(), Ink.of(ink), points);
        }
        any |= !points.isEmpty();
        ink++;
      }
    }
    return any
        ? Optional.of(
            new Chart(
                FILE,
                "Steps that a trained cell tracks, recalls or remembers, against the time of a step"
                    + " of one sequence; an open point reached the longest that was asked, and one"
                    + " at the foot kept nothing (its interval is in the table). Kinds of points"
                    + " stand side by side: the name marks the time of the leftmost",
                chart.finished()))
        : Optional.empty();
  }

  private List<Scatter.Point> points(Ability ability) {
    List<Scatter.Point> points = new ArrayList<>();
    values
        .getOrDefault(ability, Map.of())
        .forEach(
            (cell, value) -> {
              Cost cost = costs.get(cell);
              if (cost != null) {
                Double low = value.figure().low();
                Double high = value.figure().high();
                points.add(
                    new Scatter.Point(
                        CellNames.label(cell),
                        cost.micros(),
                        cost.interval(),
                        value.figure().mean(),
                        low == null || high == null ? null : new Interval(low, high),
                        value.capped()));
              }
            });
    return points;
  }

  private String table() {
    List<String> columns = new ArrayList<>(List.of("cell", "µs a step", "of it waits"));
    ABILITIES.forEach(
        ability ->
            columns.add("%s: %s, %s".formatted(ability.kind(), ability.what(), ability.unit())));
    List<List<String>> rows = new ArrayList<>();
    for (Cell cell : Cells.all()) {
      List<String> row = new ArrayList<>();
      row.add(CellNames.label(cell.name()));
      Cost cost = costs.get(cell.name());
      row.add(
          cost == null
              ? NOT_RUN
              : Numbers.format(
                  "[%.3f](%s) [%.3f, %.3f]",
                  cost.micros(),
                  link(costsRun.orElseThrow().path()),
                  cost.interval().low(),
                  cost.interval().high()));
      row.add(
          cost == null || Double.isNaN(cost.waits())
              ? NOT_RUN
              : Numbers.format("%.0f %%", 100 * cost.waits()));
      for (Ability ability : ABILITIES) {
        Value value = values.getOrDefault(ability, Map.of()).get(cell.name());
        row.add(value == null ? NOT_RUN : text(cell.name(), value));
      }
      rows.add(row);
    }
    return Markdown.table(columns, rows);
  }

  private static String text(String cell, Value value) {
    String[] parts = value.figure().withoutUnit().split(" ", 2);
    return "[%s%s](%s)%s%s%s"
        .formatted(
            value.capped() ? "at least " : "",
            parts[0],
            value.link(),
            parts.length > 1 ? " " + Markdown.escape(parts[1]) : "",
            value.variant().equals(cell + ":default")
                ? ""
                : ", " + Markdown.escape(value.variant().replaceFirst(".*?:", "")),
            value.exploratory() ? ", " + EXPLORATORY : "");
  }

  private String notes() {
    StringBuilder text =
        new StringBuilder(
            "The time is that of one layer, the abilities are those of the networks of their runs,"
                + " most of them smaller. Exploratory is what comes from a run whose claims were"
                + " written after its trials. What waits is the share of the time that the step"
                + " before holds up: what is left of a pass without its input product. A product in"
                + " a group is kept as long as its accuracy is .9; keys and values, and data out of"
                + " noise, are recalled from the longest sequence of which .9 is told right. The"
                + " fraction is that of right answers at the longest length asked. Language is the"
                + " held-out loss of a text, in nats a character, of networks with as many"
                + " parameters as each other, after as many training steps and after as much time"
                + " on one thread; they are not the layers whose time stands here; their own is in"
                + " their run. Where a cell was trained with several initializations, the best"
                + " stands here, named where it is not the default; it is chosen on the same"
                + " trials, which flatters it a little.\n\n");
    for (Ability ability : ABILITIES) {
      if (values.getOrDefault(ability, Map.of()).isEmpty()) {
        text.append(
            "Not run: %s, %s; `./unroll run %s --reference` would.\n\n"
                .formatted(ability.kind(), ability.what(), ability.experiment()));
      }
    }
    if (costsRun.isEmpty()) {
      text.append("Not run: the times; `./unroll bench run --cells --reference` would.\n\n");
    }
    return text.toString();
  }
}
