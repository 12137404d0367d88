package dev.unroll.experiments.harness;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * What varies between the trials of an experiment.
 *
 * @param key its name in a trial, as metrics.jsonl has it
 * @param name its name in figures, such as {@code T}
 * @param head its name above a column of a table
 * @param values its values under given settings
 * @param label a value as charts and tables show it
 */
public record Axis(
    String key,
    String name,
    String head,
    Function<Settings, ? extends List<?>> values,
    Function<Object, String> label) {

  /** An axis that is called the same everywhere and whose values speak for themselves. */
  public static Axis of(String key, Function<Settings, ? extends List<?>> values) {
    return new Axis(key, key, key, values, String::valueOf);
  }

  /** An axis over the values of a setting. */
  public static Axis of(String key, Setting<? extends List<?>> setting) {
    return of(key, settings -> settings.get(setting));
  }

  /** An axis of whole numbers: {@code first} and each {@code by} more, up to {@code last}. */
  public static Axis range(String key, int first, ToIntFunction<Settings> last, int by) {
    return of(
        key,
        settings ->
            IntStream.iterate(first, i -> i <= last.applyAsInt(settings), i -> i + by)
                .boxed()
                .toList());
  }

  /** This axis under another name in figures and tables. */
  public Axis named(String newName) {
    return new Axis(key, newName, newName, values, label);
  }

  /** This axis with another name above its column. */
  public Axis headed(String newHead) {
    return new Axis(key, name, newHead, values, label);
  }

  /** This axis with labels for its values. */
  public Axis labelled(Function<String, String> newLabel) {
    return new Axis(key, name, head, values, value -> newLabel.apply(String.valueOf(value)));
  }
}
