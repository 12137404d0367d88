package dev.unroll.experiments.task;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** What a general compressor makes of a text: it looks for repetitions and learns nothing else. */
public final class Compression {
  private static final double LN2 = StrictMath.log(2);

  private Compression() {}

  /**
   * Nats that xz at its strongest needs for each character of {@code text} when {@code before} lies
   * before it: what the file grows by.
   */
  public static double xz(String before, String text) {
    long bytes = size(before + text) - size(before);
    return 8 * LN2 * bytes / text.codePointCount(0, text.length());
  }

  private static long size(String text) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (XZOutputStream out = new XZOutputStream(file, new LZMA2Options(LZMA2Options.PRESET_MAX))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return file.size();
  }
}
