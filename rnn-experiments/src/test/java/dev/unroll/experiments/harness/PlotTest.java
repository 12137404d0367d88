package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

/** Charts of trials some of which are missing, stopped or zero. */
class PlotTest {
  private static final Setting<List<String>> CELLS = Setting.texts("cells");
  private static final Setting<List<Integer>> LENGTHS = Setting.counts("lengths", 1);
  private static final Settings SETTINGS =
      new Settings().with(CELLS, "lstm", "gru").with(LENGTHS, 5, 10, 20);

  @TempDir private Path directory;

  private final Experiment experiment =
      Experiment.of("draws", trial -> new Measured())
          .over(Axis.of("cell", CELLS))
          .over(Axis.of("length", LENGTHS).named("T"))
          .measure(Measure.of("norm"))
          .measure(
              Measure.of("tried", record -> record.number("norm") > 0 ? 1 : 0).fraction().drawn())
          .measure(Measure.of("never"));

  /** Norms are 10 and 1000 at T = 5 and T = 20; at T = 10 the LSTM has 0 and the GRU stopped. */
  private Outcome outcome() {
    List<TrialRecord> records = new ArrayList<>();
    for (String cell : List.of("lstm", "gru")) {
      for (int length : List.of(5, 10, 20)) {
        if (cell.equals("lstm") || length != 10) {
          for (int seed = 1; seed <= 2; seed++) {
            double norm = length == 10 ? 0 : length == 5 ? 10 : 1000;
            records.add(
                new TrialRecord(
                    Json.COMPACT
                        .createObjectNode()
                        .put("cell", cell)
                        .put("length", length)
                        .put("seed", seed),
                    new Measured().put("norm", norm).json(),
                    null,
                    null));
          }
        }
      }
    }
    return experiment.outcome(SETTINGS, List.of(1L, 2L), records, figure -> figure);
  }

  private List<Chart> charts(Plot plot) throws IOException {
    Outcome outcome = outcome();
    List<Chart> charts = plot.of(outcome, Telling.Words.of(experiment, outcome));
    for (Chart chart : charts) {
      Charts.write(directory, chart);
      assertThat(directory.resolve(chart.file() + ".png")).isNotEmptyFile();
    }
    return charts;
  }

  private static XYSeries series(Chart chart, String name) {
    return ((XYChart) chart.drawing())
        .getSeriesCollection().stream()
            .filter(one -> one.getName().equals(name))
            .findFirst()
            .orElseThrow();
  }

  @Test
  void logarithmsAreMeansOfLogarithmsAndZeroIsNotDrawn() throws IOException {
    Chart chart =
        charts(Plot.lines("log", "norm", "T").by("cell").log10().reference("r", all -> 100))
            .getFirst();
    // the GRU's line is the same, so that their markers stand side by side
    assertThat(series(chart, "lstm").getXData()).containsExactly(new double[] {5, 20}, within(.1));
    assertThat(series(chart, "lstm").getYData()).containsExactly(new double[] {1, 3}, within(1e-9));
    assertThat(series(chart, "r").getXData()).containsExactly(5, 20);
    assertThat(series(chart, "r").getYData()).containsExactly(new double[] {2, 2}, within(1e-9));
  }

  @Test
  void aStoppedTrialHasNoPoint() throws IOException {
    Chart chart = charts(Plot.lines("line", "norm", "T").by("cell")).getFirst();
    assertThat(series(chart, "lstm").getYData()).containsExactly(10, 0, 1000);
    assertThat(series(chart, "gru").getXData()).containsExactly(new double[] {5, 20}, within(.1));
  }

  @Test
  void barsOfASeriesWithAStoppedTrialStayAboveTheirLabels() throws IOException {
    Chart chart = charts(Plot.bars("bars", "norm", "T").by("cell")).getFirst();
    List<CategorySeries> bars =
        List.copyOf(((CategoryChart) chart.drawing()).getSeriesCollection());
    assertThat(bars).hasSize(2);
    for (CategorySeries one : bars) {
      assertThat(List.<Object>copyOf(one.getXData())).containsExactly("5", "10", "20");
      assertThat(one.getYData()).containsExactly(10, 0, 1000);
    }
  }

  @Test
  void aMapLeavesThePlaceOfAStoppedTrialEmpty() throws IOException {
    Chart chart = charts(Plot.heat("map", "norm", "T", "cell")).getFirst();
    assertThat(((HeatMapChart) chart.drawing()).getSeriesCollection())
        .singleElement()
        .satisfies(map -> assertThat(map.getHeatData()).hasSize(5));
  }

  @Test
  void aMapTellsWhatNoSeedTriedFromWhatIsZero() throws IOException {
    Chart chart = charts(Plot.heat("map", "norm", "T", "cell").tried("tried")).getFirst();
    assertThat(((HeatMapChart) chart.drawing()).getSeriesCollection())
        .singleElement()
        .satisfies(map -> assertThat(map.getHeatData()).hasSize(4));
    assertThat(chart.caption()).isEqualTo(" White: not tried.");
  }

  @Test
  void intervalsStayWithinTheRangeOfTheirMeasure() {
    double[] piled = {1, 1, 1, 1, 1, 1, 1, 1, .9, .2};
    Measure accuracy = Measure.of("accuracy").range(0, 1);
    assertThat(accuracy.figure(Map.of(), piled).high()).isLessThanOrEqualTo(1);
    assertThat(accuracy.figure(Map.of(), piled).interval()).contains("Gaffke");
    Measure loss = Measure.of("loss").clipped(0, Double.POSITIVE_INFINITY);
    assertThat(loss.figure(Map.of(), 0, 0, 1).low()).isZero();
    assertThat(Measure.of("any").figure(Map.of(), 0, 0, 1).low()).isNegative();
    // nearly all the same: without an upper end the bootstrap has none either
    double[] counts = {20, 20, 20, 20, 20, 20, 20, 20, 20, 30};
    Measure open = Measure.of("steps").range(0, Double.POSITIVE_INFINITY);
    assertThat(open.figure(Map.of(), counts).high()).isInfinite();
    Measure ladder = Measure.of("steps").range(0, (all, where) -> 50);
    assertThat(ladder.figure(new Settings(), Map.of(), counts).high()).isBetween(22., 50.);
  }

  @Test
  void aChartOfEachPageHasOneValueAndNoneOfWhatWasNotMeasured() throws IOException {
    List<Chart> pages =
        charts(Plot.lines("page", "norm", "T").per("cell").caption("Of ${cell}.").curves());
    assertThat(pages).extracting(Chart::file).containsExactly("page-lstm", "page-gru");
    assertThat(pages).extracting(Chart::caption).containsExactly("Of lstm.", "Of gru.");
    List<Chart> lengths = charts(Plot.lines("at", "norm", "T").per("T").by("cell").log10());
    assertThat(lengths).extracting(Chart::file).containsExactly("at-5", "at-20");
    assertThat(charts(Plot.lines("never", "never", "T").by("cell"))).isEmpty();
    assertThat(charts(Plot.of("nothing", all -> null))).isEmpty();
  }
}
