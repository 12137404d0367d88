package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.Matrices;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** What an initialization does to W_hh before any training (seed 001, section 8). */
final class InitCompare implements Experiment<InitCompare.Config> {
  private static final List<String> KINDS = List.of("normal", "xavier", "orthogonal", "identity");

  /**
   * The settings.
   *
   * @param hiddenSize rows and columns of W_hh
   * @param steps how often the gradient is multiplied by it
   * @param deviation standard deviation of the seed's small normal
   */
  record Config(int hiddenSize, int steps, double deviation) {
    Config {
      Configs.require(hiddenSize >= 2, "hidden_size must be at least 2.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(deviation > 0, "deviation must be positive.");
    }
  }

  @Override
  public String name() {
    return "init-compare";
  }

  @Override
  public String summary() {
    return "what does an initialization do to W_hh?";
  }

  @Override
  public Config defaults() {
    return new Config(100, 50, .01);
  }

  @Override
  public Config quick() {
    return defaults();
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return KINDS.stream().map(kind -> Trial.of(seed).with("init", kind)).toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int n = config.hiddenSize();
    SplittableRandom random = context.random("W_hh");
    RealMatrix w =
        switch (trial.text("init")) {
          case "normal" -> Matrices.gaussian(n, config.deviation(), random);
          case "xavier" -> Matrices.gaussian(n, StrictMath.sqrt(1.0 / n), random);
          case "orthogonal" -> Matrices.orthogonal(n, random);
          case "identity" -> Matrices.identity(n);
          default -> throw new IllegalArgumentException(trial.label());
        };
    ObjectNode figures = Json.COMPACT.createObjectNode();
    figures.put("max_singular_value", Matrices.largestSingularValue(w));
    figures.put("spectral_radius", Matrices.spectralRadius(w));
    figures.set(
        "log10_norms", Json.COMPACT.valueToTree(Matrices.log10NormsOfPowers(w, config.steps())));
    return figures;
  }

  private static @Nullable Band band(String init, String figure) {
    return switch (init + " " + figure) {
      case "normal max_singular_value" -> Band.around(.196, .003);
      case "xavier max_singular_value" -> Band.around(1.963, .039);
      case "orthogonal max_singular_value", "identity max_singular_value" -> Band.around(1, 1e-9);
      case "normal log10_norm_at_end" -> Band.around(-48.5, .7);
      case "xavier log10_norm_at_end" -> Band.around(1.57, .76);
      // The norm of the 100 x 100 identity itself is 10.
      case "orthogonal log10_norm_at_end", "identity log10_norm_at_end" -> Band.around(1, 1e-9);
      default -> null;
    };
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    int steps = outcome.config().steps();
    double[] x = IntStream.rangeClosed(0, steps).asDoubleStream().toArray();
    XYChart lines =
        Charts.xy(
            "Norm of (W_hh transposed)^k at initialization", "steps back k", "log10 of the norm");
    CategoryChart bars = Charts.bars("W_hh at initialization", "initialization", "size (no unit)");
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> measured = new ArrayList<>();
    double[] singular = new double[KINDS.size()];
    double[] singularError = new double[KINDS.size()];
    double[] radius = new double[KINDS.size()];
    double[] radiusError = new double[KINDS.size()];
    for (int i = 0; i < KINDS.size(); i++) {
      String init = KINDS.get(i);
      Outcome<Config> some = outcome.where("init", init);
      List<double[]> norms =
          some.records().stream().map(record -> record.numbers("log10_norms")).toList();
      Map<String, Object> where = Map.of("init", init);
      Figure max =
          Figure.of("max_singular_value", where, "", some.each("max_singular_value"))
              .withBand(band(init, "max_singular_value"));
      Figure rho = Figure.of("spectral_radius", where, "", some.each("spectral_radius"));
      Figure end =
          Figure.of(
                  "log10_norm_at_end",
                  where,
                  "",
                  norms.stream().mapToDouble(run -> run[steps]).toArray())
              .withBand(band(init, "log10_norm_at_end"));
      figures.addAll(List.of(max, rho, end));
      rows.add(List.of(init, max.text(3), rho.text(3), end.text(2)));
      measured.add(init + " " + Numbers.plain(end.mean()));
      singular[i] = max.mean();
      singularError[i] = half(max);
      radius[i] = rho.mean();
      radiusError[i] = half(rho);
      Charts.meanWithBand(lines, init, Ink.of(i), x, norms, false);
    }
    Charts.bar(bars, "largest singular value", Ink.BLUE, KINDS, singular, singularError);
    Charts.bar(bars, "spectral radius", Ink.ORANGE, KINDS, radius, radiusError);
    return new Conclusion(
        new Result.Story(
            "What does an initialization do to W_hh?",
            "W_hh of "
                + outcome.config().hiddenSize()
                + " x "
                + outcome.config().hiddenSize()
                + ", drawn in four ways, multiplied with itself "
                + steps
                + " times as a gradient would be if every tanh were linear.",
            "Orthogonal initialization provides the most stable gradient flow.",
            "After "
                + steps
                + " steps the log10 of the norm is "
                + String.join(", ", measured)
                + ".",
            "What repeated multiplication does is decided by the spectral radius, not by the"
                + " largest singular value: Xavier's matrix has a largest singular value near 2 but"
                + " a spectral radius near 1, so that its norm hardly grows. Orthogonal and"
                + " identity keep the norm exactly, and so does their gradient as long as no tanh"
                + " saturates."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "W_hh at initialization",
                List.of(
                    "initialization",
                    "largest singular value",
                    "spectral radius",
                    "log10 norm after " + steps + " steps"),
                rows)),
        List.of(
            new Chart("singular-values", "Largest singular value and spectral radius.", bars),
            new Chart(
                "norms",
                "How the norm of the product goes with the steps; orthogonal and identity lie on"
                    + " each other.",
                lines)));
  }

  private static double half(Figure figure) {
    Double low = figure.low();
    return low == null ? 0 : figure.mean() - low;
  }
}
