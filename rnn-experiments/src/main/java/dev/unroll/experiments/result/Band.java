package dev.unroll.experiments.result;

import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a faithful implementation lands.
 *
 * @param low the lower end, or null when only the upper counts
 * @param high the upper end, or null when only the lower counts
 * @param text the band as people write it, such as {@code 0.88 ± 0.20}
 */
public record Band(@Nullable Double low, @Nullable Double high, String text) {
  private static final String NUMBER = "-?[0-9.]+(?:[eE]-?[0-9]+)?";
  private static final Pattern FORM =
      Pattern.compile(
          ("(?<centre>N) ± (?<by>N)(?<one> of one seed)?|near (?<near>N) \\(± (?<ours>N) ours\\)"
                  + "|near (?:N) \\((?<lower>N) to (?<upper>N) ours\\)"
                  + "|at least (?<least>N)|at most (?<most>N)|(?<from>N) to (?<to>N)")
              .replace("N", NUMBER));

  /** Checks that a file left nothing out. */
  public Band {
    Json.requireAll(text);
  }

  /** {@code centre} give or take {@code by}. */
  private static Band around(double centre, double by, String ofWhat) {
    return new Band(
        centre - by, centre + by, Numbers.plain(centre) + " ± " + Numbers.plain(by) + ofWhat);
  }

  /** Near {@code centre}: the source names no spread, so that {@code by} is this project's own. */
  private static Band near(double centre, double by) {
    return new Band(
        centre - by,
        centre + by,
        "near " + Numbers.plain(centre) + " (± " + Numbers.plain(by) + " ours)");
  }

  /** At least {@code low}. */
  private static Band atLeast(double low) {
    return new Band(low, null, "at least " + Numbers.plain(low));
  }

  /** At most {@code high}. */
  public static Band atMost(double high) {
    return new Band(null, high, "at most " + Numbers.plain(high));
  }

  /** From {@code low} to {@code high}. */
  private static Band between(double low, double high) {
    return new Band(low, high, Numbers.plain(low) + " to " + Numbers.plain(high));
  }

  /** Whether {@code value} lies inside, ends included. */
  public boolean contains(double value) {
    return (low == null || value >= low) && (high == null || value <= high);
  }

  /**
   * The band that {@code text} describes, such as {@code 0.88 ± 0.2}, {@code 0.88 ± 0.2 of one
   * seed} where that is the spread from seed to seed, {@code near 1 (± 0.03 ours)}, {@code near 7.9
   * (5 to 10.5 ours)}, {@code at least 2}, {@code at most 2}, {@code 0.1 to 0.3}.
   *
   * @throws IllegalArgumentException when it describes none
   */
  public static Band parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no band: write a ± b, near a (± b ours), near a (b to c ours),"
              + " at least a, at most a or a to b.");
    }
    if (form.group("centre") != null) {
      String ofWhat = form.group("one");
      return around(number(form, "centre"), number(form, "by"), ofWhat == null ? "" : ofWhat);
    }
    if (form.group("near") != null) {
      return near(number(form, "near"), number(form, "ours"));
    }
    if (form.group("lower") != null) {
      return new Band(number(form, "lower"), number(form, "upper"), text);
    }
    if (form.group("least") != null) {
      return atLeast(number(form, "least"));
    }
    return form.group("most") != null
        ? atMost(number(form, "most"))
        : between(number(form, "from"), number(form, "to"));
  }

  private static double number(Matcher form, String group) {
    return Double.parseDouble(form.group(group));
  }
}
