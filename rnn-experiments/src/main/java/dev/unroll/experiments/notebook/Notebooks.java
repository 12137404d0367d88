package dev.unroll.experiments.notebook;

import dev.unroll.experiments.harness.Experiment;
import java.util.List;

/** The experiments of the notebooks, in the order they are listed. */
public final class Notebooks {
  /** All of them. */
  public static final List<Experiment> ALL =
      List.of(
          CopyFirst.EXPERIMENT,
          InitCompare.EXPERIMENT,
          GradientFlow.EXPERIMENT,
          MeanReduction.EXPERIMENT,
          Sine.EXPERIMENT,
          GradientThroughTime.EXPERIMENT,
          Names.EXPERIMENT);

  private Notebooks() {}
}
