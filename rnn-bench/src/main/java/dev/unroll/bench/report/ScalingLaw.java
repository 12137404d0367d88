package dev.unroll.bench.report;

import java.util.List;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;

/**
 * How a time shrinks with the number of threads n, by the Universal Scalability Law (Gunther 1993):
 * {@code time(n) / time(1) = (1 + sigma (n-1) + kappa n (n-1)) / n}. With kappa = 0 it is Amdahl's
 * law of 1967, whose serial share is sigma.
 *
 * @param sigma what the threads do one after the other, as a share of the work
 * @param sigmaError half of its interval; 0 where all that is known of it is in kappa
 * @param kappa what each pair of threads costs in agreeing with each other; 0 in Amdahl's law
 * @param universal whether there were points enough to fit kappa
 */
record ScalingLaw(double sigma, double sigmaError, double kappa, boolean universal) {
  /** Two unknowns and at least one point to spare, besides time(1). */
  static final int LEAST_COUNTS = 4;

  /**
   * A time on some threads.
   *
   * @param error half of its interval
   */
  record Timing(int threads, double time, double error) {}

  /**
   * Fits the law.
   *
   * @param timings on distinct numbers of threads, one thread first
   * @throws IllegalArgumentException if they are fewer than two or do not begin with one thread
   */
  static ScalingLaw fit(List<Timing> timings) {
    if (timings.size() < 2 || timings.getFirst().threads() != 1) {
      throw new IllegalArgumentException(
          "a scaling law needs the times on one thread and on more, but has " + timings);
    }
    Timing one = timings.getFirst();
    List<Timing> more = timings.subList(1, timings.size());
    ScalingLaw amdahl = amdahl(one, more);
    if (timings.size() < LEAST_COUNTS) {
      return amdahl;
    }
    // n time(n) is linear in time(1) and in its products with both unknowns. A row divided by half
    // the interval of its time leaves the law's own half intervals in the inverse of X'X.
    double[] y = new double[timings.size()];
    double[][] x = new double[y.length][];
    for (int i = 0; i < y.length; i++) {
      Timing t = timings.get(i);
      int n = t.threads();
      double weight = 1 / (n * Math.max(t.error(), LinearLaw.LEAST_RELATIVE_ERROR * t.time()));
      y[i] = weight * n * t.time();
      x[i] = new double[] {weight, weight * (n - 1), weight * n * (n - 1)};
    }
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.setNoIntercept(true);
    regression.newSampleData(y, x);
    double[] law = regression.estimateRegressionParameters();
    double sigma = law[1] / law[0];
    double kappa = law[2] / law[0];
    if (kappa < 0) {
      // No sign of threads hindering each other: the simpler law.
      return new ScalingLaw(amdahl.sigma(), amdahl.sigmaError(), 0, true);
    }
    if (sigma < 0) {
      return new ScalingLaw(0, 0, hindranceAlone(one, more), true);
    }
    double[][] covariance = regression.estimateRegressionParametersVariance();
    double variance =
        covariance[1][1] - 2 * sigma * covariance[0][1] + sigma * sigma * covariance[0][0];
    return new ScalingLaw(sigma, Math.sqrt(variance) / law[0], kappa, true);
  }

  /** Least squares on time(n) / time(1) = sigma + (1 - sigma) / n. */
  private static ScalingLaw amdahl(Timing one, List<Timing> more) {
    double above = 0;
    double below = 0;
    double variance = 0;
    for (Timing t : more) {
      double lost = 1 - 1.0 / t.threads();
      double error = error(one, t);
      above += lost * (t.time() / one.time() - 1.0 / t.threads()) / (error * error);
      below += lost * lost / (error * error);
      variance += lost * lost / (error * error);
    }
    return new ScalingLaw(above / below, Math.sqrt(variance) / below, 0, false);
  }

  /** Half the interval of time(n) / time(1). */
  private static double error(Timing one, Timing t) {
    double relative = Math.hypot(one.error() / one.time(), t.error() / t.time());
    return Math.max(relative, LinearLaw.LEAST_RELATIVE_ERROR) * t.time() / one.time();
  }

  /** Least squares on n time(n) / time(1) = 1 + kappa n (n-1). */
  private static double hindranceAlone(Timing one, List<Timing> more) {
    double above = 0;
    double below = 0;
    for (Timing t : more) {
      int n = t.threads();
      double weight = 1 / (n * error(one, t));
      double pairs = weight * n * (n - 1);
      above += pairs * weight * (n * t.time() / one.time() - 1);
      below += pairs * pairs;
    }
    return Math.max(0, above / below);
  }

  /** How many times faster n threads are than one. */
  double speedUp(int n) {
    return n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
  }

  /** From so many threads on more are slower; infinite in Amdahl's law. */
  double best() {
    return kappa == 0 ? Double.POSITIVE_INFINITY : Math.sqrt(Math.max(0, 1 - sigma) / kappa);
  }

  /** The most that any number of threads brings. */
  double most() {
    if (kappa == 0) {
      return sigma <= 0 ? Double.POSITIVE_INFINITY : 1 / sigma;
    }
    return speedUp((int) Math.max(1, Math.round(best())));
  }
}
