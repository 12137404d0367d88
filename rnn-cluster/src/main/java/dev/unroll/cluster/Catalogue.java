package dev.unroll.cluster;

import dev.unroll.experiments.Experiments;
import dev.unroll.experiments.harness.Experiment;
import java.util.stream.Stream;

/** The experiments that an executor knows by name. */
final class Catalogue {
  private Catalogue() {}

  /** The experiment of this name: one of those that can be run, or one of this package's. */
  static Experiment experiment(String name) {
    return Stream.of(Drill.EXPERIMENT, Scaling.EXPERIMENT)
        .filter(own -> own.name().equals(name))
        .findFirst()
        .orElseGet(() -> Experiments.named(name));
  }
}
