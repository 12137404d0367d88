package dev.unroll.report.page;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a text that programs write: what stands between {@code <!-- begin generated: NAME
 * -->} and {@code <!-- end generated -->}.
 */
public final class GeneratedParts {
  private static final Pattern PART =
      Pattern.compile(
          "(?<begin><!-- begin generated: (?<name>[\\w.=-]+) -->\\n)(?<body>.*?)"
              + "(?<end><!-- end generated -->)",
          Pattern.DOTALL);

  private GeneratedParts() {}

  /**
   * Fills the parts of {@code text}; all else stays as it is.
   *
   * @param body what to write into the part of that name; null leaves it as it is
   */
  public static String fill(String text, Function<String, @Nullable String> body) {
    return PART.matcher(text)
        .replaceAll(
            part -> {
              String filled = body.apply(part.group("name"));
              return Matcher.quoteReplacement(
                  filled == null ? part.group() : part.group("begin") + filled + part.group("end"));
            });
  }

  /** What stands in each part, by name. */
  public static Map<String, String> of(String text) {
    Map<String, String> parts = new LinkedHashMap<>();
    Matcher part = PART.matcher(text);
    while (part.find()) {
      parts.put(part.group("name"), part.group("body"));
    }
    return parts;
  }
}
