package dev.unroll.experiments.result;

import dev.unroll.report.run.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * One unit of a sweep: it is run whole or not at all.
 *
 * @param variant what varies between trials, in order, such as cell and length; values are texts,
 *     whole numbers or doubles
 * @param seed the seed of everything random in the trial
 * @param work how long it takes compared with the others, for the time left; any positive unit
 */
public record Trial(Map<String, Object> variant, long seed, double work) {
  /** Copies the map, keeping its order. */
  public Trial {
    variant = Collections.unmodifiableMap(new LinkedHashMap<>(variant));
  }

  /** A trial with nothing but a seed. */
  public static Trial of(long seed) {
    return new Trial(Map.of(), seed, 1);
  }

  /** This trial with one more thing that varies. */
  public Trial with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(variant);
    more.put(name, value);
    return new Trial(more, seed, work);
  }

  /** This trial with another amount of work. */
  public Trial withWork(double newWork) {
    return new Trial(variant, seed, newWork);
  }

  /** The text under {@code name}. */
  public String text(String name) {
    return value(name).toString();
  }

  /** The whole number under {@code name}. */
  public int number(String name) {
    return ((Number) value(name)).intValue();
  }

  private Object value(String name) {
    Object value = variant.get(name);
    if (value == null) {
      throw new IllegalArgumentException("Trial " + label() + " has no " + name);
    }
    return value;
  }

  /** The trial as it stands in metrics.jsonl: what varies, then the seed. */
  public ObjectNode key() {
    ObjectNode key = Json.COMPACT.createObjectNode();
    variant.forEach((name, value) -> key.set(name, Json.COMPACT.valueToTree(value)));
    key.put("seed", seed);
    return key;
  }

  /** The trial for people, such as {@code cell=lstm length=20 seed=3}. */
  public String label() {
    String varying =
        variant.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
    return (varying + " seed=" + seed).strip();
  }
}
