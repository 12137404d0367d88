package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

class LimitsTest {
  private static final double[] X = IntStream.range(0, 40).asDoubleStream().toArray();

  /** A loss near .17 that once jumps to 53, with an interval around it. */
  private static XYChart spike() {
    double[] y = Arrays.stream(X).map(x -> .17 + .01 * Math.sin(x)).toArray();
    double[] low = Arrays.stream(y).map(value -> value - .002).toArray();
    double[] high = Arrays.stream(y).map(value -> value + .002).toArray();
    y[30] = 53;
    low[30] = -70;
    high[30] = Double.POSITIVE_INFINITY;
    XYChart chart = Charts.xy("Loss", "step", "error");
    Charts.band(chart, "tanh RNN", Ink.BLUE, X, low, high);
    Charts.curve(chart, "tanh RNN", Ink.BLUE, X, y);
    return chart;
  }

  @Test
  void oneSpikeDoesNotDecideTheAxisAndIsSaid() {
    XYChart chart = spike();
    assertThat(Charts.note(chart))
        .isEqualTo(" Beyond the axis: tanh RNN goes to 53.0. Some bands go beyond the axis.");
    assertThat(chart.getStyler().getYAxisMax()).isBetween(.18, .25);
    assertThat(chart.getStyler().getYAxisMin()).isBetween(.1, .16);
  }

  @Test
  void limitsThatAChartHasStayAndWhatTheyCutOffIsSaid() {
    XYChart chart = spike();
    chart.getStyler().setYAxisMin(0.);
    chart.getStyler().setYAxisMax(100.);
    assertThat(Charts.note(chart)).isEqualTo(" Some bands go beyond the axis.");
    assertThat(chart.getStyler().getYAxisMax()).isEqualTo(100);
  }

  @Test
  void aBandAddsLittleToItsLinesAndNothingIsSaidWhereAllIsSeen() {
    XYChart chart = Charts.xy("Accuracy", "T", "fraction");
    Charts.band(
        chart, "GRU", Ink.BLUE, new double[] {1, 2}, new double[] {0, .9}, new double[] {.2, 1});
    Charts.curve(chart, "GRU", Ink.BLUE, new double[] {1, 2}, new double[] {.1, 1});
    assertThat(Charts.note(chart)).isEmpty();
    assertThat(chart.getStyler().getYAxisMin()).isZero();
    assertThat(chart.getStyler().getYAxisMax()).isBetween(1., 1.05);
    XYChart wide = Charts.xy("Steps", "T", "steps");
    Charts.band(
        wide, "GRU", Ink.BLUE, new double[] {1, 2}, new double[] {-90, 1}, new double[] {900, 11});
    Charts.curve(wide, "GRU", Ink.BLUE, new double[] {1, 2}, new double[] {0, 10});
    assertThat(Charts.note(wide)).isEqualTo(" Some bands go beyond the axis.");
    assertThat(wide.getStyler().getYAxisMin()).isBetween(-5., -3.);
    assertThat(wide.getStyler().getYAxisMax()).isBetween(13., 15.);
  }
}
