package dev.unroll.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came out of verifying one file.
 *
 * @param name the file's name without its ending
 * @param errors worst relative error of each group of tensors
 * @param complaints what failed; empty if all passed
 * @param note what else to know, or empty
 */
public record Verdict(
    String name, Map<String, Double> errors, List<String> complaints, String note) {
  /** Takes copies. */
  public Verdict {
    errors = new LinkedHashMap<>(errors);
    complaints = List.copyOf(complaints);
  }

  static Verdict failure(String name, String why) {
    return new Verdict(name, Map.of(), List.of(why), "");
  }

  /** {@return whether everything compared was close enough} */
  public boolean passed() {
    return complaints.isEmpty();
  }

  /** {@return one line} */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%-36s %s", name, passed() ? "pass" : "FAIL"));
    errors.forEach(
        (group, error) -> line.append(String.format(Locale.ROOT, "  %s %.1e", group, error)));
    if (!note.isEmpty()) {
      line.append("  ").append(note);
    }
    complaints.forEach(complaint -> line.append("  ").append(complaint));
    return line.toString();
  }

  /** Collects comparisons into a verdict. */
  static final class Builder {
    private final Map<String, Double> errors = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();

    /** Compares a tensor, its error relative to its largest expected magnitude. */
    void tensor(String group, String name, double[] expected, float[] actual, double tolerance) {
      if (expected.length != actual.length) {
        complaints.add(name + " has " + actual.length + " elements, not " + expected.length + ".");
        return;
      }
      double magnitude = 0;
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        magnitude = Math.max(magnitude, Math.abs(expected[i]));
        worst = Math.max(worst, Math.abs(actual[i] - expected[i])); // NaN stays NaN
      }
      add(group, name, worst == 0 ? 0 : worst / magnitude, tolerance);
    }

    /** Compares a series, each element's error relative to itself. */
    void series(String group, String name, double[] expected, double[] actual, double tolerance) {
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        worst = Math.max(worst, Math.abs(actual[i] - expected[i]) / Math.abs(expected[i]));
      }
      add(group, name, worst, tolerance);
    }

    private void add(String group, String name, double error, double tolerance) {
      errors.merge(group, error, Math::max);
      if (!(error <= tolerance)) {
        complaints.add(
            String.format(
                Locale.ROOT, "%s is off by %.1e (at most %.0e).", name, error, tolerance));
      }
    }

    /** Worst error of a group so far. */
    double error(String group) {
      return errors.getOrDefault(group, 0.0);
    }

    Verdict build(String name, String note) {
      return new Verdict(name, errors, complaints, note);
    }
  }
}
