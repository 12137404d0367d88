package dev.unroll.experiments.harness;

import dev.unroll.report.run.Json;
import tools.jackson.databind.node.ObjectNode;

/** An experiment whose name, question and settings are known from the start. */
public abstract class Study<C extends Record> implements Experiment<C> {
  private final String name;
  private final String summary;
  private final int seeds;
  private final C defaults;
  private final C quick;

  /** An experiment of that name, question, usual number of seeds, and full and quick settings. */
  protected Study(String name, String summary, int seeds, C defaults, C quick) {
    this.name = name;
    this.summary = summary;
    this.seeds = seeds;
    this.defaults = defaults;
    this.quick = quick;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String summary() {
    return summary;
  }

  @Override
  public final int defaultSeeds() {
    return seeds;
  }

  @Override
  public final C defaults() {
    return defaults;
  }

  @Override
  public final C quick() {
    return quick;
  }

  /** An empty set of figures for one trial. */
  protected static ObjectNode figures() {
    return Json.COMPACT.createObjectNode();
  }

  /** Adds a list of numbers. */
  protected static void put(ObjectNode figures, String name, double... values) {
    figures.set(name, Json.COMPACT.valueToTree(values));
  }
}
