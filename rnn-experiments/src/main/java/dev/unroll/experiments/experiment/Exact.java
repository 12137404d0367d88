package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * The hand calculations of the seeds, computed by the library: the tiny RNN and bag of words of
 * seed 000, the exercises of seed 003, the positions and encoder input of seed 004.
 */
final class Exact implements Experiment<Exact.Config> {
  /**
   * The settings.
   *
   * @param numpySeed what seed 000 gives {@code numpy.random.seed}
   * @param noise how many noise vectors it puts before the sequence
   */
  record Config(int numpySeed, int noise) {
    Config {
      Configs.require(noise >= 1, "noise must be at least 1.");
    }
  }

  @Override
  public String name() {
    return "exact";
  }

  @Override
  public String summary() {
    return "do the seeds' hand calculations hold?";
  }

  @Override
  public Config defaults() {
    return new Config(42, 5);
  }

  @Override
  public Config quick() {
    return defaults();
  }

  @Override
  public int defaultSeeds() {
    return 1;
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return calculations(config).stream()
        .map(one -> Trial.of(seed).with("calculation", one.name()))
        .toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    HandCalculation calculation =
        calculations(config).stream()
            .filter(one -> one.name().equals(trial.text("calculation")))
            .findFirst()
            .orElseThrow();
    double[] printed = calculation.printed();
    double[] computed = calculation.computed().get();
    double error = 0;
    for (int i = 0; i < printed.length; i++) {
      error = Math.max(error, Math.abs(computed[i] - printed[i]));
    }
    ObjectNode figures = Json.COMPACT.createObjectNode();
    figures.put("max_abs_error", error);
    figures.put("tolerance", calculation.tolerance());
    figures.put("source", calculation.source());
    figures.set("printed", Json.COMPACT.valueToTree(printed));
    figures.set("computed", Json.COMPACT.valueToTree(computed));
    return figures;
  }

  private static List<HandCalculation> calculations(Config config) {
    return HandCalculation.all(config.numpySeed(), config.noise());
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (TrialRecord record : outcome.records()) {
      String name = record.trial().path("calculation").asString();
      figures.add(
          Figure.of(
                  "max_abs_error", Map.of("calculation", name), "", record.number("max_abs_error"))
              .withBand(Band.atMost(record.number("tolerance"))));
      rows.add(
          List.of(
              name,
              record.text("source"),
              digits(record.numbers("printed")),
              digits(record.numbers("computed")),
              Numbers.format("%.1e", record.number("max_abs_error")),
              Numbers.format("%.0e", record.number("tolerance"))));
    }
    double[] bare = outcome.where("calculation", "tiny RNN, step 3").first().numbers("computed");
    double[] before =
        outcome.where("calculation", "noise before the words").first().numbers("computed");
    double[] after =
        outcome.where("calculation", "noise after the words").first().numbers("computed");
    return new Conclusion(
        new Result.Story(
            "Do the seeds' hand calculations hold?",
            "Every number that can be checked by hand: the tiny RNN with the weights of"
                + " numpy.random.seed(42), bag of words, the ten exercises, positional encoding."
                + " The library computes each of them: its cells get the exercise's numbers as"
                + " weights, states or gates, its loss gets them as logits. It computes in single"
                + " precision, so a result may differ from the printed digits by 1e-7, and by 5e-7"
                + " after clipping, which divides by the norm + 1e-6 as PyTorch does.",
            "Noise put before the words shows that an early signal gets overwritten. Bag of words"
                + " gives both sentences the same vector.",
            Numbers.format(
                "%d of %d calculations agree with the printed digits. Noise before the words moves"
                    + " the last state by %.2f, noise after them by %.2f.",
                figures.stream().filter(figure -> Boolean.TRUE.equals(figure.inside())).count(),
                rows.size(),
                distance(bare, before),
                distance(bare, after)),
            "The seed prepends its noise, so that the words come last: it measures how much old"
                + " noise is left, not whether the words are forgotten. For its claim the noise has"
                + " to follow the words, and then the words' state is indeed gone. The seed's"
                + " expected vocabulary (dog 0, bites 1) is wrong too: CountVectorizer sorts, bites"
                + " is 0, as its own output shows. The tenth exercise is a list of diagnostics; the"
                + " experiment of that name does them."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Printed and computed",
                List.of("calculation", "seed", "printed", "computed", "largest error", "allowed"),
                rows)),
        List.of(
            new Chart(
                "tiny-rnn",
                "The last hidden state of the tiny RNN: noise after the words takes it away.",
                chart(bare, before, after))));
  }

  private static XYChart chart(double[] bare, double[] before, double[] after) {
    XYChart chart =
        Charts.xy("Last hidden state of the tiny RNN", "h[0] (no unit)", "h[1] (no unit)");
    chart.getStyler().setXAxisMin(-1.0).setXAxisMax(1.0).setYAxisMin(-1.0).setYAxisMax(1.0);
    chart.getStyler().setMarkerSize(18);
    Charts.scatter(chart, "words alone", Ink.BLUE, new double[] {bare[0]}, new double[] {bare[1]});
    Charts.scatter(
        chart,
        "noise before (as the seed does)",
        Ink.VERMILION,
        new double[] {before[0]},
        new double[] {before[1]});
    Charts.scatter(
        chart,
        "noise after (as its claim needs)",
        Ink.GREEN,
        new double[] {after[0]},
        new double[] {after[1]});
    return chart;
  }

  private static double distance(double[] a, double[] b) {
    return StrictMath.hypot(a[0] - b[0], a[1] - b[1]);
  }

  private static String digits(double[] values) {
    return Arrays.stream(values)
        .mapToObj(value -> Numbers.format("%.8f", value).replaceAll("\\.?0+$", ""))
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
  }
}
