package dev.unroll.bench.gate;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the commit messages between base and candidate say is meant, each on a line of its own:
 * {@code Accept-slowdown: NAME PERCENT}, {@code Accept-allocation: NAME BYTES}, {@code
 * Accept-missing: NAME}.
 */
final class Accepted {
  private static final Pattern LINE =
      Pattern.compile(
          "^\\s*Accept-(slowdown|allocation|missing):\\s*(\\S+)(?:\\s+(-?[0-9.]+)\\s*%?)?\\s*$",
          Pattern.MULTILINE);

  private final Map<String, Double> slowdowns = new HashMap<>();
  private final Map<String, Double> allocations = new HashMap<>();
  private final Set<String> missing = new HashSet<>();

  /**
   * Reads commit messages.
   *
   * @throws IllegalArgumentException if a line lacks its number
   */
  Accepted(String messages) {
    Matcher line = LINE.matcher(messages);
    while (line.find()) {
      String name = line.group(2);
      if (line.group(1).equals("missing")) {
        missing.add(name);
        continue;
      }
      double most;
      try {
        most = Double.parseDouble(String.valueOf(line.group(3)));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "the commit message's line '%s' needs a number after the benchmark, as in \"Accept-slowdown: lstm-forward-b1 4\""
                .formatted(line.group().trim()),
            e);
      }
      if (line.group(1).equals("slowdown")) {
        slowdowns.merge(name, most, Math::max);
      } else {
        allocations.merge(name, most, (a, b) -> Math.abs(a) > Math.abs(b) ? a : b);
      }
    }
  }

  /** Whether a benchmark may take this many times as long. */
  boolean slowdown(String name, double ratio) {
    return 100 * (ratio - 1) <= slowdowns.getOrDefault(name, 0.0);
  }

  /** Whether a call may allocate so many bytes more, or, below 0, fewer. */
  boolean allocation(String name, long bytes) {
    double most = allocations.getOrDefault(name, 0.0);
    return bytes < 0 ? bytes >= most : bytes <= most;
  }

  /** Whether a benchmark may be gone. */
  boolean missing(String name) {
    return missing.contains(name);
  }
}
