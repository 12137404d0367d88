package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Matrices;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.StatUtils;
import org.knowm.xchart.XYChart;

/** The vanishing, exploding and orthogonal products of notebook 001, section 4. */
final class GradientFlow {
  /** Points of one case in the chart; more would only hide each other. */
  private static final int DRAWN = 200;

  private static final Setting<Integer> DRAWS = Setting.count("draws", 1);

  static final Experiment EXPERIMENT =
      Experiment.of("gradient-flow", GradientFlow::trial)
          .settings(
              new Settings()
                  .with(HIDDEN_SIZE.require(n -> n >= 2, "must be at least 2."), 10)
                  .with(STEPS, 50)
                  .with(DRAWS, 500))
          .quick(full -> full.with(DRAWS, 50))
          .over(
              Axis.of("case", all -> List.of("vanishing", "exploding", "orthogonal"))
                  .headed("matrix"))
          .measure(Measure.of("shrinks").unit("fraction of draws").digits(3))
          .measure(Measure.of("mean_spectral_radius").digits(3))
          .measure(
              Measure.of(
                      "median_spectral_radius",
                      record -> StatUtils.percentile(record.numbers("spectral_radius"), 50))
                  .digits(3))
          .measure(panel("norm_low", "5 % of the draws below"))
          .measure(panel("norm_median", "median"))
          .measure(panel("norm_high", "5 % of the draws above"))
          .table(
              Table.of("Products over ${steps} steps")
                  .rows("case")
                  .column(
                      "largest singular value",
                      row -> Numbers.plain(largest(String.valueOf(row.place().get("case")))))
                  .column("mean spectral radius", "mean_spectral_radius")
                  .column("median", "median_spectral_radius")
                  .column("fraction that shrinks", "shrinks"))
          .plot(
              Plot.lines("norms", "norm_median", "k")
                  .beside("norm_low")
                  .beside("norm_high")
                  .per("case")
                  .curves()
                  .title("Norm of the product, W_hh called ${case}")
                  .axes("steps back k", "log10 of the norm")
                  .caption(
                      "Quantiles of ${draws} draws, mean over the seeds with 95 % bands; W_hh"
                          + " called ${case}."))
          .plot(
              Plot.of("growth", GradientFlow::growth)
                  .caption(
                      "Each point is one matrix of the first seed: the spectral radius decides, in"
                          + " all three cases."));

  private GradientFlow() {}

  private static Measured trial(TrialContext trial) {
    SplittableRandom random = trial.random(trial.text("case"));
    int draws = trial.get(DRAWS);
    int steps = trial.get(STEPS);
    double[] radius = new double[draws];
    double[] growth = new double[draws];
    double[][] byStep = new double[steps + 1][draws];
    for (int i = 0; i < draws; i++) {
      RealMatrix w = draw(trial.text("case"), trial.get(HIDDEN_SIZE), random);
      double[] norms = Matrices.log10NormsOfPowers(w, steps);
      radius[i] = round(Matrices.spectralRadius(w));
      growth[i] = round(norms[steps] - norms[0]);
      for (int k = 0; k <= steps; k++) {
        byStep[k][i] = norms[k];
      }
      trial.progress((i + 1.0) / draws);
    }
    // An orthogonal product keeps its norm up to rounding, which is no shrinking.
    long shrinking = Arrays.stream(growth).filter(value -> value < -1e-4).count();
    return new Measured()
        .put("shrinks", shrinking / (double) draws)
        .put("mean_spectral_radius", Arrays.stream(radius).average().orElseThrow())
        .put("spectral_radius", radius)
        .put("log10_growth", growth)
        .put("norm_low", quantile(byStep, 5))
        .put("norm_median", quantile(byStep, 50))
        .put("norm_high", quantile(byStep, 95));
  }

  private static Measure panel(String name, String label) {
    return Measure.of(name)
        .along(Axis.range("k", 0, all -> all.get(STEPS), 1))
        .labelled(label)
        .drawn();
  }

  private static double[] quantile(double[][] byStep, double percent) {
    return Arrays.stream(byStep)
        .mapToDouble(draws -> round(StatUtils.percentile(draws, percent)))
        .toArray();
  }

  /** Five digits are more than a chart shows, and keep the file small. */
  private static double round(double value) {
    return StrictMath.rint(value * 1e5) / 1e5;
  }

  /** The notebook's three matrices. */
  private static RealMatrix draw(String name, int n, SplittableRandom random) {
    if (name.equals("orthogonal")) {
      return Matrices.orthogonal(n, random);
    }
    RealMatrix w = Matrices.gaussian(n, 1, random);
    return w.scalarMultiply(largest(name) / Matrices.largestSingularValue(w));
  }

  /** The largest singular value that a matrix is scaled to. */
  private static double largest(String name) {
    return switch (name) {
      case "vanishing" -> 1 / 1.2;
      case "exploding" -> 1 / .8;
      default -> 1;
    };
  }

  private static XYChart growth(Outcome outcome) {
    int steps = outcome.get(STEPS);
    XYChart chart =
        Charts.xy(
            "Growth over " + steps + " steps against spectral radius",
            "spectral radius of W_hh",
            "log10 of the growth");
    int ink = 0;
    for (Object name : outcome.along("case")) {
      TrialRecord first = outcome.where("case", name).first();
      Charts.scatter(
          chart,
          String.valueOf(name),
          Ink.of(ink++),
          Arrays.stream(first.numbers("spectral_radius")).limit(DRAWN).toArray(),
          Arrays.stream(first.numbers("log10_growth")).limit(DRAWN).toArray());
    }
    double[] line = IntStream.rangeClosed(0, 100).mapToDouble(i -> .35 + .0075 * i).toArray();
    Charts.curve(
        chart,
        "radius to the power of " + steps,
        Ink.REFERENCE,
        line,
        Arrays.stream(line).map(radius -> steps * StrictMath.log10(radius)).toArray());
    return chart;
  }
}
