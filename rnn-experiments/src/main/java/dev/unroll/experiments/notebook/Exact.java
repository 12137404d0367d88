package dev.unroll.experiments.notebook;

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
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;

/**
 * The hand calculations of the notebooks, computed by the library: the tiny RNN and bag of words of
 * notebook 000, the exercises of notebook 003, the positions and encoder input of notebook 004.
 */
final class Exact {
  private static final String BARE = "tiny RNN, step 3";
  private static final String BEFORE = "noise before the words";
  private static final String AFTER = "noise after the words";

  /** What notebook 000 gives {@code numpy.random.seed}. */
  private static final Setting<Integer> NUMPY_SEED = Setting.count("numpy_seed", 0);

  /** Noise vectors that it puts before the sequence. */
  private static final Setting<Integer> NOISE = Setting.count("noise", 1);

  private static final Axis CALCULATION =
      Axis.of("calculation", all -> calculations(all).stream().map(HandCalculation::name).toList());

  static final Experiment EXPERIMENT =
      Experiment.of("exact", Exact::trial)
          .settings(new Settings().with(NUMPY_SEED, 42).with(NOISE, 5))
          .seeds(1)
          .over(CALCULATION)
          .derive(
              Measure.of("max_abs_error"),
              outcome -> outcome.records().stream().map(Exact::error).toList())
          .tell("calculations", outcome -> outcome.records().size())
          .tell("agreeing", outcome -> outcome.records().stream().filter(Exact::agrees).count())
          .tell("moved_before", outcome -> distance(outcome, BEFORE))
          .tell("moved_after", outcome -> distance(outcome, AFTER))
          .table(
              Table.of("Printed and computed")
                  .rows("calculation")
                  .column("notebook", row -> row.outcome().first().text("source"))
                  .column("printed", row -> digits(row, "printed"))
                  .column("computed", row -> digits(row, "computed"))
                  .column("largest error", row -> power(row, "max_abs_error", "%.1e"))
                  .column("allowed", row -> power(row, "tolerance", "%.0e")))
          .plot(
              Plot.of("tiny-rnn", Exact::chart)
                  .caption(
                      "The last hidden state of the tiny RNN: noise after the words takes it"
                          + " away."));

  private Exact() {}

  private static List<HandCalculation> calculations(Settings all) {
    return HandCalculation.all(all.get(NUMPY_SEED), all.get(NOISE));
  }

  private static Measured trial(TrialContext trial) {
    HandCalculation calculation =
        calculations(trial.settings()).stream()
            .filter(one -> one.name().equals(trial.text("calculation")))
            .findFirst()
            .orElseThrow();
    double[] printed = calculation.printed();
    double[] computed = calculation.computed().get();
    double error = 0;
    for (int i = 0; i < printed.length; i++) {
      error = Math.max(error, Math.abs(computed[i] - printed[i]));
    }
    return new Measured()
        .put("max_abs_error", error)
        .put("tolerance", calculation.tolerance())
        .put("source", calculation.source())
        .put("printed", printed)
        .put("computed", computed);
  }

  private static Figure error(TrialRecord record) {
    String name = record.trial().path("calculation").asString();
    return Figure.of(
            "max_abs_error", Map.of("calculation", name), "", record.number("max_abs_error"))
        .withBand(Band.atMost(record.number("tolerance")));
  }

  private static boolean agrees(TrialRecord record) {
    return record.number("max_abs_error") <= record.number("tolerance");
  }

  private static double[] computed(Outcome outcome, String calculation) {
    return outcome.where("calculation", calculation).first().numbers("computed");
  }

  private static double distance(Outcome outcome, String noise) {
    double[] bare = computed(outcome, BARE);
    double[] moved = computed(outcome, noise);
    return StrictMath.hypot(bare[0] - moved[0], bare[1] - moved[1]);
  }

  private static XYChart chart(Outcome outcome) {
    XYChart chart =
        Charts.xy("Last hidden state of the tiny RNN", "h[0] (no unit)", "h[1] (no unit)");
    chart.getStyler().setXAxisMin(-1.0).setXAxisMax(1.0).setYAxisMin(-1.0).setYAxisMax(1.0);
    chart.getStyler().setMarkerSize(18);
    point(chart, "words alone", Ink.BLUE, computed(outcome, BARE));
    point(chart, "noise before (as the notebook does)", Ink.VERMILION, computed(outcome, BEFORE));
    point(chart, "noise after (as its claim needs)", Ink.GREEN, computed(outcome, AFTER));
    return chart;
  }

  private static void point(XYChart chart, String name, Ink ink, double[] h) {
    Charts.scatter(chart, name, ink, new double[] {h[0]}, new double[] {h[1]});
  }

  private static String power(Table.Row row, String key, String pattern) {
    return Numbers.format(pattern, row.outcome().first().number(key));
  }

  private static String digits(Table.Row row, String key) {
    return Arrays.stream(row.outcome().first().numbers(key))
        .mapToObj(value -> Numbers.format("%.8f", value).replaceAll("\\.?0+$", ""))
        .collect(Collectors.joining(", "));
  }
}
