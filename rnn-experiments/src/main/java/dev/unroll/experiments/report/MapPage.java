package dev.unroll.experiments.report;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.DiagonalCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.LruCell;
import dev.unroll.experiments.report.Ability.Form;
import dev.unroll.experiments.report.Ability.Kind;
import dev.unroll.experiments.report.MapRuns.Cost;
import dev.unroll.experiments.report.MapRuns.Value;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Panels;
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
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The map of recurrences: what each cell can do against the time that a step of one sequence takes.
 * Made from the committed runs alone; a cell or a task without a run says so.
 */
public final class MapPage {
  private static final String FILE = "map";
  private static final String NOT_RUN = "not run";

  /** How near to the best a cell must come to be named for a task. */
  private static final double NEAR = .9;

  /** So many cells with overlapping intervals are named. */
  private static final int NAMED = 4;

  /** A scale of steps over more than so many times its least length has each length as a tick. */
  private static final double WIDE = 40;

  private static final String LINEAR = "linear, unit by unit";
  private static final String EXPLORATORY = "exploratory";

  private final Path results;
  private final MapRuns runs;

  private MapPage(Path results, MapRuns runs) {
    this.results = results;
    this.runs = runs;
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
    return new MapPage(results, new MapRuns(results, experiments, bench)).write();
  }

