package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ChartsTest {
  @Test
  void aPictureOfFewColoursIsTheSameInFewerBytes() throws IOException {
    byte[] png = png((x, y) -> x * y % 7 == 0 ? 0xDDDDDD : x < y ? 0xFFFFFF : 0x0072B2);
    byte[] indexed = Charts.indexed(png);
    assertThat(indexed.length).isLessThan(png.length);
    BufferedImage before = ImageIO.read(new ByteArrayInputStream(png));
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
  void aPictureOfManyColoursStaysAsItIs() throws IOException {
    byte[] png = png((x, y) -> x * 0x10204 + y * 0x30000);
    assertThat(Charts.indexed(png)).isSameAs(png);
  }

  private static byte[] png(IntBinaryOperator colour) throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        image.setRGB(x, y, colour.applyAsInt(x, y));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
