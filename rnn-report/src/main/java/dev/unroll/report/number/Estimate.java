package dev.unroll.report.number;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.jspecify.annotations.Nullable;

/**
 * What is estimated from one value a seed, with an interval and p-values that say the same: the 95
 * % interval leaves out a bound exactly where the one-sided p of that bound is below .025. How well
 * the methods keep their 95 % at few values is in {@code docs/statistics.md}.
 */
public final class Estimate {
  private static final int RESAMPLES = 10_000;
  private static final int CUT = (int) (Interval.TAIL * RESAMPLES + .5);
  private static final int FEWEST_RESAMPLED = 5;

  private final double value;
  private final int n;
  private final int seeds;
  private final double sd;
  private final @Nullable Interval interval;
  private final String method;
  private final DoubleUnaryOperator atLeast;
  private final DoubleUnaryOperator atMost;

  private Estimate(
      double value,
      int n,
      double sd,
      @Nullable Interval interval,
      String method,
      DoubleUnaryOperator atLeast,
      DoubleUnaryOperator atMost) {
    this(value, n, n, sd, interval, method, atLeast, atMost);
  }

  private Estimate(
      double value,
      int n,
      int seeds,
      double sd,
      @Nullable Interval interval,
      String method,
      DoubleUnaryOperator atLeast,
      DoubleUnaryOperator atMost) {
    this.value = value;
    this.n = n;
    this.seeds = seeds;
    this.sd = sd;
    this.interval = interval;
    this.method = method;
    this.atLeast = atLeast;
    this.atMost = atMost;
  }

  /**
   * The mean, with Student's t interval.
   *
   * @throws IllegalArgumentException when there is no value
   */
  public static Estimate mean(double... values) {
    Moments moments = Moments.of(values);
    if (moments.plain()) {
      return plain(moments, "Student's t, 95 %");
    }
    TDistribution t = new TDistribution(null, moments.n - 1);
    double half = t.inverseCumulativeProbability(1 - Interval.TAIL) * moments.error();
    return new Estimate(
        moments.mean,
        moments.n,
        moments.sd,
        new Interval(moments.mean - half, moments.mean + half),
        "Student's t, 95 %",
        bound -> t.cumulativeProbability(-moments.t(bound)),
        bound -> t.cumulativeProbability(moments.t(bound)));
  }

