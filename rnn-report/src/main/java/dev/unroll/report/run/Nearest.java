package dev.unroll.report.run;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** What somebody who mistyped a name may have meant. */
public final class Nearest {
  private static final int MOST = 3;

  private Nearest() {}

  /**
   * Ends a sentence about a name that is unknown.
   *
   * @return {@code : did you mean X or Y?} or, where no name is like {@code given}, {@code ;} and
   *     all names
   */
  public static String hint(String given, Collection<String> names) {
    List<String> near = to(given, names);
    return near.isEmpty()
        ? "; there are " + String.join(", ", names) + "."
        : ": did you mean " + String.join(" or ", near) + "?";
  }

  /** The names most like {@code given}, which may be only the beginning of one. */
  private static List<String> to(String given, Collection<String> names) {
    int far = Math.max(1, given.length() / 3);
    LevenshteinDistance distance = new LevenshteinDistance(null);
    return names.stream()
        .filter(
            name ->
                distance.apply(given, name) <= far
                    || (given.length() > 2 && name.startsWith(given)))
        .sorted(Comparator.comparing(name -> distance.apply(given, name)))
        .limit(MOST)
        .toList();
  }
}
