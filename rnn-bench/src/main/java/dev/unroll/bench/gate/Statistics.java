package dev.unroll.bench.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.random.Well19937c;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * From the times of calls to a slowdown with its interval. A process's figure is the 10th
 * percentile of its calls: what a call takes when nothing disturbs it. A pair's is the log-ratio of
 * its two figures, which cancels what both met. The benchmark's is the 20 % trimmed mean of its
 * pairs, bootstrapped hierarchically: pairs, and within each pair slices of calls.
 *
 * <p>Two threads meet more than one does: where a machine's two cores are now and then one in
 * truth, whole processes take half as long again, on either side of a pair. There a side's figure
 * is the mean of its fastest sixth of processes, at least two, and the slowdown is the ratio of
 * both sides'.
 *
 * <p>Trimmed mean and bootstrap of the mean: Wilcox, Introduction to Robust Estimation, ch. 4. A
 * percentile interval of few values is too narrow by sqrt(n / (n - 1)), for which the resamples are
 * spread: Hesterberg, What Teachers Should Know About the Bootstrap, 2015.
 */
final class Statistics {
  static final int RESAMPLES = 10_000;

  private static final double PERCENTILE = 10;
  private static final double TRIM = 0.2;
  private static final double FASTEST = 1.0 / 6;

  /** Resamples of one process's slices, from which the outer bootstrap draws. */
  private static final int INNER = 60;

  private Statistics() {}

  /** The figure of one process with its resamples, all logarithms. */
  record Figure(double log, double[] resamples) {
    /**
     * Computes the figure.
     *
     * @param slices times of calls, in any unit
     * @param random draws slices
     */
    static Figure of(List<long[]> slices, Well19937c random) {
      double[] resamples = new double[INNER];
      List<long[]> drawn = new ArrayList<>(slices);
      for (int i = 0; i < INNER; i++) {
        for (int s = 0; s < slices.size(); s++) {
          drawn.set(s, slices.get(random.nextInt(slices.size())));
        }
        resamples[i] = logTenth(drawn);
      }
      return new Figure(logTenth(slices), resamples);
    }

    private static double logTenth(List<long[]> slices) {
      double[] calls = slices.stream().flatMapToLong(Arrays::stream).asDoubleStream().toArray();
      return Math.log(new Percentile(PERCENTILE).evaluate(calls));
    }
  }

  /**
   * A slowdown: time of the candidate by time of the base.
   *
   * @param ratio the estimate
   * @param low lower end of the 95 % interval
   * @param high its upper end
   * @param resamples sorted log-ratios
   */
  record Slowdown(double ratio, double low, double high, double[] resamples) {
    /** The standard error of the log-ratio. */
    double standardError() {
      return new StandardDeviation().evaluate(resamples);
    }

    /** Evidence against "no slower than this ratio": a one-sided p-value. */
    double pSlowerThan(double limit) {
      int at = 0;
      while (at < resamples.length && resamples[at] <= Math.log(limit)) {
        at++;
      }
      return (at + 1.0) / (resamples.length + 1);
    }

    /** Evidence against "no faster than this ratio". */
    double pFasterThan(double limit) {
      int above = 0;
      while (above < resamples.length
          && resamples[resamples.length - 1 - above] >= Math.log(limit)) {
        above++;
      }
      return (above + 1.0) / (resamples.length + 1);
    }
  }

  /** How pairs become one number. */
  interface Estimator {
    /**
     * Estimates a log-ratio.
     *
     * @param base a logarithm for each pair
     * @param candidate as many
     */
    double logRatio(double[] base, double[] candidate);

    /** The estimator for so many threads. */
    static Estimator of(int threads) {
      return threads == 1 ? Statistics::pairwise : Statistics::fastest;
    }
  }

  private static double pairwise(double[] base, double[] candidate) {
    double[] ratios = new double[base.length];
    Arrays.setAll(ratios, i -> candidate[i] - base[i]);
    return trimmedMean(ratios);
  }

  private static double fastest(double[] base, double[] candidate) {
    return fastest(candidate) - fastest(base);
  }

  private static double fastest(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int count =
        Math.clamp((int) (FASTEST * sorted.length), Math.min(2, sorted.length), sorted.length);
    return Arrays.stream(sorted, 0, count).average().orElseThrow();
  }

  /**
   * Estimates a slowdown.
   *
   * @param base a figure for each pair
   * @param candidate as many
   * @throws IllegalArgumentException if there is no pair
   */
  static Slowdown slowdown(
      List<Figure> base, List<Figure> candidate, Estimator estimator, Well19937c random) {
    int n = base.size();
    if (n == 0 || candidate.size() != n) {
      throw new IllegalArgumentException(
          "a slowdown needs pairs, but there are %d and %d figures".formatted(n, candidate.size()));
    }
    double[] before = base.stream().mapToDouble(Figure::log).toArray();
    double[] after = candidate.stream().mapToDouble(Figure::log).toArray();
    double estimate = estimator.logRatio(before, after);
    double spread = Math.sqrt(n / Math.max(1.0, n - 1));
    double[] resamples = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < n; i++) {
        int pick = random.nextInt(n);
        after[i] = candidate.get(pick).resamples()[random.nextInt(INNER)];
        before[i] = base.get(pick).resamples()[random.nextInt(INNER)];
      }
      resamples[r] = estimate + spread * (estimator.logRatio(before, after) - estimate);
    }
    Arrays.sort(resamples);
    return new Slowdown(
        Math.exp(estimate),
        Math.exp(resamples[(int) (0.025 * RESAMPLES)]),
        Math.exp(resamples[(int) (0.975 * RESAMPLES)]),
        resamples);
  }

  /** The mean without the lowest and the highest fifth. */
  static double trimmedMean(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int cut = (int) (TRIM * sorted.length);
    return Arrays.stream(sorted, cut, sorted.length - cut).average().orElseThrow();
  }
}
