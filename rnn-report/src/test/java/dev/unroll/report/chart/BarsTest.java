package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;

class BarsTest {
  private static Bars bars(double low, double high) {
    Bars chart = new Bars("", "", "");
    chart.add(
        "one",
        Ink.SKY,
        List.of("a", "b"),
        new double[] {.5, Double.NaN},
        new double[] {low, Double.NaN},
        new double[] {high, Double.NaN});
    return chart;
  }

  @Test
  void theAxisHoldsIntervalsAndBeginsAtZeroUnlessOneGoesBelow() {
    Bars chart = bars(.1, 1);
    assertThat(chart.getStyler().getYAxisMin()).isZero();
    assertThat(chart.getStyler().getYAxisMax()).isBetween(1., 1.1);
    assertThat(bars(0, 1).getStyler().getYAxisMin()).isZero();
    assertThat(bars(-.2, 1).getStyler().getYAxisMin()).isLessThan(-.2);
    assertThat(bars(.1, Double.POSITIVE_INFINITY).getStyler().getYAxisMax()).isLessThan(.6);
  }

  @Test
  void anIntervalNeedNotLieEvenlyAroundItsBar() {
    int even = length(bars(.4, .6));
    int lopsided = length(bars(.1, .6));
    assertThat(even).isPositive();
    assertThat(lopsided).isGreaterThan(2 * even);
    assertThat(length(bars(.5, .5))).isZero();
  }

  @Test
  void everyBarHasItsName() {
    List<String> names = IntStream.range(0, 16).mapToObj(String::valueOf).toList();
    Bars chart = new Bars("", "", "");
    chart.add("one", Ink.SKY, names, new double[16], new double[16], new double[16]);
    assertThat(chart.getStyler().getXAxisMaxLabelCount()).isEqualTo(16);
  }

  /** How many pixels of the first bar's middle column are black. */
  private static int length(CategoryChart chart) {
    BufferedImage image = BitmapEncoder.getBufferedImage(chart);
    int middle =
        IntStream.range(0, image.getWidth())
                .filter(x -> image.getRGB(x, image.getHeight() * 3 / 4) == Ink.SKY.color().getRGB())
                .sum()
            / (int)
                IntStream.range(0, image.getWidth())
                    .filter(
                        x -> image.getRGB(x, image.getHeight() * 3 / 4) == Ink.SKY.color().getRGB())
                    .count();
    return (int)
        IntStream.range(60, image.getHeight() - 120)
            .filter(y -> (image.getRGB(middle, y) & 0xFF) < 60)
            .count();
  }
}
