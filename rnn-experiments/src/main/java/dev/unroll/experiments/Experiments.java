package dev.unroll.experiments;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.notebook.Notebooks;
import dev.unroll.experiments.paper.Papers;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Nearest;
import java.util.List;
import java.util.stream.Stream;

/** Every experiment by its name. */
public final class Experiments {
  private static final List<Experiment> ALL =
      Stream.concat(Notebooks.ALL.stream(), Papers.ALL.stream()).toList();

  private Experiments() {}

  /** All of them, those of the notebooks first. */
  public static List<Experiment> all() {
    return ALL;
  }

  /** Their names. */
  public static List<String> names() {
    return ALL.stream().map(Experiment::name).toList();
  }

  /**
   * The experiment of this name.
   *
   * @throws InputException when there is none
   */
  public static Experiment named(String name) {
    return ALL.stream()
        .filter(experiment -> experiment.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "There is no experiment '%s'%s".formatted(name, Nearest.hint(name, names()))));
  }
}
