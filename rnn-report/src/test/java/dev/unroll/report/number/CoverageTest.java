package dev.unroll.report.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Test;

/**
 * How often 95 % intervals hold what they are about. {@code -Dcoverage.samples=5000} makes the
 * figures of {@code docs/statistics.md}, in {@code target/coverage.md}.
 */
class CoverageTest {
  private static final int SAMPLES = Integer.getInteger("coverage.samples", 60);
  private static final boolean LONG = SAMPLES >= 1000;
  private static final int RESAMPLES = 2000;
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);
  private static final BetaDistribution BETA = new BetaDistribution(null, 2, .3);

  /** A population: its mean, and whether it is known to lie from 0 to 1. */
  private record Shape(double mean, boolean ranged, ToDoubleFunction<SplittableRandom> draw) {}

  private static final Map<String, Shape> SHAPES = new LinkedHashMap<>();

  static {
    SHAPES.put("normal", new Shape(0, false, CoverageTest::normal));
    SHAPES.put("exponential", new Shape(1, false, CoverageTest::exponential));
    SHAPES.put(
        "log-normal (sigma 1)", new Shape(Math.exp(.5), false, random -> Math.exp(normal(random))));
    SHAPES.put("uniform", new Shape(.5, true, SplittableRandom::nextDouble));
    SHAPES.put(
        "beta(2, .3)",
        new Shape(2 / 2.3, true, random -> BETA.inverseCumulativeProbability(random.nextDouble())));
    SHAPES.put(
        "70 % exactly 1, the rest uniform", new Shape(.85, true, random -> piled(random, .7)));
    SHAPES.put(
        "90 % exactly 1, the rest uniform", new Shape(.95, true, random -> piled(random, .9)));
    SHAPES.put(
        "80 % near .9, the rest near .1",
        new Shape(
            .74,
            true,
            random -> (random.nextDouble() < .8 ? .9 : .1) + .02 * random.nextDouble() - .01));
  }

  private static double normal(SplittableRandom random) {
    return NORMAL.inverseCumulativeProbability(random.nextDouble());
  }

  private static double exponential(SplittableRandom random) {
    return -Math.log1p(-random.nextDouble());
  }

  private static double piled(SplittableRandom random, double share) {
    return random.nextDouble() < share ? 1 : random.nextDouble();
  }

  /** Per cent of samples whose interval holds the mean: Student's t, percentile, BCa, ours. */
  private static double[] means(Shape shape, int n) {
    double[] hits = new double[4];
    for (int i = 0; i < SAMPLES; i++) {
      SplittableRandom random = new SplittableRandom(1000L * n + i);
      double[] values = new double[n];
      Arrays.setAll(values, j -> shape.draw.applyAsDouble(random));
      Interval[] resampled = resampled(values);
      Interval[] all = {
        interval(Estimate.mean(values)),
        resampled[0],
        resampled[1],
        interval(shape.ranged ? Estimate.bounded(0, 1, values) : Estimate.bootstrap(values))
      };
      for (int k = 0; k < all.length; k++) {
        // a sum of doubles in another order is not another mean
        hits[k] +=
            all[k].low() <= shape.mean + 1e-12 && shape.mean - 1e-12 <= all[k].high() ? 1 : 0;
      }
    }
    return Arrays.stream(hits).map(hit -> 100 * hit / SAMPLES).toArray();
  }

  private static Interval interval(Estimate estimate) {
    return Objects.requireNonNull(estimate.interval());
  }

  /** The percentile interval and BCa (Efron 1987), which are not used. */
  private static Interval[] resampled(double... values) {
    int n = values.length;
    SplittableRandom random = new SplittableRandom(1);
    double mean = StatUtils.mean(values);
    double[] means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      for (int j = 0; j < n; j++) {
        means[i] += values[random.nextInt(n)] / n;
      }
    }
    Arrays.sort(means);
    double below = Arrays.stream(means).filter(one -> one < mean).count();
    double ties = Arrays.stream(means).filter(one -> one == mean).count();
    double share = Math.min(Math.max((below + ties / 2) / RESAMPLES, 1e-4), 1 - 1e-4);
    double z0 = NORMAL.inverseCumulativeProbability(share);
    double cubes = Arrays.stream(values).map(one -> Math.pow(mean - one, 3)).sum();
    double squares = Arrays.stream(values).map(one -> Math.pow(mean - one, 2)).sum();
    double a = squares == 0 ? 0 : -cubes / (6 * Math.pow(squares, 1.5));
    double z = NORMAL.inverseCumulativeProbability(.975);
    double low = NORMAL.cumulativeProbability(z0 + (z0 - z) / (1 - a * (z0 - z)));
    double high = NORMAL.cumulativeProbability(z0 + (z0 + z) / (1 - a * (z0 + z)));
    return new Interval[] {
      new Interval(quantile(means, .025), quantile(means, .975)),
      new Interval(quantile(means, low), quantile(means, high))
    };
  }

  private static double quantile(double[] sorted, double at) {
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(at * (sorted.length - 1)))];
  }

  @Test
  void intervalsOfMeansHoldTheMean() throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add("| Values, n | Student's t | percentile | BCa | used here |");
    lines.add("|---|---|---|---|---|");
    for (var shape : SHAPES.entrySet()) {
      for (int n : LONG ? new int[] {10, 20} : new int[] {10}) {
        double[] hits = means(shape.getValue(), n);
        lines.add(
            String.format(
                Locale.ROOT,
                "| %s, %d | %.0f | %.0f | %.0f | %.0f |",
                shape.getKey(),
                n,
                hits[0],
                hits[1],
                hits[2],
                hits[3]));
        // Ten values near .9 say nothing about a fifth near .1: no method repairs that.
        double least = shape.getKey().startsWith("80") ? 82 : 88;
        assertThat(hits[3]).as("%s, %d", shape.getKey(), n).isGreaterThanOrEqualTo(least);
      }
    }
    write(lines, false);
  }

  @Test
  void theLogRankTestAndItsRatioKeepWhatTheyPromise() throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| n, censored, times | ratio of hazards | rejected at 5 % | Peto's interval holds it |");
    lines.add("|---|---|---|---|");
    for (int n : new int[] {10, 20}) {
      for (double end : new double[] {Double.POSITIVE_INFINITY, 1.2, .36}) {
        for (boolean ties : new boolean[] {false, true}) {
          for (double ratio : new double[] {1, 2, 4}) {
            double rejected = 0;
            double held = 0;
            for (int i = 0; i < SAMPLES; i++) {
              SplittableRandom random = new SplittableRandom(77L * n + i);
              Estimate estimate =
                  Estimate.hazardRatio(
                      survival(random, n, ratio, end, ties), survival(random, n, 1, end, ties));
              Interval interval = estimate.interval();
              double truth = Math.log(ratio);
              rejected += interval != null && (interval.low() > 0 || interval.high() < 0) ? 1 : 0;
              held +=
                  interval == null || (interval.low() <= truth && truth <= interval.high()) ? 1 : 0;
            }
            lines.add(
                String.format(
                    Locale.ROOT,
                    "| %d, %s, %s | %.0f | %.1f %% | %.0f %% |",
                    n,
                    Double.isInfinite(end) ? "none" : end > 1 ? "30 %" : "70 %",
                    ties ? "in 10 steps" : "continuous",
                    ratio,
                    100 * rejected / SAMPLES,
                    100 * held / SAMPLES));
            if (ratio == 1) {
              assertThat(rejected / SAMPLES).isLessThan(LONG ? .08 : .2);
              assertThat(held / SAMPLES).isGreaterThan(LONG ? .92 : .8);
            }
          }
        }
      }
    }
    write(lines, true);
  }

  /** Exponential times to an event at a rate, watched to an end. */
  private static Survival survival(
      SplittableRandom random, int n, double rate, double end, boolean ties) {
    double[] times = new double[n];
    boolean[] events = new boolean[n];
    for (int i = 0; i < n; i++) {
      double time = exponential(random) / rate;
      time = ties ? Math.ceil(10 * time) / 10 : time;
      events[i] = time <= end;
      times[i] = Math.min(time, end);
    }
    return Survival.of(times, events);
  }

  private static void write(List<String> lines, boolean survival) throws Exception {
    if (LONG) {
      Files.write(Path.of("target", survival ? "coverage-survival.md" : "coverage.md"), lines);
    }
  }
}
