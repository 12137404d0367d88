package dev.unroll.report.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.stat.inference.TTest;

/**
 * Where a series changes its level: E-divisive means (Matteson and James, A Nonparametric Approach
 * for Multiple Change Point Analysis of Multivariate Data, 2014) with a t-test in the place of
 * permutations, so that the same series always has the same changes (Fleming and others, Hunter:
 * Using Change Point Detection to Hunt for Performance Regressions, ICPE 2023; Apache Otava). The
 * t-test is held to the number of places it was chosen from.
 */
public final class ChangePoints {
  /** A series of fewer points has no change points. */
  public static final int LEAST_POINTS = 6;

  private static final int LEAST_PART = 3;

  /** Of each split, shared by Bonferroni among the places that were looked at. */
  private static final double ALPHA = 0.01;

  private ChangePoints() {}

  /**
   * Finds the changes.
   *
   * @param values in the order in which they came
   * @return the indices of the first values of new levels, ascending
   */
  public static List<Integer> of(double[] values) {
    List<Integer> found = new ArrayList<>();
    split(values, 0, values.length, found);
    return found.stream().sorted().toList();
  }

  private static void split(double[] values, int from, int to, List<Integer> found) {
    int best = -1;
    double most = 0;
    for (int at = from + LEAST_PART; at <= to - LEAST_PART; at++) {
      double divergence = divergence(values, from, at, to);
      if (divergence > most) {
        most = divergence;
        best = at;
      }
    }
    if (best < 0 || to - from < LEAST_POINTS || !differ(values, from, best, to)) {
      return;
    }
    found.add(best);
    split(values, from, best, found);
    split(values, best, to, found);
  }

  private static boolean differ(double[] values, int from, int at, int to) {
    double[] before = Arrays.copyOfRange(values, from, at);
    double[] after = Arrays.copyOfRange(values, at, to);
    boolean constant =
        Arrays.stream(before).distinct().count() == 1
            && Arrays.stream(after).distinct().count() == 1;
    return constant
        ? before[0] != after[0]
        : new TTest().homoscedasticTTest(before, after) < ALPHA / (to - from - 2 * LEAST_PART + 1);
  }

  /** The energy distance between both parts, scaled by their sizes. */
  private static double divergence(double[] values, int from, int at, int to) {
    double m = at - from;
    double n = to - at;
    double between = 0;
    for (int i = from; i < at; i++) {
      for (int j = at; j < to; j++) {
        between += Math.abs(values[i] - values[j]);
      }
    }
    return m
        * n
        / (m + n)
        * (2 / (m * n) * between - within(values, from, at) - within(values, at, to));
  }

  /** The mean distance of two values of a part. */
  private static double within(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      for (int j = from; j < i; j++) {
        sum += Math.abs(values[i] - values[j]);
      }
    }
    double n = to - from;
    return 2 * sum / (n * (n - 1));
  }
}
