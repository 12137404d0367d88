package dev.unroll.experiments.harness;

import dev.unroll.report.run.Json;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one trial measured: numbers, texts and lists of them by name, in the order they were put.
 */
public final class Measured {
  private final ObjectNode figures = Json.COMPACT.createObjectNode();

  /** Adds a number. */
  public Measured put(String name, double value) {
    figures.put(name, value);
    return this;
  }

  /** Adds a whole number. */
  public Measured put(String name, long value) {
    figures.put(name, value);
    return this;
  }

  /** Adds a text. */
  public Measured put(String name, String value) {
    figures.put(name, value);
    return this;
  }

  /** Adds a list of numbers. */
  public Measured put(String name, double[] values) {
    figures.set(name, Json.COMPACT.valueToTree(values));
    return this;
  }

  /** Adds a list of numbers or texts. */
  public Measured put(String name, List<?> values) {
    figures.set(name, Json.COMPACT.valueToTree(values));
    return this;
  }

  ObjectNode json() {
    return figures;
  }
}
