package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How an experiment chooses a setting, such as the learning rate, for each combination of the
 * values of some axes: every candidate gets the same budget on seeds that are not tested (1001,
 * 1002, and so on), and the tested seeds run with the best one. Best is the highest mean score, at
 * the same score the fewest {@code steps}, and then the first in the list; a candidate with a trial
 * that stopped is worse than all that have none. One candidate alone is taken without a trial.
 *
 * @param setting what is chosen; trials read it as any setting
 * @param candidates the setting that lists what is tried
 * @param what what the score is, for the table's title
 * @param score the score of a trial, higher is better
 * @param place where on the other axes it is tried: the setting with the value, by the axis's key
 * @param axes what it is chosen for
 */
public record Tuning(
    Setting<Double> setting,
    Setting<List<Double>> candidates,
    String what,
    ToDoubleFunction<TrialRecord> score,
    Map<String, Setting<?>> place,
    List<Axis> axes) {
  /** On how many seeds each candidate is tried. */
  public static final Setting<Integer> SEEDS = Setting.count("tuning_seeds", 1, 1000);

  private static final long FIRST_SEED = 1001;

  /** How a candidate did: mean score and mean steps over the seeds. */
  private record Tried(double candidate, double score, double steps) {}

  /** What the key of a candidate begins with in a trial. */
  private static final String PREFIX = "tuning_";

  /** Whether this is a trial of some candidate. */
  static boolean isOf(Trial trial) {
    return trial.variant().keySet().stream().anyMatch(key -> key.startsWith(PREFIX));
  }

  private String key() {
    return PREFIX + setting.name();
  }

  /** Whether this is a trial of a candidate. */
  boolean owns(TrialRecord record) {
    return record.trial().has(key());
  }

  /** The trials of every candidate on every seed. */
  List<Trial> trials(Settings all) {
    if (all.get(candidates).size() == 1) {
      return List.of();
    }
    List<Trial> trials = cells(all);
    for (Map.Entry<String, Setting<?>> at : place.entrySet()) {
      trials = Experiment.cross(trials, at.getKey(), List.of(all.get(at.getValue())));
    }
    return Experiment.cross(trials, key(), all.get(candidates)).stream()
        .flatMap(
            trial ->
                IntStream.range(0, all.get(SEEDS))
                    .mapToObj(i -> new Trial(trial.variant(), FIRST_SEED + i, 1)))
        .toList();
  }

  private List<Trial> cells(Settings all) {
    List<Trial> cells = List.of(Trial.of(FIRST_SEED));
    for (Axis axis : axes) {
      cells = Experiment.cross(cells, axis.key(), axis.values().apply(all));
    }
    return cells;
  }

  /**
   * What a trial runs with, once every trial of a candidate has a record; null for a trial of
   * another kind, which has no use for it.
   */
  @Nullable Double chosen(Settings all, Trial trial, List<TrialRecord> records) {
    if (axes.stream().anyMatch(axis -> !trial.variant().containsKey(axis.key()))) {
      return null;
    }
    if (trial.variant().get(key()) instanceof Double own) {
      return own;
    }
    List<Double> tried = all.get(candidates);
    return tried.size() == 1 ? tried.getFirst() : best(tried(all, trial, records)).candidate;
  }

  private static Tried best(List<Tried> tried) {
    // min takes the first of equals.
    return tried.stream()
        .min(Comparator.<Tried>comparingDouble(one -> -one.score).thenComparingDouble(Tried::steps))
        .orElseThrow();
  }

  /** Every candidate in a cell; summed in the order of the seeds, not in that of the records. */
  private List<Tried> tried(Settings all, Trial cell, List<TrialRecord> records) {
    Map<String, TrialRecord> byKey = new HashMap<>();
    records.forEach(record -> byKey.put(record.trial().toString(), record));
    List<TrialRecord> here =
        trials(all).stream()
            .filter(
                trial ->
                    axes.stream()
                        .allMatch(axis -> trial.text(axis.key()).equals(cell.text(axis.key()))))
            .map(trial -> byKey.get(trial.key().toString()))
            .toList();
    List<Tried> tried = new ArrayList<>();
    for (double candidate : all.get(candidates)) {
      List<TrialRecord> its = here.stream().filter(one -> one.is(key(), candidate)).toList();
      tried.add(
          its.stream().allMatch(TrialRecord::succeeded)
              ? new Tried(candidate, mean(its, score), mean(its, Tuning::steps))
              : new Tried(candidate, Double.NEGATIVE_INFINITY, 0));
    }
    return tried;
  }

  private static double mean(List<TrialRecord> records, ToDoubleFunction<TrialRecord> number) {
    return records.stream().mapToDouble(number).average().orElseThrow();
  }

  /** The steps of a trial, of all its rungs where it is a ladder. */
  private static double steps(TrialRecord record) {
    double steps = 0;
    for (double rung : record.numbers("steps")) {
      steps += Math.max(0, rung); // Ladder.NOT_TRIED is negative
    }
    return steps;
  }

  /** What was tried and what was chosen; empty where there was no choice. */
  Stream<Result.Table> table(Settings all, List<TrialRecord> records) {
    List<Double> values = all.get(candidates);
    if (values.size() == 1) {
      return Stream.empty();
    }
    List<String> heads = new ArrayList<>(axes.stream().map(Axis::head).toList());
    values.forEach(value -> heads.add(Numbers.plain(value)));
    heads.add("chosen");
    StringBuilder where = new StringBuilder();
    place.forEach(
        (key, value) -> where.append(" at ").append(key).append(" = ").append(all.get(value)));
    String title =
        "Tuning of %s: %s (training steps), mean over the %d seeds from %d, which are not tested%s"
            .formatted(setting.name(), what, all.get(SEEDS), FIRST_SEED, where);
    return Stream.of(
        new Result.Table(
            title, heads, cells(all).stream().map(cell -> row(all, cell, records)).toList()));
  }

  private List<String> row(Settings all, Trial cell, List<TrialRecord> records) {
    List<Tried> tried = tried(all, cell, records);
    List<String> row = new ArrayList<>();
    axes.forEach(axis -> row.add(axis.label().apply(cell.text(axis.key()))));
    for (Tried one : tried) {
      row.add(
          Double.isInfinite(one.score)
              ? "stopped"
              : Numbers.format("%.3g (%.0f)", one.score, one.steps));
    }
    row.add(Numbers.plain(best(tried).candidate));
    return row;
  }
}
