package dev.unroll.bench.layer;

import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Right before fast: what has to hold before anything is timed. */
public final class Checks {
  /** How far two single-precision libraries may differ, relative to a tensor's largest value. */
  public static final double TOLERANCE = 1e-4;

  private static final int STEPS = 8;
  private static final double DIFFERENCE = 1e-4;

  private Checks() {}

  /**
   * Checks y against double precision: the first steps of the first, middle and last sequence of
   * the very run that is to be timed.
   *
   * @param y [T, B, H]
   * @throws IllegalStateException if a value is off by more than {@link #TOLERANCE}
   */
  public static void outputs(Workload workload, Operands operands, float[] y) {
    Shape s = workload.shape();
    Reference reference = new Reference(workload, operands);
    int steps = Math.min(STEPS, s.steps());
    for (int row : new int[] {0, s.batch() / 2, s.batch() - 1}) {
      double[] expected = reference.forward(operands.x(), row, steps);
      for (int t = 0; t < steps; t++) {
        for (int j = 0; j < s.hiddenSize(); j++) {
          double actual = y[(t * s.batch() + row) * s.hiddenSize() + j];
          double error = Math.abs(actual - expected[t * s.hiddenSize() + j]);
          if (!(error <= TOLERANCE)) {
            throw new IllegalStateException(
                "%s: y[%d,%d,%d] is %s, but double precision gives %s; nothing was timed"
                    .formatted(workload, t, row, j, actual, expected[t * s.hiddenSize() + j]));
          }
        }
      }
    }
  }

  /**
   * Checks gradients against double precision: along one random direction in the space of all
   * parameters, the gradients' slope of {@code sum(y * gradY)} has to be the central difference's.
   *
   * @param results the gradients by name, as in {@code Peer.results}
   * @throws IllegalStateException if the slopes differ by more than a hundredth of their scale
   */
  public static void gradients(Workload workload, Operands operands, Map<String, float[]> results) {
    Shape s = workload.shape();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    Reference above = new Reference(workload, operands);
    Reference below = new Reference(workload, operands);
    String[] names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
    double slope = 0;
    double scale = 0;
    for (int p = 0; p < names.length; p++) {
      if (above.parameters()[p].length == 0) {
        continue;
      }
      float[] gradient = Objects.requireNonNull(results.get(names[p]), names[p]);
      double[] up = above.parameters()[p];
      double[] down = below.parameters()[p];
      for (int i = 0; i < up.length; i++) {
        double direction = random.nextGaussian();
        up[i] += DIFFERENCE * direction;
        down[i] -= DIFFERENCE * direction;
        slope += gradient[i] * direction;
        scale += (double) gradient[i] * gradient[i];
      }
    }
    double difference = 0;
    for (int row = 0; row < s.batch(); row++) {
      double[] up = above.forward(operands.x(), row, s.steps());
      double[] down = below.forward(operands.x(), row, s.steps());
      for (int t = 0; t < s.steps(); t++) {
        for (int j = 0; j < s.hiddenSize(); j++) {
          int at = t * s.hiddenSize() + j;
          difference +=
              (up[at] - down[at]) * operands.gradY()[(t * s.batch() + row) * s.hiddenSize() + j];
        }
      }
    }
    difference /= 2 * DIFFERENCE;
    if (!(scale > 0) || !(Math.abs(difference - slope) <= 1e-2 * Math.sqrt(scale))) {
      throw new IllegalStateException(
          "%s: the gradients' slope is %s, but double precision gives %s; nothing was timed"
              .formatted(workload, slope, difference));
    }
  }

  /**
   * Checks that a rival computes what we do.
   *
   * @param rival its name, for the message
   * @throws IllegalStateException if a tensor is missing or off by more than {@link #TOLERANCE} of
   *     its largest value
   */
  public static void agree(
      Workload workload, Map<String, float[]> ours, String rival, Map<String, float[]> theirs) {
    ours.forEach(
        (name, expected) -> {
          float[] actual = theirs.get(name);
          if (actual == null || actual.length != expected.length) {
            throw new IllegalStateException(
                "%s: %s gives no %s of %d values"
                    .formatted(workload, rival, name, expected.length));
          }
          double largest = 0;
          double worst = 0;
          for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double error = Math.abs((double) actual[i] - expected[i]);
            worst = error > worst || Double.isNaN(error) ? error : worst;
          }
          if (!(largest > 0) || !(worst <= TOLERANCE * largest)) {
            throw new IllegalStateException(
                "%s: %s of %s differs from ours by %.2e where the largest value is %.2e; nothing was timed"
                    .formatted(workload, name, rival, worst, largest));
          }
        });
  }
}
