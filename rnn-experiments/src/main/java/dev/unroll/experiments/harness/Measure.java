package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Survival;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A number that trials measure, from which a figure is made at each combination of the values of
 * its axes: the mean over the seeds with its interval.
 */
public final class Measure {
  /** Ends the name of a figure in which each seed counts once. */
  static final String BY_SEED = "_by_seed";

  final String name;
  String label;
  String unit = "";
  int digits = 2;
  double least = Double.NEGATIVE_INFINITY;
  double most = Double.POSITIVE_INFINITY;
  private Function<double[], Estimate> estimate = Estimate::mean;
  private @Nullable BiFunction<Settings, Map<String, Object>, Function<double[], Estimate>> byPlace;
  boolean figure = true;
  boolean held;
  List<Axis> along = List.of();
  Map.@Nullable Entry<String, Object> only;
  final Map<String, Function<Settings, ?>> at = new LinkedHashMap<>();
  private final BiFunction<Settings, TrialRecord, double[]> values;

  private Measure(String name, BiFunction<Settings, TrialRecord, double[]> values) {
    this.name = name;
    this.label = name.replace('_', ' ');
    this.values = values;
  }

  /**
   * Values of many networks that stand together. Those of one seed may share what chance there is.
   *
   * @param where which networks they are
   * @param bySeed the values of each seed
   */
  public record Pool(Map<String, Object> where, Map<Long, double[]> bySeed) {
    /** One value a trial. */
    public static Pool of(
        Map<String, Object> where, List<TrialRecord> records, ToDoubleFunction<TrialRecord> value) {
      Map<Long, double[]> bySeed = new LinkedHashMap<>();
      for (TrialRecord record : records) {
        bySeed.merge(record.seed(), new double[] {value.applyAsDouble(record)}, Pool::both);
      }
      return new Pool(where, bySeed);
    }

    private static double[] both(double[] some, double[] more) {
      return DoubleStream.concat(Arrays.stream(some), Arrays.stream(more)).toArray();
    }
  }

  /** A measure of the number that trials put under the same name. */
  public static Measure of(String name) {
    return of(name, name);
  }

  /** A measure under a name of its own of the number or list that trials put under {@code key}. */
  public static Measure of(String name, String key) {
    return list(name, record -> record.has(key) ? record.numbers(key) : new double[0]);
  }

  /** A measure of the last number of the list that trials put under {@code key}. */
  public static Measure last(String name, String key) {
    return of(name, record -> record.numbers(key)[record.numbers(key).length - 1]);
  }

  /**
   * The training steps to a solution: the Kaplan-Meier median, to which a trial that put {@code
   * solved} 0 is censored at its {@code steps}. Its values are negative there.
   */
  public static Measure stepsToSolve() {
    Measure measure =
        of(
            "steps_to_solve",
            one -> one.number("solved") == 1 ? one.number("steps") : -one.number("steps"));
    measure.estimate = Measure::untilSolved;
    return measure.within(0, Double.POSITIVE_INFINITY).unit("training steps").digits(0);
  }

  private static Estimate untilSolved(double... steps) {
    boolean[] solved = new boolean[steps.length];
    for (int i = 0; i < steps.length; i++) {
      solved[i] = steps[i] > 0;
    }
    return Estimate.median(Survival.of(Arrays.stream(steps).map(Math::abs).toArray(), solved));
  }

  /** A measure that is computed from what a trial put. */
  public static Measure of(String name, ToDoubleFunction<TrialRecord> value) {
    return list(name, record -> new double[] {value.applyAsDouble(record)});
  }

  /** A measure that is computed as a list from what a trial put. */
  public static Measure list(String name, Function<TrialRecord, double[]> values) {
    return list(name, (settings, record) -> values.apply(record));
  }

  /** A measure that is computed as a list from the settings and what a trial put. */
  public static Measure list(String name, BiFunction<Settings, TrialRecord, double[]> values) {
    return new Measure(name, values);
  }

  /** A measure of every {@code step}-th element of the list that trials put under {@code key}. */
  public static Measure every(int step, String name, String key) {
    return list(
        name,
        record -> {
          double[] all = record.numbers(key);
          return IntStream.rangeClosed(1, all.length / step)
              .mapToDouble(i -> all[i * step - 1])
              .toArray();
        });
  }

  /** What the legend of a chart calls it; its name with blanks unless told. */
  public Measure labelled(String newLabel) {
    label = newLabel;
    return this;
  }

  /** The unit, such as {@code nats per character}. */
  public Measure unit(String newUnit) {
    unit = newUnit;
    return this;
  }

  /** How many digits after the point tables and sentences show; 2 unless told. */
  public Measure digits(int newDigits) {
    digits = newDigits;
    return this;
  }

  /** Has bootstrap intervals, for skewed values. */
  public Measure bootstrap() {
    estimate = Estimate::bootstrap;
    return this;
  }

  /** Never leaves a range, at whose ends its values may pile up; infinite where it has no end. */
  public Measure range(double newLeast, double newMost) {
    estimate = values -> Estimate.bounded(newLeast, newMost, values);
    return within(newLeast, newMost);
  }

  /**
   * Never leaves a range whose upper end depends on the settings and the place, such as the last
   * rung of a ladder; its values may pile up at the ends.
   */
  public Measure range(double newLeast, ToDoubleBiFunction<Settings, Map<String, Object>> newMost) {
    byPlace =
        (settings, where) ->
            values -> Estimate.bounded(newLeast, newMost.applyAsDouble(settings, where), values);
    return range(newLeast, Double.POSITIVE_INFINITY);
  }

