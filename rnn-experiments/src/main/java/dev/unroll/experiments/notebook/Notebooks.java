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
          Memorisation.EXPERIMENT,
          MeanReduction.EXPERIMENT,
          Sine.EXPERIMENT,
          DeepVanishing.EXPERIMENT,
          GradientThroughTime.EXPERIMENT,
          Embeddings.EXPERIMENT,
          SerialTime.EXPERIMENT,
          Names.EXPERIMENT,
          Diagnostics.EXPERIMENT);

  private Notebooks() {}
}
