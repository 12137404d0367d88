package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.report.run.InputException;
import java.util.List;

/** The registry: every experiment there is, one line each. */
public final class Experiments {
  private static final List<Experiment<?>> ALL =
      List.of(
          new Exact(),
          new CopyFirst(),
          new InitCompare(),
          new GradientFlow(),
          new MinCharRnn(),
          new CharLmNumpy(),
          new CharLmTorch(),
          new CharLm(),
          new Memorisation(),
          new MeanReduction(),
          new Sine(),
          new DeepVanishing(),
          new GradientThroughTime(),
          new Embeddings(),
          new SerialTime(),
          new Tbptt(),
          new Labeling(),
          new Names(),
          new Music(),
          new Sentiment(),
          new Seq2Seq(),
          new Diagnostics(),
          new Horizon(),
          new GainPhase(),
          new ChronoLaw(),
          new Adding(),
          new CopyMemory(),
          new Parity(),
          new MinDepth(),
          new LyapunovAxis());

  private Experiments() {}

  /** Every experiment, in the order of the report. */
  public static List<Experiment<?>> all() {
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
  public static Experiment<?> named(String name) {
    return ALL.stream()
        .filter(experiment -> experiment.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "There is no experiment '"
                        + name
                        + "'; there are "
                        + String.join(", ", names())
                        + "."));
  }
}
