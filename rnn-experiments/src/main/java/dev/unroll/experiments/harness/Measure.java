package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A number that trials measure, from which a figure is made at each combination of the values of
 * its axes: the mean over the seeds with its interval.
 */
public final class Measure {
  final String name;
  String unit = "";
  int digits = 2;
  boolean bootstrap;
  boolean figure = true;
  boolean held;
  @Nullable Axis along;
  Map.@Nullable Entry<String, Object> only;
  Map.@Nullable Entry<String, Function<Settings, Object>> at;
  private Function<TrialRecord, double[]> values;

  private Measure(String name, Function<TrialRecord, double[]> values) {
    this.name = name;
    this.values = values;
  }

  /** A measure of the number that trials put under the same name. */
  public static Measure of(String name) {
    return of(name, name);
  }

  /** A measure under a name of its own of the number or list that trials put under {@code key}. */
  public static Measure of(String name, String key) {
    return new Measure(name, record -> record.has(key) ? record.numbers(key) : new double[0]);
  }

  /** A measure that is computed from what a trial put. */
  public static Measure of(String name, ToDoubleFunction<TrialRecord> value) {
    return new Measure(name, record -> new double[] {value.applyAsDouble(record)});
  }

  /** A measure that is computed as a list from what a trial put. */
  public static Measure list(String name, Function<TrialRecord, double[]> values) {
    return new Measure(name, values);
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

  /** Has bootstrap intervals, for values that pile up at the ends of their range. */
  public Measure bootstrap() {
    bootstrap = true;
    return this;
  }

  /** Is a list whose elements belong to the values of {@code axis}, which is an axis more. */
  public Measure along(Axis axis) {
    along = axis;
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
    at = Map.entry(key, settings -> settings.get(setting));
    return this;
  }

  /** Holds at a value that its figures name and that the settings decide. */
  public Measure at(String key, Function<Settings, Object> value) {
    at = Map.entry(key, value);
    return this;
  }

  /** The measured numbers of one trial: one, or one for each value along {@link #along}. */
  double[] values(TrialRecord record) {
    return values.apply(record);
  }

  boolean in(TrialRecord record) {
    return only == null || record.is(only.getKey(), only.getValue());
  }

  /** The measured numbers of many trials at one index. */
  double[] each(List<TrialRecord> records, int index) {
    List<Double> each = new ArrayList<>();
    for (TrialRecord record : records) {
      double[] all = values(record);
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
    return differences.length == 0
        ? Optional.empty()
        : Optional.of(Figure.bootstrapped(name, where, unit, differences));
  }

  /** A figure of these values, one a seed. */
  public Figure figure(Map<String, Object> where, double... values) {
    return bootstrap
        ? Figure.bootstrapped(name, where, unit, values)
        : Figure.of(name, where, unit, values);
  }

  @Override
  public String toString() {
    return name + Arrays.asList(unit);
  }
}
