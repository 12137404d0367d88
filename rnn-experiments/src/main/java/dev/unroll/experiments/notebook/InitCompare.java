package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Matrices;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.RealMatrix;

/** What an initialization does to W_hh before any training (notebook 001, section 8). */
final class InitCompare {
  private static final Setting<Double> DEVIATION = Setting.positive("deviation");

  static final Experiment EXPERIMENT =
      Experiment.of("init-compare", InitCompare::trial)
          .settings(
              new Settings()
                  .with(HIDDEN_SIZE.require(n -> n >= 2, "must be at least 2."), 100)
                  .with(STEPS, 50)
                  .with(DEVIATION, .01))
          .over(
              Axis.of("init", all -> List.of("normal", "xavier", "orthogonal", "identity"))
                  .labelled(init -> init.equals("xavier") ? "Xavier" : init)
                  .headed("initialization"))
          .measure(Measure.of("max_singular_value").digits(3).labelled("largest singular value"))
          .measure(Measure.of("spectral_radius").digits(3))
          .measure(Measure.last("log10_norm_at_end", "log10_norms"))
          .measure(
              Measure.of("log10_norms").along(Axis.range("k", 0, all -> all.get(STEPS), 1)).drawn())
          .table(
              Table.of("W_hh at initialization")
                  .rows("init")
                  .column("largest singular value", "max_singular_value")
                  .column("spectral radius", "spectral_radius")
                  .column("log10 norm after ${steps} steps", "log10_norm_at_end"))
          .plot(
              Plot.bars("singular-values", "max_singular_value", "init")
                  .beside("spectral_radius")
                  .title("W_hh at initialization")
                  .axes("initialization", "size (no unit)")
                  .caption("Largest singular value and spectral radius."))
          .plot(
              Plot.lines("norms", "log10_norms", "k")
                  .by("init")
                  .curves()
                  .title("Norm of (W_hh transposed)^k at initialization")
                  .axes("steps back k", "log10 of the norm")
                  .caption(
                      "How the norm of the product goes with the steps; orthogonal and identity"
                          + " lie on each other."));

  private InitCompare() {}

  private static Measured trial(TrialContext trial) {
    int n = trial.get(HIDDEN_SIZE);
    SplittableRandom random = trial.random("W_hh");
    RealMatrix w =
        switch (trial.text("init")) {
          case "normal" -> Matrices.gaussian(n, trial.get(DEVIATION), random);
          case "xavier" -> Matrices.gaussian(n, StrictMath.sqrt(1.0 / n), random);
          case "orthogonal" -> Matrices.orthogonal(n, random);
          default -> Matrices.identity(n);
        };
    return new Measured()
        .put("max_singular_value", Matrices.largestSingularValue(w))
        .put("spectral_radius", Matrices.spectralRadius(w))
        .put("log10_norms", Matrices.log10NormsOfPowers(w, trial.get(STEPS)));
  }
}
