package dev.unroll.experiments.harness;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something a user may set, by its name: what kind of value it takes and which values it allows.
 * Declared once and shared by every experiment that has it.
 *
 * <p>Two settings of one name are equal, so that an experiment may allow less ({@link #check}) and
 * still be read by whoever knows only the shared one.
 *
 * @param <T> Integer, Double, String, or a list of one of them
 */
public final class Setting<T> {
  private enum Kind {
    INTEGER("a whole number"),
    NUMBER("a number"),
    TEXT("a text without a NUL character");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private final String name;
  private final Kind kind;
  private final boolean list;
  private final List<Consumer<T>> checks;
  private final @Nullable T unsaid;

  private Setting(
      String name, Kind kind, boolean list, List<Consumer<T>> checks, @Nullable T unsaid) {
    this.name = name;
    this.kind = kind;
    this.list = list;
    this.checks = List.copyOf(checks);
    this.unsaid = unsaid;
  }

  /** A whole number of at least {@code least}. */
  public static Setting<Integer> count(String name, int least) {
    return new Setting<Integer>(name, Kind.INTEGER, false, List.of(), null)
        .require(value -> value >= least, "must be at least " + least + ".");
  }

  /** A whole number from {@code least} to {@code most}. */
  public static Setting<Integer> count(String name, int least, int most) {
    return new Setting<Integer>(name, Kind.INTEGER, false, List.of(), null)
        .require(
            value -> value >= least && value <= most, "must be " + least + " to " + most + ".");
  }

  private static <E> Setting<List<E>> list(String name, Kind kind) {
    return new Setting<List<E>>(name, kind, true, List.of(), null)
        .require(
            values -> values.stream().distinct().count() == values.size(),
            "must not have a value twice.");
  }

  /** Whole numbers of at least {@code least}, one or more, none twice. */
  public static Setting<List<Integer>> counts(String name, int least) {
    return Setting.<Integer>list(name, Kind.INTEGER)
        .require(
            values -> values.stream().allMatch(value -> value >= least),
            "must be at least " + least + ".");
  }

  /** A number above zero. */
  public static Setting<Double> positive(String name) {
    return new Setting<Double>(name, Kind.NUMBER, false, List.of(), null)
        .require(value -> value > 0, "must be positive.");
  }

  /** Any number. */
  public static Setting<Double> number(String name) {
    return new Setting<>(name, Kind.NUMBER, false, List.of(), null);
  }

  /** Any numbers, one or more, none twice. */
  public static Setting<List<Double>> numbers(String name) {
    return list(name, Kind.NUMBER);
  }

  /** Any text, also an empty one. */
  public static Setting<String> text(String name) {
    return new Setting<>(name, Kind.TEXT, false, List.of(), null);
  }

  /** Texts, one or more, none twice. */
  public static Setting<List<String>> texts(String name) {
    return list(name, Kind.TEXT);
  }

  /** As {@link #texts(String)}, out of those that there are. */
  public static Setting<List<String>> texts(String name, List<String> known) {
    return texts(name)
        .check(
            values ->
                values.stream()
                    .filter(value -> !known.contains(value))
                    .findFirst()
                    .ifPresent(
                        unknown -> {
                          throw new IllegalArgumentException(
                              "%s knows no '%s'; there are %s."
                                  .formatted(name, unknown, String.join(", ", known)));
                        }));
  }

  /**
   * This setting, allowing only what {@code allowed} says.
   *
   * @param rule ends the sentence that begins with the name, such as {@code must be even.}
   */
  public Setting<T> require(Predicate<T> allowed, String rule) {
    return check(
        value -> {
          if (!allowed.test(value)) {
            throw new IllegalArgumentException(name + " " + rule);
          }
        });
  }

  /** This setting, allowing only what {@code check} does not throw an exception for. */
  public Setting<T> check(Consumer<T> check) {
    List<Consumer<T>> more = new ArrayList<>(checks);
    more.add(check);
    return new Setting<>(name, kind, list, more, unsaid);
  }

  /**
   * This setting, left out of config.json while it has {@code value}: for a setting that an
   * experiment got after runs of it were published.
   */
  public Setting<T> unsaidAt(T value) {
    return new Setting<>(name, kind, list, checks, value);
  }

  /** Whether config.json has it at this value. */
  boolean isSaid(Object value) {
    return !value.equals(unsaid);
  }

  /** The name it is set by. */
  public String name() {
    return name;
  }

  void check(String owner, T value) {
    try {
      checks.forEach(check -> check.accept(value));
    } catch (IllegalArgumentException refused) {
      throw new InputException(owner + ": " + refused.getMessage());
    }
  }

  /** The value that {@code given} stands for, allowed or not. */
  @SuppressWarnings("unchecked") // what a kind makes is what its factory promised
  T parse(String owner, String given) {
    if (!list) {
      return (T) one(owner, given, given);
    }
    List<Object> values = new ArrayList<>();
    for (String item : List.of(given.split(",", -1))) {
      values.add(one(owner, given, item.strip()));
    }
    return (T) values;
  }

  private Object one(String owner, String given, String text) {
    try {
      return switch (kind) {
        case TEXT -> withoutNul(text);
        case INTEGER -> decimal(text).intValueExact();
        case NUMBER -> decimal(text).doubleValue();
      };
    } catch (ArithmeticException | NumberFormatException misfit) {
      throw new InputException(
          owner
              + ": "
              + name
              + "="
              + given
              + " does not fit, "
              + name
              + " takes "
              + kind.words
              + (list ? ", or several with commas between." : "."));
    }
  }

  /** No path of a file has one. */
  private static String withoutNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new NumberFormatException(text);
    }
    return text;
  }

  /** A number within the range of a double: of a larger one even the digits would fill memory. */
  private static BigDecimal decimal(String text) {
    BigDecimal number = new BigDecimal(text);
    if (number.precision() - (long) number.scale() > 400
        || number.scale() > 400
        || Double.isInfinite(number.doubleValue())) {
      throw new NumberFormatException(text);
    }
    return number;
  }

  /** The value as config.json has it. */
  static JsonNode json(Object value) {
    return Json.COMPACT.valueToTree(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Setting<?> setting && setting.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
