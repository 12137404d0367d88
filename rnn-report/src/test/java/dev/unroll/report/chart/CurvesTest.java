package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

class CurvesTest {
  private static final double[] X = {1, 2, 3, 4};

  private static XYChart drawn(double[] one, double[] other, boolean markers) {
    XYChart chart = Charts.xy("Accuracy", "T", "fraction");
    Curves curves = new Curves();
    curves.add("one", X, one, one, one);
    curves.add("other", X, other, other, other);
    curves.draw(chart, markers);
    return chart;
  }

  private static float width(XYChart chart, String name) {
    return chart.getSeries(name).getLineStyle().getLineWidth();
  }

  @Test
  void ofTwoLinesOnEachOtherTheLowerIsSeenAndTheirMarkersStandSideBySide() {
    double[] y = {1, 1, 1, .1};
    XYChart chart = drawn(y, new double[] {1, 1, .999, .5}, true);
    assertThat(width(chart, "one")).isGreaterThan(width(chart, "other") + 2);
    assertThat(chart.getSeries("one").getXData()[0]).isLessThan(1);
    assertThat(chart.getSeries("other").getXData()[0]).isGreaterThan(1);
    assertThat(chart.getSeries("one").getYData()).containsExactly(y);
  }

  @Test
  void linesThatOnlyCrossAreDrawnAlikeAndWhereTheyAre() {
    XYChart chart = drawn(new double[] {0, .5, .8, 1}, new double[] {1, .5, .2, 0}, true);
    assertThat(width(chart, "one")).isEqualTo(width(chart, "other"));
    assertThat(chart.getSeries("one").getXData()).containsExactly(X);
  }

  @Test
  void linesOfOneColourDifferInTheirDashes() {
    XYChart chart = Charts.xyOfMany("Accuracy", "T", "fraction");
    Curves curves = new Curves();
    for (int i = 0; i < 20; i++) {
      double[] y = {i, i, i, i};
      curves.add("line " + i, X, y, y, y);
    }
    curves.draw(chart, true);
    assertThat(
            IntStream.range(0, 20)
                .mapToObj(i -> chart.getSeries("line " + i))
                .map(
                    one -> one.getLineColor() + Arrays.toString(one.getLineStyle().getDashArray())))
        .doesNotHaveDuplicates();
  }

  @Test
  void ofManyLinesOnlyTheLastIntervalsAreDrawnAndTheDataKeepsAll() {
    XYChart chart = Charts.xyOfMany("Accuracy", "T", "fraction");
    Curves curves = new Curves();
    for (int i = 0; i < 7; i++) {
      double[] y = {1, 1, 1, .5};
      curves.add("line " + i, X, y, new double[] {.9, .8, .7, .4}, y);
    }
    curves.draw(chart, true);
    assertThat(chart.getSeries("line 3 interval").getFillColor().getAlpha()).isZero();
    assertThat(chart.getSeries("line 3").getLabel()).isEqualTo("line 3 0.500");
    assertThat(width(chart, "line 0")).isEqualTo(width(chart, "line 6"));
    assertThat(SeriesData.of(chart).series())
        .hasSize(7)
        .allSatisfy(one -> assertThat(one.low()).containsExactly(.9, .8, .7, .4));
    assertThat(Charts.note(chart)).contains("only the intervals of the last points");
  }

  @Test
  void aLineWithoutPointsIsLeftOut() {
    XYChart chart = Charts.xy("Accuracy", "T", "fraction");
    Curves curves = new Curves();
    curves.add("none", new double[0], new double[0], new double[0], new double[0]);
    curves.draw(chart, false);
    assertThat(chart.getSeriesCollection()).isEmpty();
  }
}
