package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.chart.ChartData.Series;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

class ChartDataTest {
  private static final double[] X = {1, 2, 3};

  private static List<Series> series(XYChart chart) {
    return ChartData.of(new Chart("file", "caption", chart)).orElseThrow().series();
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
  void aChartWithoutALineStaysAPicture() {
    XYChart points = Charts.xy("title", "x", "y");
    Charts.scatter(points, "a", Ink.BLUE, X, X);
    assertThat(ChartData.of(new Chart("file", "caption", points))).isEmpty();
    assertThat(ChartData.of(new Chart("file", "caption", Bars.of("title", "x", "y")))).isEmpty();
  }
}
