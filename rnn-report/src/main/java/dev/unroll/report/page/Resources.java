package dev.unroll.report.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** Texts that come with the program. */
public final class Resources {
  private Resources() {}

  /**
   * The text of a file.
   *
   * @param beside a class in the same jar
   * @param name from that class's package, or from the root with a slash before it
   */
  public static String text(Class<?> beside, String name) {
    try (InputStream file = beside.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalArgumentException("there is no resource " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + name, e);
    }
  }

  /** The lines {@code name = value} of a file; see {@link #text}. */
  public static Properties properties(Class<?> beside, String name) {
    Properties lines = new Properties();
    try {
      lines.load(new StringReader(text(beside, name)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + name, e);
    }
    return lines;
  }
}
