package dev.unroll.experiments.notebook;

import dev.unroll.experiments.harness.Experiment;
import java.util.List;

/** The experiments of the notebooks, in the order they are listed. */
public final class Notebooks {
  /** All of them. */
  public static final List<Experiment> ALL =
      List.of(
          Exact.EXPERIMENT,
          CopyFirst.EXPERIMENT,
          InitCompare.EXPERIMENT,
          InitTraining.EXPERIMENT,
          Tips.EXPERIMENT,
          GradientFlow.EXPERIMENT,
          MinCharRnn.EXPERIMENT,
          CharLmNumpy.EXPERIMENT,
          CharLmTorch.EXPERIMENT,
          CharLm.EXPERIMENT,
          Memorisation.EXPERIMENT,
          MeanReduction.EXPERIMENT,
          Sine.EXPERIMENT,
          DeepVanishing.EXPERIMENT,
          GradientThroughTime.EXPERIMENT,
          Embeddings.EXPERIMENT,
          SerialTime.EXPERIMENT,
          Tbptt.EXPERIMENT,
          Labeling.EXPERIMENT,
          Names.EXPERIMENT,
          Music.EXPERIMENT,
          OneToMany.EXPERIMENT,
          Sentiment.EXPERIMENT,
          Seq2Seq.EXPERIMENT,
          Diagnostics.EXPERIMENT,
          RoundedWeights.EXPERIMENT);

  private Notebooks() {}
}
