package dev.unroll.bench.report;

import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;

/**
 * A straight line {@code y = a + b*x} through measured points, each weighted by its own precision.
 *
 * @param fixed a, what a call costs however short it is
 * @param fixedError half of a's 95 % interval
 * @param slope b, what each unit of x adds
 * @param slopeError half of b's 95 % interval
 * @param rSquared share of the weighted variance that the line explains
 * @param worst largest distance of a point's interval from the line, as a fraction of the point
 */
record LinearLaw(
    double fixed,
    double fixedError,
    double slope,
    double slopeError,
    double rSquared,
    double worst) {
  /** Points further from the line than this are not on a straight line. */
  static final double TOLERANCE = 0.10;

  /** JMH's intervals can be too narrow: between forks a time varies by about this much. */
  static final double LEAST_RELATIVE_ERROR = 0.02;

  /**
   * A point to fit.
   *
   * @param error half of y's interval
   */
  record Observation(double x, double y, double error) {}

  /**
   * Fits the line by weighted least squares.
   *
   * @throws IllegalArgumentException for fewer than three points
   */
  static LinearLaw fit(List<Observation> observations) {
    int n = observations.size();
    if (n < 3) {
      throw new IllegalArgumentException("a line needs at least 3 points, but has " + n);
    }
    // Dividing each row by its error turns weighted into ordinary least squares.
    double[] y = new double[n];
    double[][] x = new double[n][];
    double weights = 0;
    double mean = 0;
    for (int i = 0; i < n; i++) {
      Observation o = observations.get(i);
      double error = Math.max(o.error(), LEAST_RELATIVE_ERROR * o.y());
      y[i] = o.y() / error;
      x[i] = new double[] {1 / error, o.x() / error};
      weights += 1 / (error * error);
      mean += o.y() / (error * error);
    }
    mean /= weights;
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.setNoIntercept(true);
    regression.newSampleData(y, x);
    double[] line = regression.estimateRegressionParameters();
    double[] errors = regression.estimateRegressionParametersStandardErrors();
    double t = new TDistribution(n - 2).inverseCumulativeProbability(0.975);
    double total = 0;
    double worst = 0;
    for (int i = 0; i < n; i++) {
      Observation o = observations.get(i);
      double away = (o.y() - mean) * x[i][0];
      total += away * away;
      double distance = Math.abs(line[0] + line[1] * o.x() - o.y());
      worst = Math.max(worst, (distance - o.error()) / o.y());
    }
    return new LinearLaw(
        line[0],
        t * errors[0],
        line[1],
        t * errors[1],
        1 - regression.calculateResidualSumOfSquares() / total,
        worst);
  }

  boolean straight() {
    return worst <= TOLERANCE;
  }
}
