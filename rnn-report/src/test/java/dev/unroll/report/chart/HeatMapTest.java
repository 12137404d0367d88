package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.BitmapEncoder;

class HeatMapTest {
  private static final double[][] VALUES = {{1, .5, Double.NaN}, {0, Double.POSITIVE_INFINITY, .1}};

  @Test
  void thePaletteOnlyGetsLighterAndNumbersStandOut() {
    double last = -1;
    for (int i = 0; i <= 100; i++) {
      double luminance = HeatMap.luminance(HeatMap.color(i / 100.));
      assertThat(luminance).isGreaterThan(last);
      last = luminance;
      double text = HeatMap.luminance(HeatMap.text(HeatMap.color(i / 100.)));
      double contrast =
          (Math.max(luminance, text) + .05) / (Math.min(luminance, text) + .05); // WCAG 2
      assertThat(contrast).isGreaterThan(4.5);
    }
    assertThat(HeatMap.color(0)).isEqualTo(new Color(0x00224E));
    assertThat(HeatMap.color(1)).isEqualTo(new Color(0xFEE838));
  }

  @Test
  void whatWasNotTriedIsWhiteAndWhatHasNoValueIsHatched() {
    HeatMap map = HeatMap.of("", "", "", List.of(1, 2, 3), List.of("a", "b"), VALUES, 0, 1);
    assertThat(map.note()).isEqualTo(" White: not tried. Hatched: tried, without a value.");
    BufferedImage image = BitmapEncoder.getBufferedImage(map);
    // The cells fill the plot: a row of b above a row of a, three columns.
    assertThat(shareOfWhite(image, 640, 400)).isEqualTo(1);
    assertThat(shareOfWhite(image, 440, 200)).isBetween(.5, .95);
    assertThat(shareOfWhite(image, 200, 400)).isZero();
  }

  @Test
  void aFullMapNeedsNoLegendForItsGaps() {
    HeatMap map = HeatMap.of("", "", "", List.of(1), List.of("a"), new double[][] {{.25}});
    assertThat(map.note()).isEmpty();
    assertThat(Charts.note(map)).isEmpty();
    assertThat(BitmapEncoder.getBufferedImage(map).getWidth()).isEqualTo(Charts.WIDTH);
  }

  /** Around a place, apart from the number in the middle of its cell. */
  private static double shareOfWhite(BufferedImage image, int x, int y) {
    return IntStream.range(0, 400)
            .filter(i -> (image.getRGB(x + i % 20, y + 40 + i / 20) & 0xFFFFFF) == 0xFFFFFF)
            .count()
        / 400.;
  }
}
