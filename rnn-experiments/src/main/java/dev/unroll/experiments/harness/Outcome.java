package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a run measured.
 *
 * @param settings every setting
 * @param seeds the seeds, in order
 * @param records the trials that came to their end, in order
 * @param axes every axis by its name in figures
 * @param grids every measure by its name
 */
public record Outcome(
    Settings settings,
    List<Long> seeds,
    List<TrialRecord> records,
    Map<String, Axis> axes,
    Map<String, Grid> grids) {

  /** The value of a setting. */
  public <T> T get(Setting<T> setting) {
    return settings.get(setting);
  }

  /** The measure of this name. */
  public Grid grid(String name) {
    Grid grid = grids.get(name);
    if (grid == null) {
      throw new IllegalArgumentException("No measure " + name + "; there are " + grids.keySet());
    }
    return grid;
  }

  /** The figure of a measure at a place such as {@code cell=lstm T=20}, or null. */
  public @Nullable Figure figure(String name, String selector) {
    return grid(name).at(selector);
  }

  /** The mean at a place; NaN where nothing was measured. */
  public double mean(String name, String selector) {
    Figure figure = figure(name, selector);
    return figure == null ? Double.NaN : figure.mean();
  }

  /** The axis of this name. */
  public Axis axis(String name) {
    Axis axis = axes.get(name);
    if (axis == null) {
      throw new IllegalArgumentException("No axis " + name + "; there are " + axes.keySet());
    }
    return axis;
  }

  /** The values on an axis under the run's settings. */
  public List<?> along(String axis) {
    return axis(axis).values().apply(settings);
  }

  /** The trials whose {@code key} has this value; the grids stay whole. */
  public Outcome where(String key, Object value) {
    return new Outcome(
        settings,
        seeds,
        records.stream().filter(record -> record.is(key, value)).toList(),
        axes,
        grids);
  }

  /** One measured number of every trial, in order. */
  public double[] each(String key) {
    return records.stream().mapToDouble(record -> record.number(key)).toArray();
  }

  /** A number of all trials of one seed, for each seed. */
  public double[] bySeed(ToDoubleFunction<Outcome> value) {
    return seeds.stream().mapToDouble(seed -> value.applyAsDouble(where("seed", seed))).toArray();
  }

  /** The first trial. */
  public TrialRecord first() {
    return records.getFirst();
  }

  /** Whether no trial came to its end. */
  public boolean isEmpty() {
    return records.isEmpty();
  }

  /**
   * What the trials of {@code one} have more than those of {@code other}, seed by seed, over the
   * seeds that both have, so that a seed's luck cancels.
   *
   * @param value a number of all trials of one seed
   */
  public static double[] differences(Outcome one, Outcome other, ToDoubleFunction<Outcome> value) {
    List<Double> differences = new ArrayList<>();
    for (long seed : one.seeds()) {
      Outcome mine = one.where("seed", seed);
      Outcome theirs = other.where("seed", seed);
      if (!mine.isEmpty() && !theirs.isEmpty()) {
        differences.add(value.applyAsDouble(mine) - value.applyAsDouble(theirs));
      }
    }
    return differences.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
