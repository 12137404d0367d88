package dev.unroll.report.number;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as text, the same on every machine. */
public final class Numbers {
  private Numbers() {}

  /** {@link String#format} that never depends on the machine's language. */
  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more dependency
  public static String format(String pattern, @Nullable Object... values) {
    return String.format(Locale.ROOT, pattern, values).replace("Infinity", "∞");
  }

  /** A number without needless zeros, at most five significant digits. */
  public static String plain(double value) {
    if (value == StrictMath.rint(value) && StrictMath.abs(value) < 1e6) {
      return format("%.0f", value);
    }
    return format("%.5g", value).replaceFirst("\\.0+(?=e|$)|(?<=\\.\\d{1,9})0+(?=e|$)", "");
  }
}
