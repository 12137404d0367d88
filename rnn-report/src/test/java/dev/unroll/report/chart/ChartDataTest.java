package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.chart.SeriesData.Series;
import dev.unroll.report.number.Interval;
import dev.unroll.report.run.Json;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;

class ChartDataTest {
  private static final double[] X = {1, 2, 3};

  private static List<Series> series(XYChart chart) {
    return ((SeriesData) data(chart)).series();
  }

  /** As a page reads it. */
  private static ChartData data(IChart chart) {
    ChartData data = ChartData.of(new Chart("file", "caption", chart)).orElseThrow();
    return Json.COMPACT.readValue(Json.COMPACT.writeValueAsString(data), ChartData.class);
  }

  @Test
  void aLineKeepsItsBandAndItsPlaceUnderMarkersThatStandAside() {
    XYChart chart = Charts.xy("title", "x", "y");
    Curves curves = new Curves();
    double[] y = {.1234567, 5, 6};
    curves.add("a", X, y, new double[] {0, 4, Double.NEGATIVE_INFINITY}, new double[] {1, 6, 7});
    curves.add("a, too", X, y, y, y);
    curves.draw(chart, true);
    Series a = series(chart).getFirst();
    assertThat(a.x()).isEqualTo(X);
    assertThat(a.y()).isEqualTo(new double[] {.123457, 5, 6});
    assertThat(a.low()).isEqualTo(new double[] {0, 4, Double.NEGATIVE_INFINITY});
    assertThat(a.high()).isEqualTo(new double[] {1, 6, 7});
    assertThat(a.markers()).isTrue();
    assertThat(a.dash()).isEmpty();
    assertThat(a.colour()).isEqualTo("#0072b2");
    assertThat(series(chart)).extracting(Series::name).containsExactly("a", "a, too");
  }

  @Test
  void intervalsBelongToTheirPoints() {
    XYChart chart = Charts.xy("title", "x", "y");
    Charts.points(chart, "a", Ink.GREEN, X, X);
    Charts.intervals(chart, "a", Ink.GREEN, new double[] {2}, new double[] {0}, new double[] {9});
    Charts.curve(chart, "floor", Ink.REFERENCE, X, X);
    List<Series> all = series(chart);
    assertThat(all).hasSize(2);
    assertThat(all.getFirst().low()).isEqualTo(new double[] {1, 0, 3});
    assertThat(all.getFirst().high()).isEqualTo(new double[] {1, 9, 3});
    assertThat(all.getLast().dash()).isEqualTo(new double[] {3, 6});
    assertThat(all.getLast().low()).isEmpty();
  }

  @Test
  void strokesOfOneMeaningAreOneSeries() {
    XYChart chart = Charts.xy("title", "x", "y");
    Charts.curve(chart, "a", Ink.BLUE, X, X);
    Charts.expected(chart, "expected", 2, 1, 3);
    Charts.expected(chart, "", 1, 0, 2);
    Series expected = series(chart).getLast();
    assertThat(expected.dash()).isNull();
    assertThat(expected.x()).isEqualTo(new double[] {1, 2});
    assertThat(expected.y()).containsOnly(Double.NaN);
    assertThat(expected.low()).isEqualTo(new double[] {0, 1});
    assertThat(expected.high()).isEqualTo(new double[] {2, 3});
  }

  @Test
  void pointsKeepTheirNamesAndBothIntervals() {
    Scatter chart = new Scatter("title", "x", "y", 1, true);
    chart.add(
        "reach",
        Ink.BLUE,
        List.of(
            new Scatter.Point("GRU", .1, new Interval(0, .2), 8, new Interval(4, 16), false),
            new Scatter.Point("LSTM", .1, null, 0, null, false),
            new Scatter.Point("tanh RNN", .3, null, 64, null, true)));
    List<Series> all = series(chart.finished());
    assertThat(all).extracting(Series::name).containsExactly("reach", "reach, at its cap");
    Series reach = all.getFirst();
    assertThat(reach.names()).containsExactly("GRU", "LSTM");
    assertThat(reach.y()).containsExactly(8, 0);
    assertThat(reach.low()).containsExactly(4, 0);
    assertThat(reach.right()).containsExactly(.2, .1);
    assertThat(((SeriesData) data(chart)).high()).isEqualTo(64);
  }

  @Test
  void twoPointsOfOnePlaceAreNoStroke() {
    XYChart chart = Charts.xy("title", "x", "y");
    Charts.scatter(chart, "a", Ink.BLUE, new double[] {1, 1}, new double[] {2, 3});
    assertThat(series(chart).getFirst().y()).containsExactly(2, 3);
  }

  @Test
  void barsKeepTheNamesOfTheirPlaces() {
    Bars bars = new Bars("title", "x", "y");
    double[] values = {1, Double.NaN};
    bars.add("one", Ink.BLUE, List.of("GRU", "LSTM"), values, new double[] {0, 1}, values);
    SeriesData data = (SeriesData) data(bars);
    assertThat(data.names()).containsExactly("GRU", "LSTM");
    assertThat(data.series().getFirst().x()).containsExactly(0, 1);
    assertThat(data.series().getFirst().low()).containsExactly(0, 1);
    assertThat(data.low()).isZero();
  }

  @Test
  void mapsKeepTheirNamesValuesAndIntervals() {
    double[][] values = {{.25, Double.NaN}, {Double.POSITIVE_INFINITY, 1}};
    HeatMap map = HeatMap.of("title", "x", "y", List.of(5, 10), List.of("a", "b"), values, 0, 1);
    MapData data = (MapData) data(map.within(values, values));
    assertThat(data.columns()).containsExactly("5", "10");
    assertThat(data.rows()).containsExactly("a", "b");
    assertThat(Arrays.deepToString(data.values())).isEqualTo(Arrays.deepToString(values));
    assertThat(Arrays.deepToString(data.high())).isEqualTo(Arrays.deepToString(values));
    assertThat(data.to()).isEqualTo(1);
    assertThat(data.colours()).startsWith("#00224e");
  }
}
