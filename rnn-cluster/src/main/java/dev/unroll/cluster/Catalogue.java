package dev.unroll.cluster;

import dev.unroll.experiments.Experiments;
import dev.unroll.experiments.harness.Experiment;

/** The experiments that an executor knows by name. */
final class Catalogue {
  private Catalogue() {}

  /** The experiment of this name: one of those that can be run, or {@link Drill}. */
  static Experiment experiment(String name) {
    return name.equals(Drill.EXPERIMENT.name()) ? Drill.EXPERIMENT : Experiments.named(name);
  }
}
