package dev.unroll.experiments.report;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.number.Interval;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the committed runs say of each cell for the map: the time of a step, and what it can do. */
final class MapRuns {
  /** The layer whose step is the time of the map: I = H, on one thread. */
  static final int HIDDEN = 128;

  private static final String COSTS = "cells.json";

  /** How the verdict of a claim begins that was written after its trials. */
  private static final String AFTER_ITS_TRIALS = "exploratory";

  /**
   * A cell's figure, the setting that it was best in, and its run; exploratory where none of the
   * run's claims was written before its trials.
   *
   * @param lengths that were asked, rising; empty where that does not matter
   * @param seeds how many have it at the longest, or learned the task; null where the run does not
   *     say
   */
  record Value(
      Figure figure,
      String variant,
      String link,
      double[] lengths,
      @Nullable Long seeds,
      boolean exploratory) {
    double longest() {
      return lengths.length == 0 ? 0 : lengths[lengths.length - 1];
    }

    boolean overlaps(Value other) {
      Figure one = figure;
      Figure two = other.figure;
      return low(one) <= high(two) && low(two) <= high(one);
    }

    private static double low(Figure figure) {
      return figure.low() == null ? figure.mean() : figure.low();
    }

    private static double high(Figure figure) {
      return figure.high() == null ? figure.mean() : figure.high();
    }

    /** Such as "4 of 10"; empty where the run does not say. */
    String ofSeeds() {
      return seeds == null ? "" : "%d of %d".formatted(seeds, figure.n());
    }
  }

  /** A row of the costs of a run. */
  record Cost(double micros, Interval interval, double waits, long parameters) {}

  private final Path results;
  private final Map<Path, Result> read = new LinkedHashMap<>();
  private final Optional<RunFolder> costsRun;
  private final Map<String, Cost> costs = new LinkedHashMap<>();
  private final Map<Ability, Map<String, Value>> values = new LinkedHashMap<>();
  private final Map<String, Path> sources = new LinkedHashMap<>();

  MapRuns(Path results, Path experiments, Path bench) throws IOException {
    this.results = results;
    costsRun =
        RunFolder.allWith(COSTS, bench).reversed().stream()
            .filter(folder -> folder.read("run.json", JsonNode.class).path("complete").asBoolean())
            .findFirst();
    costsRun.ifPresent(folder -> rows(folder).forEach(this::addCost));
    for (Path run : Report.published(experiments)) {
      read.put(run, ResultStore.read(run));
    }
    for (Ability ability : Ability.ALL) {
      Map<String, Value> own = new LinkedHashMap<>();
      for (Cell cell : Cells.all()) {
        best(ability, cell.name()).ifPresent(value -> own.put(cell.name(), value));
      }
      values.put(ability, own);
    }
  }

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
              row.path("waits").asDouble(Double.NaN),
              row.path("parameters").asLong()));
    }
  }

  /** The best of a cell's variants in the published run, at the longest asked. */
  private Optional<Value> best(Ability ability, String cell) {
    for (Map.Entry<Path, Result> run : read.entrySet()) {
      Result result = run.getValue();
      if (!result.experiment().equals(ability.experiment())) {
        continue;
      }
      Optional<Figure> best =
          result.figures().stream()
              .filter(figure -> figure.name().equals(ability.figure()))
              .filter(figure -> variant(figure).split(":", -1)[0].equals(cell))
              .filter(figure -> figure.where().entrySet().containsAll(ability.where().entrySet()))
              .min(ability.order());
      if (best.isPresent()) {
        sources.putIfAbsent(ability.experiment(), run.getKey());
        double[] lengths =
            result
                .config()
                .path(ability.lengths())
                .valueStream()
                .mapToDouble(JsonNode::asDouble)
                .sorted()
                .toArray();
        return Optional.of(
            new Value(
                best.get(),
                variant(best.get()),
                link(run.getKey()),
                lengths,
                seeds(result, ability, best.get(), lengths),
                !result.claims().isEmpty()
                    && result.claims().stream()
                        .allMatch(claim -> claim.verdict().startsWith(AFTER_ITS_TRIALS))));
      }
    }
    return Optional.empty();
  }

  /** How many seeds have an ability at the longest length, or have learned its task. */
  private static @Nullable Long seeds(Result result, Ability ability, Figure of, double[] lengths) {
    return result.figures().stream()
        .filter(figure -> figure.name().equals(ability.seeds()))
        .filter(
            figure ->
                figure.where().entrySet().stream()
                    .allMatch(
                        place ->
                            isLength(place.getKey())
                                ? lengths.length == 0
                                    || lengths[lengths.length - 1] == length(place.getValue())
                                : place.getValue().equals(of.where().get(place.getKey()))))
        .map(figure -> StrictMath.round(figure.mean() * figure.n()))
        .findFirst()
        .orElse(null);
  }

  private static boolean isLength(String place) {
    return place.equals("T") || place.equals("tested_at");
  }

  private static double length(Object place) {
    return place instanceof Number number ? number.doubleValue() : 0;
  }

  private static String variant(Figure figure) {
    return String.valueOf(figure.where().getOrDefault("variant", ""));
  }

  String link(Path run) {
    return results.relativize(run).toString().replace('\\', '/') + "/" + RunReport.PAGE;
  }

  Map<String, Value> of(Ability ability) {
    return values.getOrDefault(ability, Map.of());
  }

  /** Of any of the cells that were run. */
  Optional<Value> any(Ability ability) {
    return of(ability).values().stream().findFirst();
  }

  /** The time of a cell, if it was measured. */
  Optional<Cost> cost(String cell) {
    return Optional.ofNullable(costs.get(cell));
  }

  /** Where the times lead; nothing where there are none. */
  Optional<String> timesLink() {
    return costsRun.map(folder -> link(folder.path()));
  }

  /** For each experiment that an ability is from, its run. */
  Map<String, Path> sources() {
    return sources;
  }

  /** The published run of an experiment. */
  Optional<Path> runOf(String experiment) {
    return read.entrySet().stream()
        .filter(run -> run.getValue().experiment().equals(experiment))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  Result result(Path run) {
    Result result = read.get(run);
    if (result == null) {
      throw new IllegalArgumentException("no run in " + run);
    }
    return result;
  }
}
