package dev.unroll.experiments.paper;

import dev.unroll.experiments.harness.Experiment;
import java.util.List;

/** The experiments on papers, in the order they are listed. */
public final class Papers {
  /** All of them. */
  public static final List<Experiment> ALL =
      List.of(
          Horizon.EXPERIMENT,
          GainPhase.EXPERIMENT,
          ChronoLaw.EXPERIMENT,
          Adding.EXPERIMENT,
          CopyMemory.EXPERIMENT,
          Parity.EXPERIMENT,
          WordProblems.EXPERIMENT,
          FormalLanguages.EXPERIMENT,
          Recall.EXPERIMENT,
          Memory.EXPERIMENT,
          MinDepth.EXPERIMENT,
          Language.EXPERIMENT,
          Lyapunov.EXPERIMENT,
          LearnedDynamics.EXPERIMENT,
          CellDynamics.EXPERIMENT);

  private Papers() {}
}