  /** The finding for the front page; nothing where no cell has both a time and an ability. */
  static Optional<Finding> finding(Path results, Path experiments, Path bench) throws IOException {
    MapPage map = new MapPage(results, new MapRuns(results, experiments, bench));
    String answers =
        map.answers()
            .lines()
            .filter(line -> line.contains("S5") || line.contains("first symbol"))
            .map(line -> line.replace("**", "").replaceFirst("^\\* ", ""))
            .map(MapPage::plain)
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
                + " units and as many inputs, forward, on one thread. A second thread takes from"
                + " nothing to half off it, by cell and size: [measured](%s). What does not wait"
                + " for the step before can be shared among cores; so can the units of a cell that"
                + " see only their own state, and other sequences. Every number is of a run, to"
                + " which it leads; what was not run says so. In brackets: 95 %% intervals.\n\n",
            MapRuns.HIDDEN, FrontPage.SPEED));
    String answers = answers();
    if (!answers.isEmpty()) {
      text.append(
          "Near the best is a mean of nine tenths of the best mean, or more; what the seeds do not"
              + " tell apart has overlapping intervals.\n\n");
    }
    text.append(answers).append('\n');
    Optional<Chart> chart = chart();
    if (chart.isPresent()) {
      Charts.write(results, chart.get());
      text.append("![%s](%s.png)\n\n".formatted(chart.get().caption(), FILE));
    } else {
      text.append(
          "There is no figure yet: no cell has both a time and something that it can do.\n\n");
    }
    text.append(tables()).append(notes());
    HtmlPage page = HtmlPage.of(text.toString(), FrontPage.links(), Map.of());
    String body = chart.map(drawn -> linked(page.body(), drawn)).orElse(page.body());
    folder.write(
        FrontPage.MAP, new HtmlPage(page.title(), page.links(), body, page.scripts()).text());
    // On GitHub only the text of a report is shown.
    folder.write(
        FILE + ".md",
        text.toString()
            .replace(RunReport.PAGE + ")", RunReport.MARKDOWN + ")")
            .replace(FrontPage.SPEED + ")", FrontPage.SPEED.replace(".html", ".md") + ")"));
    return results.resolve(FrontPage.MAP);
  }

  /** Without links. */
  private static String plain(String markdown) {
    return markdown.replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1").replace("\\", "");
  }

  /** Lays a link to its run over each point of the figure. */
  private String linked(String body, Chart chart) {
    String links =
        ((Panels) chart.drawing())
            .spots().stream()
                .flatMap(spot -> link(spot).stream())
                .collect(Collectors.joining("\n"));
    return body.replaceFirst(
        "<img [^>]*" + FILE + "\\.png[^>]*>",
        "<span class=\"spots\">$0\n" + Matcher.quoteReplacement(links) + "</span>");
  }

  private Optional<String> link(Panels.Spot spot) {
    return Ability.ALL.stream()
        .filter(ability -> spot.panel().equals(heading(ability)))
        .flatMap(ability -> runs.of(ability).entrySet().stream())
        .filter(one -> CellNames.label(one.getKey()).equals(spot.name()))
        .map(
            one -> {
              Value value = one.getValue();
              String said =
                  "%s, %s µs a step: %s%s"
                      .formatted(
                          spot.name(),
                          Numbers.format("%.2f", cost(one.getKey()).micros()),
                          plain(text(one.getKey(), value)),
                          value.seeds() == null ? "" : "; " + value.ofSeeds() + " seeds");
              return Numbers.format(
                  "<a href=\"%s\" title=\"%s\" style=\"left:%.2f%%;top:%.2f%%\">%s</a>",
                  value.link(), said, 100 * spot.left(), 100 * spot.top(), said);
            })
        .findFirst();
  }

  /** For each ability the cheapest of the cells that come near the best. */
  private String answers() {
    return Ability.ALL.stream()
        .filter(Ability::isScored)
        .flatMap(ability -> answer(ability).stream())
        .map(answer -> "* " + answer + "\n")
        .collect(Collectors.joining());
  }

  private Optional<String> answer(Ability ability) {
    Map<String, Value> own = runs.of(ability);
    Comparator<String> cheaper = Comparator.comparingDouble(cell -> cost(cell).micros());
    List<String> timed =
        own.keySet().stream().filter(cell -> runs.cost(cell).isPresent()).sorted(cheaper).toList();
    Optional<String> best =
        timed.stream().max(Comparator.comparingDouble(cell -> value(own, cell).figure().mean()));
    if (best.isEmpty() || value(own, best.get()).figure().mean() <= 0) {
      return Optional.empty();
    }
    Value most = value(own, best.get());
    String chosen =
        timed.stream()
            .filter(cell -> value(own, cell).figure().mean() >= NEAR * most.figure().mean())
            .findFirst()
            .orElse(best.get());
    List<String> alike =
        timed.stream()
            .filter(cell -> !cell.equals(chosen) && !cell.equals(best.get()))
            .filter(cell -> value(own, cell).overlaps(most))
            .sorted(Comparator.comparingDouble(cell -> -value(own, cell).figure().mean()))
            .toList();
    Value value = value(own, chosen);
    StringBuilder text =
        new StringBuilder(
            "%s: of the %d cells run the cheapest near the best is **%s**, [%s µs](%s) a step: %s"
                .formatted(
                    ability.title(),
                    timed.size(),
                    CellNames.label(chosen),
                    Numbers.format("%.2f", cost(chosen).micros()),
                    runs.timesLink().orElseThrow(),
                    said(ability, chosen, value)));
    if (value.figure().mean() < most.figure().mean()) {
      text.append("; the best is ").append(CellNames.label(best.get())).append(": ");
      text.append(said(ability, best.get(), most));
    }
    text.append('.');
    if (!alike.isEmpty()) {
      text.append(" Intervals that overlap with the best's: ");
      text.append(
          alike.stream().limit(NAMED).map(CellNames::label).collect(Collectors.joining("; ")));
      text.append(alike.size() > NAMED ? "; " + (alike.size() - NAMED) + " more." : ".");
    }
    return Optional.of(text.toString());
  }

  /** A value in a sentence. */
  private static String said(Ability ability, String cell, Value value) {
    String seeds =
        value.seeds() == null
            ? ""
            : ", %s seeds %s"
                .formatted(
                    value.ofSeeds(),
                    ability.form() == Form.STEPS
                        ? "to " + Numbers.plain(value.longest())
                        : "at .9 or more");
    return text(cell, value)
        + (ability.form() == Form.STEPS ? " steps" : " right at " + band(value) + " steps")
        + seeds;
  }

  /** The lengths of the longest band. */
  private static String band(Value value) {
    int bands = value.lengths().length;
    return bands < 2
        ? Numbers.plain(value.longest())
        : Numbers.format("%.0f to %.0f", value.lengths()[bands - 2] + 1, value.longest());
  }

  private Cost cost(String cell) {
    return runs.cost(cell).orElseThrow(() -> new IllegalArgumentException("no time of " + cell));
  }

  private static Value value(Map<String, Value> own, String cell) {
    Value value = own.get(cell);
    if (value == null) {
      throw new IllegalArgumentException("no value of " + cell);
    }
    return value;
  }

  private Optional<Chart> chart() {
    Panels panels =
        new Panels(
            "What a recurrence can do, and the serial time it takes",
            Numbers.format("µs a step of one sequence (H = %d, one thread)", MapRuns.HIDDEN));
    for (Cell cell : Cells.all()) {
      if (runs.cost(cell.name()).isPresent()) {
        panels.place(CellNames.label(cell.name()), kind(cell), cost(cell.name()).micros());
      }
    }
    boolean any = false;
    for (Ability ability : Ability.ALL) {
      List<Scatter.Point> points = ability.isScored() ? points(ability) : List.of();
      if (!points.isEmpty()) {
        any = true;
        double[] lengths = runs.any(ability).orElseThrow().lengths();
        panels.panel(heading(ability), ticks(ability, lengths), ability.chance(), points);
      }
    }
    return any
        ? Optional.of(
            new Chart(
                FILE,
                "What trained cells can do, a panel for each task, against the time of a step of"
                    + " one sequence. A cell has its place, colour and marker in every panel, and"
                    + " its name at the top. Points are means over the seeds with 95 % intervals,"
                    + " of the time too: one half way up may be seeds that do all and seeds that do"
                    + " nothing, which the tables count. Dotted: a guess",
                panels))
        : Optional.empty();
  }

  private static String kind(Cell cell) {
    return switch (cell) {
      case DeltaCell delta -> "a matrix as state";
      case LinearCell linear -> LINEAR;
      case LruCell linear -> LINEAR;
      case DiagonalCell diagonal -> "nonlinear, unit by unit";
      default -> "every unit sees all";
    };
  }

  private String heading(Ability ability) {
    return ability.title() + ": " + measured(ability) + guess(ability);
  }

  /** What the figures of an ability are. */
  private String measured(Ability ability) {
    String longest = runs.any(ability).map(value -> Numbers.plain(value.longest())).orElse("");
    return switch (ability.form()) {
      case STEPS -> "steps, of at most " + longest;
      case FRACTION ->
          "fraction right at " + runs.any(ability).map(MapPage::band).orElse("") + " steps";
      case LOSS -> "nats a character";
      case NEUTRAL -> runs.any(ability).map(value -> value.figure().unit()).orElse("");
    };
  }

  private static String guess(Ability ability) {
    return ability.answers() == 0 ? "" : "; a guess: " + Numbers.plain(ability.chance());
  }

  private static double[] ticks(Ability ability, double[] lengths) {
    if (ability.form() == Form.FRACTION) {
      return new double[] {0, .5, 1};
    }
    double longest = lengths[lengths.length - 1];
    return longest > WIDE * lengths[0]
        ? Stream.concat(Stream.of(0.), Arrays.stream(lengths).boxed())
            .mapToDouble(Double::doubleValue)
            .toArray()
        : new double[] {0, longest / 2, longest};
  }

  private List<Scatter.Point> points(Ability ability) {
    List<Scatter.Point> points = new ArrayList<>();
    runs.of(ability)
        .forEach(
            (cell, value) -> {
              Cost cost = runs.cost(cell).orElse(null);
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
                        false));
              }
            });
    return points;
  }

  private String tables() {
    StringBuilder text = new StringBuilder("## What it costs\n\n").append(costTable());
    for (Kind kind : Kind.values()) {
      List<Ability> own =
          Ability.ALL.stream()
              .filter(ability -> ability.kind() == kind && runs.any(ability).isPresent())
              .toList();
      if (!own.isEmpty()) {
        text.append("\n## ").append(kind.title()).append("\n\n").append(table(own));
      }
    }
    return text.append('\n').toString();
  }

  private String costTable() {
    List<List<String>> rows = new ArrayList<>();
    for (Cell cell : Cells.all()) {
      List<String> row = new ArrayList<>(List.of(CellNames.label(cell.name()), kind(cell)));
      Cost cost = runs.cost(cell.name()).orElse(null);
      if (cost == null) {
        row.addAll(List.of(NOT_RUN, NOT_RUN, NOT_RUN));
      } else {
        String link = runs.timesLink().orElseThrow();
        row.add(
            Numbers.format(
                "[%.3f](%s) [%.3f, %.3f]",
                cost.micros(), link, cost.interval().low(), cost.interval().high()));
        row.add(
            Double.isNaN(cost.waits())
                ? NOT_RUN
                : Numbers.format("[%.0f %%](%s)", 100 * cost.waits(), link));
        row.add(Numbers.format("[%,d](%s)", cost.parameters(), link));
      }
      rows.add(row);
    }
    return Markdown.table(
        List.of("cell", "its recurrence", "µs a step", "of it waits", "parameters"), rows);
  }

  private String table(List<Ability> abilities) {
    List<String> columns = new ArrayList<>(List.of("cell"));
    for (Ability ability : abilities) {
      columns.add(
          ability.what()
              + (ability.kind() == Kind.DYNAMICS ? "" : ": " + measured(ability))
              + guess(ability));
    }
    List<List<String>> rows = new ArrayList<>();
    for (Cell cell : Cells.all()) {
      List<String> row = new ArrayList<>(List.of(CellNames.label(cell.name())));
      for (Ability ability : abilities) {
        Value value = runs.of(ability).get(cell.name());
        row.add(value == null ? NOT_RUN : entry(ability, cell.name(), value));
      }
      rows.add(row);
    }
    return Markdown.table(columns, rows);
  }

  private static String entry(Ability ability, String cell, Value value) {
    // A figure after training is of all seeds: it tells of those that learned only where all did.
    boolean shown =
        ability.kind() != Kind.DYNAMICS
            || (value.seeds() != null && value.seeds() == value.figure().n());
    return shown
        ? text(cell, value) + (value.seeds() == null ? "" : "; " + value.ofSeeds())
        : "[%s learned](%s)".formatted(value.ofSeeds(), value.link());
  }

  private static String text(String cell, Value value) {
    boolean steps = value.figure().unit().equals("steps");
    boolean capped = steps && value.figure().mean() >= value.longest();
    String[] parts = (steps ? value.figure().text(0) : value.figure().withoutUnit()).split(" ", 2);
    return "[%s%s](%s)%s%s%s"
        .formatted(
            capped ? "at least " : "",
            parts[0],
            value.link(),
            parts.length > 1 ? " " + Markdown.escape(parts[1]) : "",
            value.variant().equals(cell + ":default")
                ? ""
                : ", " + Markdown.escape(value.variant().replaceFirst(".*?:", "")),
            value.exploratory() ? ", " + EXPLORATORY : "");
  }

  private String notes() {
    StringBuilder text = new StringBuilder("## How to read it\n\n");
    Map<String, List<String>> asked = new LinkedHashMap<>();
    for (Ability ability : Ability.ALL) {
      if (runs.any(ability).isPresent() && !ability.gloss().isEmpty()) {
        asked.computeIfAbsent(ability.gloss(), gloss -> new ArrayList<>()).add(ability.what());
      }
    }
    asked.forEach(
        (gloss, what) -> text.append("* %s: %s.\n".formatted(String.join(", ", what), gloss)));
    text.append('\n');
    runs.sources().forEach((experiment, run) -> text.append(setting(experiment, run)));
    text.append(
        "The time is that of one layer, the abilities are those of the networks of their runs,"
            + " most of them smaller. What waits is the share of the time that the step before"
            + " holds up: what is left of a pass without its input product. Exploratory is what"
            + " comes from a run whose claims were written after its trials. Where a cell was"
            + " trained with several initializations, the best stands here, named where it is not"
            + " the default; it is chosen on the same trials, which flatters it a little.\n\n"
            + "Steps are the mean of the longest lengths that the seeds learned, or kept a product"
            + " to, with 0 for a seed that missed the first of them. Such a mean says little where"
            + " some seeds do all and others nothing, so behind it stands how many of them came to"
            + " the longest length; behind a fraction, how many were right in .9 of the answers"
            + " there. Seeds that agree still leave open what so few cannot tell, which is why even"
            + " ten times 0 has an interval.\n\n"
            + "A guess is one of as many answers as there are; of the letters of a bucket sort, and"
            + " of a depth, more can be known without the task. Language is the held-out loss of a"
            + " text, of networks with as many parameters as each other, after as many training"
            + " steps and after as much time on one thread; they are not the layers whose time"
            + " stands here; their own is in their run. What is told after training is of networks"
            + " that learned, and stands only where all seeds did; of the others only how many"
            + " did.\n\n");
    elsewhere("parity", "parity of six cells, asked for only at the end", text);
    elsewhere(
        "horizon", "the first symbol after half as many steps, and more initializations", text);
    for (Ability ability : Ability.ALL) {
      if (runs.any(ability).isEmpty()) {
        text.append(
            "Not run: %s; `./unroll run %s --reference` would.\n\n"
                .formatted(ability.title(), ability.experiment()));
      }
    }
    if (runs.timesLink().isEmpty()) {
      text.append("Not run: the times; `./unroll bench run --cells --reference` would.\n\n");
    }
    return text.toString();
  }

  /** What a run of an experiment trained, and on what. */
  private String setting(String experiment, Path run) {
    JsonNode config = runs.result(run).config();
    if (!config.has("hidden_size") || !config.has("steps")) {
      return "";
    }
    int layers = config.path("num_layers").asInt(1);
    String lengths = list(config.path("lengths"));
    String bar =
        config.has("bar") ? Numbers.plain(config.path("bar").asDouble()) + " of the answers" : "";
    return "[`%s`](%s): %d layer%s of %d units, %s training steps on batches of %d%s%s.\n\n"
        .formatted(
            experiment,
            runs.link(run),
            layers,
            layers == 1 ? "" : "s",
            config.path("hidden_size").asInt(),
            Numbers.format("%,d", config.path("steps").asInt()),
            config.path("samples").asInt(),
            lengths.isEmpty()
                ? ""
                : " for each length of %s, until one is missed; learned is %s right"
                    .formatted(lengths, bar),
            config.has("length")
                ? " of lengths to %d; tested in bands that end at %s"
                    .formatted(config.path("length").asInt(), list(config.path("test_lengths")))
                : "");
  }

  private static String list(JsonNode numbers) {
    return numbers.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "));
  }

  /** Leads to a run that asks the same of fewer cells. */
  private void elsewhere(String experiment, String what, StringBuilder text) {
    runs.runOf(experiment)
        .ifPresent(
            run ->
                text.append(
                    "Elsewhere: %s, [`%s`](%s).\n\n".formatted(what, experiment, runs.link(run))));
  }
}