  /** Never leaves a range of which both ends depend on the settings and the place. */
  public Measure range(
      ToDoubleBiFunction<Settings, Map<String, Object>> newLeast,
      ToDoubleBiFunction<Settings, Map<String, Object>> newMost) {
    byPlace =
        (settings, where) ->
            values ->
                Estimate.bounded(
                    newLeast.applyAsDouble(settings, where),
                    newMost.applyAsDouble(settings, where),
                    values);
    return within(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /**
   * Has bootstrap intervals, which end where a range does that depends on the settings and the
   * place, such as 1 to T.
   */
  public Measure bootstrap(
      double newLeast, ToDoubleBiFunction<Settings, Map<String, Object>> newMost) {
    byPlace =
        (settings, where) ->
            values ->
                Estimate.bootstrap(values).within(newLeast, newMost.applyAsDouble(settings, where));
    return bootstrap().within(newLeast, Double.POSITIVE_INFINITY);
  }

  /** Never leaves a range, of whose ends its values stay clear. */
  public Measure clipped(double newLeast, double newMost) {
    estimate = values -> Estimate.mean(values).within(newLeast, newMost);
    return within(newLeast, newMost);
  }

  /** Is 0 or 1 in each trial, and a fraction over them. */
  public Measure fraction() {
    estimate = Estimate::fraction;
    return within(0, 1);
  }

  private Measure within(double newLeast, double newMost) {
    least = newLeast;
    most = newMost;
    return this;
  }

  /**
   * Is a list whose elements belong to the values of {@code newAxes}, which are axes more; the
   * values of the last one follow each other.
   */
  public Measure along(Axis... newAxes) {
    along = List.of(newAxes);
    return this;
  }

  /** Is a list that keeps its last value along the rest of its axis where it ends early. */
  public Measure held() {
    held = true;
    return this;
  }

  /** Is there for drawing only and not among the figures. */
  public Measure drawn() {
    figure = false;
    return this;
  }

  /** Exists only in trials whose {@code key} has this value. */
  public Measure only(String key, Object value) {
    only = Map.entry(key, value);
    return this;
  }

  /** Holds at one setting that its figures name, such as a lag. */
  public Measure at(String key, Setting<?> setting) {
    at.put(key, settings -> settings.get(setting));
    return this;
  }

  /** Holds at a value that its figures name, such as the first epoch. */
  public Measure at(String key, Object value) {
    at.put(key, settings -> value);
    return this;
  }

  /** Holds at a value that its figures name and that the settings decide. */
  public Measure at(String key, Function<Settings, Object> value) {
    at.put(key, value);
    return this;
  }

  boolean in(TrialRecord record) {
    return only == null || record.is(only.getKey(), only.getValue());
  }

  /** The measured numbers of many trials at one index. */
  double[] each(Settings settings, List<TrialRecord> records, int index) {
    List<Double> each = new ArrayList<>();
    for (TrialRecord record : records) {
      double[] all = values.apply(settings, record);
      if (index < all.length) {
        each.add(all[index]);
      } else if (held && all.length > 0) {
        each.add(all[all.length - 1]);
      }
    }
    return each.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * A figure of what {@code one} has more than {@code other}, over the seeds that both have; empty
   * where there are none.
   */
  public Optional<Figure> difference(
      Outcome one, Outcome other, ToDoubleFunction<Outcome> value, Map<String, Object> where) {
    double[] differences = Outcome.differences(one, other, value);
    if (differences.length == 0) {
      return Optional.empty();
    }
    return Optional.of(
        byPlace == null
            ? Figure.of(name, where, unit, Estimate.bounded(least, most, differences))
            : figure(one.settings(), where, differences));
  }

  /** A figure of these values, one a seed, under settings that a range may depend on. */
  Figure figure(Settings settings, Map<String, Object> where, double... values) {
    return byPlace == null
        ? figure(where, values)
        : Figure.of(name, where, unit, byPlace.apply(settings, where).apply(values));
  }

  /** A figure of these values, one a seed. */
  public Figure figure(Map<String, Object> where, double... values) {
    return figure(where, values.length, values);
  }

  /** A figure of these values, of which a seed may give several. */
  private Figure figure(Map<String, Object> where, int seeds, double... values) {
    return Figure.of(name, where, unit, estimate.apply(values).ofSeeds(seeds));
  }

  /** A figure in which each network of a pool counts alone. */
  Figure pooled(Pool pool) {
    double[] all = pool.bySeed.values().stream().flatMapToDouble(Arrays::stream).toArray();
    long seeds =
        pool.bySeed.values().stream()
            .filter(some -> Arrays.stream(some).anyMatch(value -> !Double.isNaN(value)))
            .count();
    return figure(pool.where, (int) seeds, all);
  }

  /** The measure of the same in which each seed counts once. */
  Measure bySeed() {
    Measure measure = new Measure(name + BY_SEED, values).unit(unit).digits(digits);
    return least == Double.NEGATIVE_INFINITY ? measure : measure.range(least, most);
  }

  /** A figure of each seed's mean, without the values that are not known. */
  Optional<Figure> meanBySeed(Pool pool) {
    double[] means =
        pool.bySeed.values().stream()
            .map(some -> Arrays.stream(some).filter(value -> !Double.isNaN(value)).toArray())
            .filter(some -> some.length > 0)
            .mapToDouble(some -> Arrays.stream(some).sum() / some.length)
            .toArray();
    return means.length == 0 ? Optional.empty() : Optional.of(figure(pool.where, means));
  }

  @Override
  public String toString() {
    return name + Arrays.asList(unit);
  }
}
