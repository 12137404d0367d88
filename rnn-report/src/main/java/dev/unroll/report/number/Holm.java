package dev.unroll.report.number;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Holm's step-down adjustment of many p-values (Holm 1979). */
public final class Holm {
  private Holm() {}

  /**
   * The p-values that hold for all claims together: to reject those below alpha keeps the chance of
   * even one false rejection at or below alpha.
   *
   * @param p one a claim, from 0 to 1
   * @return one a claim, in the order of {@code p}
   * @throws IllegalArgumentException when one is not from 0 to 1
   */
  public static double[] adjusted(double... p) {
    for (double one : p) {
      if (!(one >= 0 && one <= 1)) {
        throw new IllegalArgumentException("A p-value lies from 0 to 1, not at " + one);
      }
    }
    int[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[p.length];
    double least = 0;
    for (int rank = 0; rank < p.length; rank++) {
      least = StrictMath.max(least, StrictMath.min(1, (p.length - rank) * p[order[rank]]));
      adjusted[order[rank]] = least;
    }
    return adjusted;
  }
}
