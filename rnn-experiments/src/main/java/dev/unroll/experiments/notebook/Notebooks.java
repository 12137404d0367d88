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
          GradientFlow.EXPERIMENT,
          MinCharRnn.EXPERIMENT,
          CharLmNumpy.EXPERIMENT,
          CharLmTorch.EXPERIMENT,
          CharLm.EXPERIMENT,
          Sine.EXPERIMENT,
          Tbptt.EXPERIMENT,
          Labeling.EXPERIMENT,
          Names.EXPERIMENT,
          Music.EXPERIMENT,
          Sentiment.EXPERIMENT,
          Seq2Seq.EXPERIMENT);

  private Notebooks() {}
}
