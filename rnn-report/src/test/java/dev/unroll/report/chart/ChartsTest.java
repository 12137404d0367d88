package dev.unroll.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.series.Series;

class ChartsTest {
  @Test
  void aPictureOfFewColoursIsTheSameInFewerBytes() throws IOException {
    BufferedImage before = image((x, y) -> x * y % 7 == 0 ? 0xDDDDDD : x < y ? 0xFFFFFF : 0x0072B2);
    byte[] indexed = Charts.png(before);
    assertThat(indexed.length).isLessThan(encoded(before).length);
    BufferedImage after = ImageIO.read(new ByteArrayInputStream(indexed));
    for (int y = 0; y < before.getHeight(); y++) {
      for (int x = 0; x < before.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          assertThat(after.getRGB(x, y) >> shift & 0xFF)
              .isBetween(
                  (before.getRGB(x, y) >> shift & 0xFF) - 8,
                  (before.getRGB(x, y) >> shift & 0xFF) + 8);
        }
      }
    }
  }

  @Test
  void aPicturesFrequentColoursStayExactlyAsTheyAre() throws IOException {
    BufferedImage before = image((x, y) -> x < 40 ? 0x434E6C : x * 0x030303 + y % 3);
    BufferedImage after = ImageIO.read(new ByteArrayInputStream(Charts.png(before)));
    assertThat(after.getRGB(5, 5) & 0xFFFFFF).isEqualTo(0x434E6C);
  }

  @Test
  void logarithmicAxesEndWhereTheDataDoAndNameTheirDecades() {
    XYChart chart = Charts.xy("", "T", "µs");
    Charts.points(chart, "LSTM", Ink.BLUE, new double[] {20, 500}, new double[] {130, 1.2e6});
    Charts.logLog(chart);
    assertThat(chart.getStyler().getXAxisMin()).isBetween(15., 20.);
    assertThat(chart.getStyler().getXAxisMax()).isBetween(500., 650.);
    assertThat(chart.getStyler().getYAxisMax()).isBetween(1.2e6, 1.6e6);
    assertThat(Charts.decades(20, 500).apply(50.)).isEqualTo("50");
    assertThat(Charts.decades(20, 500).apply(60.)).isEmpty();
    assertThat(Charts.decades(.02, 1e6).apply(1e6 * (1 - 1e-12))).isEqualTo("1,000,000");
    assertThat(Charts.decades(.02, 1e6).apply(.1)).isEqualTo("0.1");
    assertThat(Charts.decades(.02, 1e6).apply(.5)).isEmpty();
  }

  /** Drawn at even places 100, 200, ... and at uneven ones, the axis has the same labels. */
  @Test
  void manyPlacesHaveRoundLabels() {
    double[] even = IntStream.rangeClosed(1, 500).mapToDouble(i -> 100. * i).toArray();
    double[] uneven = even.clone();
    uneven[200] += 1;
    XYChart chart = Charts.xy("", "steps", "loss");
    Charts.curve(chart, "LSTM", Ink.BLUE, even, even);
    XYChart other = Charts.xy("", "steps", "loss");
    Charts.curve(other, "LSTM", Ink.BLUE, uneven, even);

    assertThat(axis(Charts.painted(chart))).isEqualTo(axis(BitmapEncoder.getBufferedImage(other)));
    assertThat(chart.getSeriesCollection()).extracting(Series::getName).containsOnly("LSTM");
  }

  @Test
  void fewPlacesAreLabelledThemselves() {
    XYChart chart = Charts.xy("", "T", "loss");
    assertThat(Charts.painted(chart)).isNotNull();
    double[] few = {10, 30, 50};
    Charts.curve(chart, "LSTM", Ink.BLUE, few, few);
    assertThat(axis(Charts.painted(chart))).isEqualTo(axis(BitmapEncoder.getBufferedImage(chart)));
  }

  /** The pixels of the labels below the data. */
  private static int[] axis(BufferedImage image) {
    int from = image.getHeight() - 100;
    return image.getRGB(0, from, image.getWidth(), 60, null, 0, image.getWidth());
  }

  @Test
  void cellsHaveTheNamesThatPeopleKnowAndBaselinesKeepTheirs() {
    assertThat(CellNames.label("rnn_tanh")).isEqualTo("tanh RNN");
    assertThat(CellNames.label("unigram")).isEqualTo("unigram");
  }

  @Test
  void aPictureOfManyColoursStaysAsItIs() throws IOException {
    BufferedImage image = image((x, y) -> x * 0x10204 + y * 0x30000);
    assertThat(Charts.png(image)).isEqualTo(encoded(image));
  }

  private static BufferedImage image(IntBinaryOperator colour) {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        image.setRGB(x, y, colour.applyAsInt(x, y));
      }
    }
    return image;
  }

  private static byte[] encoded(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