  /**
   * The mean, with the interval of the studentized bootstrap (bootstrap-t; Efron and Tibshirani
   * 1993, section 12.5): 10,000 resamples with a fixed seed. It is for skewed values. An end that
   * the values do not set, because too many resamples are all one value, is infinite; fewer than
   * five values have too few resamples and get Student's t.
   *
   * @throws IllegalArgumentException when there is no value
   */
  public static Estimate bootstrap(double... values) {
    Moments moments = Moments.of(values);
    String method = "studentized bootstrap, 95 %";
    if (moments.n < FEWEST_RESAMPLED) {
      return mean(values);
    }
    if (moments.plain()) {
      return plain(moments, method);
    }
    SplittableRandom random = new SplittableRandom(1);
    double[] drawn = new double[moments.n];
    double[] t = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      Arrays.setAll(drawn, j -> values[random.nextInt(values.length)]);
      t[i] = Moments.of(drawn).t(moments.mean);
    }
    Arrays.sort(t);
    return new Estimate(
        moments.mean,
        moments.n,
        moments.sd,
        new Interval(
            moments.mean - t[RESAMPLES - CUT] * moments.error(),
            moments.mean - t[CUT - 1] * moments.error()),
        method,
        bound -> share(t, x -> x >= moments.t(bound)),
        bound -> share(t, x -> x <= moments.t(bound)));
  }

  /**
   * The mean of a quantity that has a range, for values that are skewed or pile up at its ends: of
   * the studentized bootstrap and the bounds of Gaffke (2005) whichever says more. Gaffke's bounds
   * know that values not seen may lie anywhere in the range, so ten values of 1 do not promise that
   * there is no other; of values 0 and 1 they are Clopper-Pearson's.
   *
   * @param least lower end of the range; may be negative infinity
   * @param most upper end; may be infinity
   * @param values one a seed
   * @throws IllegalArgumentException when there is no value, or one outside the range
   */
  public static Estimate bounded(double least, double most, double... values) {
    for (double value : values) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            "A value of %s lies outside its quantity's range, %s to %s"
                .formatted(value, least, most));
      }
    }
    Estimate free = bootstrap(values);
    if (free.interval == null || (Double.isInfinite(least) && Double.isInfinite(most))) {
      return free;
    }
    double[] low = weighted(least, values);
    double[] high = weighted(most, values);
    boolean openLow = free.sd == 0 && !Double.isInfinite(least);
    boolean openHigh = free.sd == 0 && !Double.isInfinite(most);
    return new Estimate(
            free.value,
            free.n,
            free.sd,
            new Interval(
                StrictMath.max(openLow ? least : free.interval.low(), low[CUT - 1]),
                StrictMath.min(openHigh ? most : free.interval.high(), high[RESAMPLES - CUT])),
            free.method.replace(",", " and Gaffke's bounds,"),
            bound ->
                StrictMath.min(openLow ? 1 : free.pAtLeast(bound), share(low, x -> x <= bound)),
            bound ->
                StrictMath.min(openHigh ? 1 : free.pAtMost(bound), share(high, x -> x >= bound)))
        .within(least, most);
  }

  /**
   * Sorted means of the values and one end of their range under random weights, which are the gaps
   * between sorted uniform numbers.
   */
  private static double[] weighted(double end, double... values) {
    SplittableRandom random = new SplittableRandom(1);
    double[] cuts = new double[values.length];
    double[] means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      Arrays.setAll(cuts, j -> random.nextDouble());
      Arrays.sort(cuts);
      double last = 0;
      for (int j = 0; j < cuts.length; j++) {
        means[i] += (cuts[j] - last) * values[j];
        last = cuts[j];
      }
      means[i] += (1 - last) * end;
    }
    Arrays.sort(means);
    return means;
  }

  /**
   * The fraction of ones, with the Clopper-Pearson interval; its standard deviation is 0. Values
   * that are not known may be either: the lower end and its p-value take each as 0, the upper end
   * as 1, and the fraction is that of the others.
   *
   * @param values 0 or 1, one a seed; NaN where it is not known which
   * @throws IllegalArgumentException when there is no value, or one that is neither 0 nor 1
   */
  public static Estimate fraction(double... values) {
    int n = Moments.of(values).n;
    int ones = 0;
    int unknown = 0;
    for (double value : values) {
      if (Double.isNaN(value)) {
        unknown++;
        continue;
      }
      if (value != 0 && value != 1) {
        throw new IllegalArgumentException("A fraction is of values 0 and 1, not of " + value);
      }
      ones += (int) value;
    }
    int k = ones;
    int most = ones + unknown;
    return new Estimate(
            (double) k / (n - unknown),
            n,
            0,
            new Interval(
                k == 0 ? 0 : beta(k, n - k + 1).inverseCumulativeProbability(Interval.TAIL),
                most == n
                    ? 1
                    : beta(most + 1, n - most).inverseCumulativeProbability(1 - Interval.TAIL)),
            "Clopper-Pearson, 95 %" + (unknown == 0 ? "" : ", %d not known".formatted(unknown)),
            bound -> k == 0 ? 1 : beta(k, n - k + 1).cumulativeProbability(bound),
            bound -> most == n ? 1 : 1 - beta(most + 1, n - most).cumulativeProbability(bound))
        .within(0, 1);
  }

  /**
   * The natural logarithm of the ratio of two hazards, by Peto's one-step estimate from the
   * log-rank test (Peto and others 1977): above 0 where the events of {@code one} come sooner. Its
   * interval leaves out 0 exactly where the log-rank test has p below .05. There is none where
   * nothing can be compared, and the estimate is then 0.
   */
  public static Estimate hazardRatio(Survival one, Survival other) {
    Survival.LogRank test = one.logRank(other);
    int n = one.n() + other.n();
    if (test.variance() == 0) {
      return new Estimate(0, n, 0, null, "none: no events to compare", b -> 1, b -> 1);
    }
    double value = test.excess() / test.variance();
    NormalDistribution normal =
        new NormalDistribution(null, value, 1 / StrictMath.sqrt(test.variance()));
    return new Estimate(
        value,
        n,
        0,
        new Interval(
            normal.inverseCumulativeProbability(Interval.TAIL),
            normal.inverseCumulativeProbability(1 - Interval.TAIL)),
        "log-rank (Peto), 95 %",
        normal::cumulativeProbability,
        bound -> 1 - normal.cumulativeProbability(bound));
  }

  /**
   * The median of times until an event (Kaplan and Meier 1958), some of them censored, with {@link
   * Survival#medianInterval}; infinite where more than half are left without the event.
   */
  public static Estimate median(Survival times) {
    double median = times.median();
    double value = Double.isNaN(median) ? Double.POSITIVE_INFINITY : median;
    Interval interval = times.medianInterval();
    if (times.n() == 1 || Double.isInfinite(interval.low())) {
      String why = times.n() == 1 ? "none: one trial" : "none: too few came to the event";
      return new Estimate(value, times.n(), 0, null, why, bound -> 1, bound -> 1);
    }
    return new Estimate(
        value,
        times.n(),
        0,
        interval,
        "Kaplan-Meier median, 95 %",
        times::pMedianAbove,
        bound -> 1 - times.pMedianAbove(bound));
  }

  /** The same estimate of values of which a seed may give several. */
  public Estimate ofSeeds(int count) {
    return new Estimate(value, n, count, sd, interval, method, atLeast, atMost);
  }

  /**
   * The same estimate of a quantity that never leaves a range: its interval ends there, and a bound
   * outside it is left out for certain.
   */
  public Estimate within(double least, double most) {
    return interval == null
        ? this
        : new Estimate(
            value,
            n,
            seeds,
            sd,
            interval.within(least, most),
            method,
            bound -> bound < least ? 0 : bound > most ? 1 : atLeast.applyAsDouble(bound),
            bound -> bound > most ? 0 : bound < least ? 1 : atMost.applyAsDouble(bound));
  }

  /** The estimate itself. */
  public double value() {
    return value;
  }

  /** How many values stand behind it. */
  public int n() {
    return n;
  }

  /** How many seeds they come from: as many as values unless told. */
  public int seeds() {
    return seeds;
  }

  /** The values' standard deviation (n - 1); 0 for one value and where it has no meaning. */
  public double sd() {
    return sd;
  }

  /** The 95 % interval; null where there are too few values for one. */
  public @Nullable Interval interval() {
    return interval;
  }

  /** How the interval was made, such as {@code Student's t, 95 %}. */
  public String method() {
    return method;
  }

  /**
   * The one-sided p-value of the claim that the quantity lies above a bound: small where values
   * like these would be rare if it lay at the bound or below. 1 where there is no interval.
   */
  public double pAtLeast(double bound) {
    return atLeast.applyAsDouble(bound);
  }

  /** The one-sided p-value of the claim that the quantity lies below a bound. */
  public double pAtMost(double bound) {
    return atMost.applyAsDouble(bound);
  }

  /** One value, or many that are all the same, or not all finite. */
  private static Estimate plain(Moments moments, String method) {
    double value = moments.mean;
    if (moments.n == 1 || !Double.isFinite(value)) {
      String why = moments.n == 1 ? "none: one trial" : "none: not all values are finite";
      return new Estimate(value, moments.n, moments.sd, null, why, bound -> 1, bound -> 1);
    }
    return new Estimate(
        value,
        moments.n,
        0,
        new Interval(value, value),
        method,
        bound -> bound < value ? 0 : 1,
        bound -> bound > value ? 0 : 1);
  }

  private static BetaDistribution beta(int alpha, int beta) {
    return new BetaDistribution(null, alpha, beta);
  }

  /** A p-value from resamples, which is never 0 (Davison and Hinkley 1997, section 4.2). */
  private static double share(double[] resampled, DoublePredicate beyond) {
    return (Arrays.stream(resampled).filter(beyond).count() + 1.) / (resampled.length + 1.);
  }

  /** The mean of n values and their standard deviation. */
  private record Moments(int n, double mean, double sd) {
    static Moments of(double... values) {
      if (values.length == 0) {
        throw new IllegalArgumentException("An estimate needs at least one value");
      }
      double mean = Arrays.stream(values).sum() / values.length;
      double first = values[0];
      return Arrays.stream(values).allMatch(value -> value == first)
          ? new Moments(values.length, first, 0)
          : new Moments(values.length, mean, StrictMath.sqrt(StatUtils.variance(values)));
    }

    boolean plain() {
      return sd == 0 || !Double.isFinite(mean);
    }

    double error() {
      return sd / StrictMath.sqrt(n);
    }

    /** How many standard errors the mean is above a bound; infinite for values all the same. */
    double t(double bound) {
      return mean == bound ? 0 : (mean - bound) / error();
    }
  }
}
