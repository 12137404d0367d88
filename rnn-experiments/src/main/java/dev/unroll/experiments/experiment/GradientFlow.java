package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Matrices;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** The vanishing, exploding and orthogonal products of seed 001, section 4. */
final class GradientFlow implements Experiment<GradientFlow.Config> {
  private static final List<String> CASES = List.of("vanishing", "exploding", "orthogonal");

  /** Points of one case in the chart; more would only hide each other. */
  private static final int DRAWN = 200;

  /**
   * The settings.
   *
   * @param hiddenSize rows and columns of W_hh
   * @param steps how often the gradient is multiplied by it
   * @param draws matrices drawn for each seed and case
   */
  record Config(int hiddenSize, int steps, int draws) {
    Config {
      Configs.require(hiddenSize >= 2, "hidden_size must be at least 2.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(draws >= 1, "draws must be at least 1.");
    }
  }

  @Override
  public String name() {
    return "gradient-flow";
  }

  @Override
  public String summary() {
    return "does a largest singular value above 1 make gradients explode?";
  }

  @Override
  public Config defaults() {
    return new Config(10, 50, 500);
  }

  @Override
  public Config quick() {
    return new Config(10, 50, 50);
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return CASES.stream().map(name -> Trial.of(seed).with("case", name)).toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    SplittableRandom random = context.random(trial.text("case"));
    double[] radius = new double[config.draws()];
    double[] end = new double[config.draws()];
    for (int i = 0; i < config.draws(); i++) {
      RealMatrix w = draw(trial.text("case"), config.hiddenSize(), random);
      double[] norms = Matrices.log10NormsOfPowers(w, config.steps());
      radius[i] = round(Matrices.spectralRadius(w));
      end[i] = round(norms[config.steps()] - norms[0]);
      context.progress((i + 1.0) / config.draws());
    }
    ObjectNode figures = Json.COMPACT.createObjectNode();
    figures.put("shrinks", fraction(end));
    figures.put("mean_spectral_radius", Arrays.stream(radius).average().orElseThrow());
    figures.set("spectral_radius", Json.COMPACT.valueToTree(radius));
    figures.set("log10_growth", Json.COMPACT.valueToTree(end));
    return figures;
  }

  /** Five digits are more than a chart shows, and keep the file small. */
  private static double round(double value) {
    return StrictMath.rint(value * 1e5) / 1e5;
  }

  /** The fraction of draws whose product is smaller at the end than at the start. */
  private static double fraction(double[] growth) {
    // An orthogonal product keeps its norm up to rounding, which is no shrinking.
    return Arrays.stream(growth).filter(value -> value < -1e-4).count() / (double) growth.length;
  }

  /** The seed's three matrices. */
  private static RealMatrix draw(String name, int n, SplittableRandom random) {
    if (name.equals("orthogonal")) {
      return Matrices.orthogonal(n, random);
    }
    RealMatrix w = Matrices.gaussian(n, 1, random);
    double target = name.equals("vanishing") ? 1 / 1.2 : 1 / .8;
    return w.scalarMultiply(target / Matrices.largestSingularValue(w));
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    XYChart chart =
        Charts.xy(
            "Growth over " + outcome.config().steps() + " steps against spectral radius",
            "spectral radius of W_hh",
            "log10 of the growth");
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < CASES.size(); i++) {
      String name = CASES.get(i);
      Outcome<Config> some = outcome.where("case", name);
      Map<String, Object> where = Map.of("case", name);
      Figure shrinks = Figure.of("shrinks", where, "fraction of draws", some.each("shrinks"));
      Figure radius =
          Figure.of("mean_spectral_radius", where, "", some.each("mean_spectral_radius"));
      if (name.equals("exploding")) {
        shrinks = shrinks.withClaim(0).withBand(Band.atLeast(.95));
        radius = radius.withBand(Band.near(.73, .02));
      } else if (name.equals("vanishing")) {
        shrinks = shrinks.withClaim(1).withBand(Band.atLeast(1));
      } else {
        shrinks = shrinks.withClaim(0).withBand(Band.atMost(0));
        radius = radius.withBand(Band.around(1, 1e-9));
      }
      figures.addAll(List.of(shrinks, radius));
      rows.add(
          List.of(
              name,
              name.equals("vanishing") ? "0.833" : name.equals("exploding") ? "1.25" : "1",
              radius.text(3),
              shrinks.text(3)));
      TrialRecord first = some.first();
      Charts.scatter(
          chart,
          name,
          Ink.of(i),
          Arrays.stream(first.numbers("spectral_radius")).limit(DRAWN).toArray(),
          Arrays.stream(first.numbers("log10_growth")).limit(DRAWN).toArray());
    }
    double[] line = IntStream.rangeClosed(0, 100).mapToDouble(i -> .35 + .0075 * i).toArray();
    Charts.curve(
        chart,
        "radius to the power of " + outcome.config().steps(),
        Ink.REFERENCE,
        line,
        Arrays.stream(line)
            .map(radius -> outcome.config().steps() * StrictMath.log10(radius))
            .toArray());
    return new Conclusion(
        new Result.Story(
            "Does a largest singular value above 1 make gradients explode?",
            "W_hh of 10 x 10, scaled as the seed scales it to a largest singular value of 1/1.2"
                + " (vanishing) and 1/0.8 (exploding), or orthogonal; "
                + outcome.config().draws()
                + " draws for each seed; the product over "
                + outcome.config().steps()
                + " steps with every tanh taken as linear.",
            "A norm of W_hh above 1 makes the product grow exponentially: exploding gradients.",
            Numbers.format(
                "The matrix called exploding shrinks in %.1f %% of the draws.",
                100 * figures.get(2).mean()),
            "The largest singular value bounds what one step can do; what many steps do is decided"
                + " by the spectral radius. For a Gaussian matrix the radius is about half the"
                + " largest singular value (near 0.73 where the singular value is 1.25), so that"
                + " the product vanishes. A norm above 1 is needed for gradients to explode, but"
                + " not enough. The .73 is a rough word: a great many draws settle at .749, in"
                + " numpy as here; the band stays as it was set before the run."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Products over " + outcome.config().steps() + " steps",
                List.of(
                    "matrix",
                    "largest singular value",
                    "mean spectral radius",
                    "fraction that shrinks"),
                rows)),
        List.of(
            new Chart(
                "growth",
                "Each point is one matrix of the first seed: the spectral radius decides, in all"
                    + " three cases.",
                chart)));
  }
}
