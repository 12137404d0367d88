package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.number.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;

class ScatterTest {
  private static Scatter scatter(boolean named) {
    Scatter scatter = new Scatter("", "exponent", "steps", 1, named);
    Interval across = new Interval(-.2, 0);
    scatter.add(
        "reach",
        Ink.BLUE,
        List.of(
            new Scatter.Point("tanh RNN", -.1, across, 0, new Interval(0, 3), false),
            new Scatter.Point(
                "GRU", .1, null, 300, new Interval(20, Double.POSITIVE_INFINITY), true)));
    scatter.reference("T = 512", 512);
    return scatter;
  }

  @Test
  void pointsAtACapAreApartAndLowOnesAreDrawnAtTheFootOfTheAxis() {
    XYChart chart = scatter(false).finished();
    assertThat(chart.getSeries("reach").getYData()).containsExactly(1);
    assertThat(chart.getSeries("reach, at its cap").getXData()).containsExactly(.1);
    assertThat(chart.getSeries("reach").getMarker())
        .isNotSameAs(chart.getSeries("reach, at its cap").getMarker());
    assertThat(chart.getSeriesCollection().stream().filter(Charts::isInterval)).hasSize(3);
    // up to twice the highest point, or the reference, whatever an interval says
    assertThat(chart.getStyler().getYAxisMax()).isBetween(600., 700.);
    assertThat(BitmapEncoder.getBufferedImage(chart).getHeight()).isEqualTo(Charts.HEIGHT);
  }

  @Test
  void namesHaveRoomAboveThePoints() {
    XYChart chart = scatter(true).finished();
    assertThat(chart.getStyler().getYAxisMax()).isGreaterThan(5000);
    assertThat(BitmapEncoder.getBufferedImage(chart).getHeight()).isGreaterThan(Charts.HEIGHT);
    assertThat(Charts.note(chart)).isEmpty();
  }

  @Test
  void namedPointsAtTheFootHaveNoInterval() {
    Scatter scatter = new Scatter("", "µs", "steps", 1, true);
    Interval up = new Interval(0, 40);
    scatter.add("one", Ink.BLUE, List.of(new Scatter.Point("GRU", 2, null, 0, up, false)));
    scatter.add("other", Ink.GREEN, List.of(new Scatter.Point("GRU", 2, null, 30, up, false)));
    XYChart chart = scatter.finished();
    assertThat(chart.getSeriesCollection().stream().filter(Charts::isInterval)).hasSize(1);
    assertThat(SeriesData.of(chart).series())
        .allSatisfy(series -> assertThat(series.x()).containsExactly(2));
  }
}
