package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.number.Interval;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.BitmapEncoder;

class PanelsTest {
  private static final Interval UP = new Interval(0, 1);

  private static Panels panels() {
    Panels panels = new Panels("title", "µs");
    panels.place("GRU", "dense", 2);
    panels.place("LSTM", "dense", 2.5);
    panels.place("minGRU", "linear", .3);
    return panels;
  }

  private static Scatter.Point point(String name, double y) {
    return new Scatter.Point(name, 1, new Interval(1, 1.1), y, UP, false);
  }

  private static BufferedImage drawn(Panels panels) {
    return BitmapEncoder.getBufferedImage(panels);
  }

  /** Rows with a colour, from the first to the last. */
  private static int rows(BufferedImage image, Ink ink) {
    return (int)
        IntStream.range(150, image.getHeight()) // below the legend
            .filter(
                y ->
                    IntStream.range(0, image.getWidth())
                        .anyMatch(x -> new Color(image.getRGB(x, y)).equals(ink.color())))
            .count();
  }

  @Test
  void eachPanelMakesThePictureHigherByTheSame() {
    Panels panels = panels();
    panels.panel("one", new double[] {0, .5, 1}, .5, List.of(point("GRU", 1)));
    int one = panels.getHeight();
    panels.panel("two", new double[] {0, 40, 64, 2048}, Double.NaN, List.of(point("GRU", 50)));
    int two = panels.getHeight();
    panels.panel("three", new double[] {0, 1}, Double.NaN, List.of());
    assertThat(panels.getHeight() - two).isEqualTo(two - one);
    assertThat(drawn(panels).getHeight()).isEqualTo(panels.getHeight());
    assertThat(panels.getTitle()).isEqualTo("title");
  }

  @Test
  void aSpotIsWhereThePointHasItsColour() {
    Panels panels = panels();
    panels.panel("one", new double[] {0, 1}, Double.NaN, List.of());
    panels.panel("two", new double[] {0, 1}, Double.NaN, List.of(point("minGRU", .5)));
    BufferedImage image = drawn(panels);
    assertThat(drawn(panels)).isNotNull(); // drawn twice, noted once
    assertThat(panels.spots()).hasSize(1);
    Panels.Spot spot = panels.spots().getFirst();
    assertThat(List.of(spot.panel(), spot.name())).containsExactly("two", "minGRU");
    int x = (int) Math.round(spot.left() * image.getWidth());
    int y = (int) Math.round(spot.top() * image.getHeight());
    assertThat(new Color(image.getRGB(x, y))).isEqualTo(Ink.of(1).color());
  }

  @Test
  void aPlaceHasTheColourOfItsKindAndPointsWithoutAPlaceAreLeftOut() {
    Panels panels = panels();
    List<Scatter.Point> points = List.of(point("minGRU", 1), point("unknown", 1));
    panels.panel("one", new double[] {0, 1}, Double.NaN, points);
    int marks = rows(drawn(panels()), Ink.of(1));
    assertThat(marks).isZero();
    // its interval goes over the whole height
    assertThat(rows(drawn(panels), Ink.of(1))).isBetween(80, 150);
    assertThat(rows(drawn(panels), Ink.of(2))).isZero();
  }

  @Test
  void ticksAreAsFarApartAsEachOther() {
    double[] ticks = {0, 40, 64, 2048};
    assertThat(Panels.height(ticks, 0)).isZero();
    assertThat(Panels.height(ticks, 20)).isEqualTo(.5);
    assertThat(Panels.height(ticks, 64)).isEqualTo(2);
    assertThat(Panels.height(ticks, 1056)).isEqualTo(2.5);
    assertThat(Panels.height(ticks, Double.POSITIVE_INFINITY)).isEqualTo(3);
    assertThat(Panels.height(ticks, -1)).isZero();
  }
}
