package dev.unroll.experiments.harness;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/** The settings of a run, each with its value, in the order they are shown. */
public final class Settings {
  private record Rule(String sentence, Predicate<Settings> holds) {}

  private final Map<Setting<?>, Object> values;
  private final List<Rule> rules;

  /** No settings yet. */
  public Settings() {
    this(Map.of(), List.of());
  }

  private Settings(Map<Setting<?>, Object> values, List<Rule> rules) {
    this.values = values;
    this.rules = rules;
  }

  /** These settings with one more, or with another value for one of them. */
  public <T> Settings with(Setting<T> setting, T value) {
    Map<Setting<?>, Object> more = new LinkedHashMap<>(values);
    more.put(setting, value);
    return new Settings(more, rules);
  }

  /** As {@link #with(Setting, Object)}, for a list. */
  @SafeVarargs
  @SuppressWarnings("varargs") // copied at once
  public final <E> Settings with(Setting<List<E>> setting, E... elements) {
    return with(setting, List.of(elements));
  }

  /**
   * These settings under one more condition that joins several of them.
   *
   * @param sentence what is expected, such as {@code window must be from 1 to steps.}
   */
  public Settings require(String sentence, Predicate<Settings> holds) {
    List<Rule> more = new ArrayList<>(rules);
    more.add(new Rule(sentence, holds));
    return new Settings(values, more);
  }

  /** The value of a setting. */
  @SuppressWarnings("unchecked") // with() puts nothing else there
  public <T> T get(Setting<T> setting) {
    return (T) Objects.requireNonNull(values.get(setting), () -> "There is no setting " + setting);
  }

  /** Whether there is such a setting. */
  public boolean has(Setting<?> setting) {
    return values.containsKey(setting);
  }

  /** The settings by name, written out, as config.json has them. */
  public ObjectNode json() {
    ObjectNode json = Json.COMPACT.createObjectNode();
    values.forEach(
        (setting, value) -> {
          if (setting.isSaid(value)) {
            json.set(setting.name(), Setting.json(value));
          }
        });
    return json;
  }

  /** Every value by the name of its setting. */
  Map<String, Object> byName() {
    Map<String, Object> named = new LinkedHashMap<>();
    values.forEach((setting, value) -> named.put(setting.name(), value));
    return named;
  }

  /**
   * These settings with values that a user gave laid over them, all of them checked.
   *
   * @param owner whose settings they are, for the messages
   * @param given values by the names of the settings; lists with commas between
   * @throws InputException on an unknown name, or a value that does not fit or is not allowed
   */
  public Settings override(String owner, Map<String, String> given) {
    Settings changed = this;
    for (Map.Entry<String, String> one : given.entrySet()) {
      Setting<?> setting =
          values.keySet().stream()
              .filter(known -> known.name().equals(one.getKey()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new InputException(
                          "%s has no setting '%s'%s"
                              .formatted(
                                  owner, one.getKey(), Nearest.hint(one.getKey(), names()))));
      changed = changed.parsed(owner, setting, one.getValue());
    }
    changed.check(owner);
    return changed;
  }

  private <T> Settings parsed(String owner, Setting<T> setting, String text) {
    return with(setting, setting.parse(owner, text));
  }

  private void check(String owner) {
    values.keySet().forEach(setting -> check(owner, setting));
    for (Rule rule : rules) {
      if (!rule.holds.test(this)) {
        throw new InputException(owner + ": " + rule.sentence);
      }
    }
  }

  private <T> void check(String owner, Setting<T> setting) {
    setting.check(owner, get(setting));
  }

  private List<String> names() {
    return values.keySet().stream().map(Setting::name).toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Settings settings && settings.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return json().toString();
  }
}
