package dev.unroll.bench.layer;

import dev.unroll.verify.Oracle;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Right before fast: what has to hold before anything is timed. */
public final class Checks {
  /** How far two single-precision libraries may differ, relative to a tensor's largest value. */
  public static final double TOLERANCE = 1e-4;

  private static final int STEPS = 8;

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
    Oracle oracle = oracle(workload, operands);
    int steps = Math.min(STEPS, s.steps());
    int outputs = workload.outputs();
    for (int row : new int[] {0, s.batch() / 2, s.batch() - 1}) {
      double[] x = new double[steps * s.inputSize()];
      for (int i = 0; i < x.length; i++) {
        int t = i / s.inputSize();
        x[i] = operands.x()[(t * s.batch() + row) * s.inputSize() + i % s.inputSize()];
      }
      double[] expected = oracle.forward(x, oracle.zeros(1), new int[] {steps}).y();
      for (int t = 0; t < steps; t++) {
        for (int j = 0; j < outputs; j++) {
          double actual = y[(t * s.batch() + row) * outputs + j];
          double error = Math.abs(actual - expected[t * outputs + j]);
          if (!(error <= TOLERANCE)) {
            throw new IllegalStateException(
                "%s: y[%d,%d,%d] is %s, but double precision gives %s; nothing was timed"
                    .formatted(workload, t, row, j, actual, expected[t * outputs + j]));
          }
        }
      }
    }
  }

  /**
   * Checks a training step against double precision: y and the gradients of every parameter and of
   * x. It costs several forward passes in plain loops, so the workload should be short.
   *
   * @param results as {@code Peer.Layer.results} gives them
   * @throws IllegalStateException if a tensor is missing or off by more than {@link #TOLERANCE} of
   *     its largest value
   */
  public static void gradients(Workload workload, Operands operands, Map<String, float[]> results) {
    Shape s = workload.shape();
    Oracle oracle = oracle(workload, operands);
    int[] lengths = new int[s.batch()];
    Arrays.fill(lengths, s.steps());
    double[][] zeros = oracle.zeros(s.batch());
    Map<String, double[]> expected = new LinkedHashMap<>();
    expected.put("y", oracle.forward(widen(operands.x()), zeros, lengths).y());
    Oracle.Gradients gradients = oracle.backward(widen(operands.gradY()), zeros, lengths);
    expected.put("x", gradients.x());
    gradients.parameters().forEach((name, values) -> expected.put(name.replace("_l0", ""), values));
    expected.forEach(
        (name, values) ->
            close(workload, name, "this library", results, "double precision", values, TOLERANCE));
  }

  /**
   * Checks that another library computes what ours does.
   *
   * @param peer its name, for the message
   * @param tolerance how far it may be off, relative to a tensor's largest value
   * @throws IllegalStateException if a tensor is missing or off by more
   */
  public static void agree(
      Workload workload,
      Map<String, float[]> ours,
      String peer,
      Map<String, float[]> theirs,
      double tolerance) {
    ours.forEach(
        (name, expected) ->
            close(workload, name, peer, theirs, "ours", widen(expected), tolerance));
  }

  private static void close(
      Workload workload,
      String name,
      String whose,
      Map<String, float[]> tensors,
      String other,
      double[] expected,
      double tolerance) {
    float[] actual = tensors.get(name);
    if (actual == null || actual.length != expected.length) {
      throw new IllegalStateException(
          "%s: %s gives no %s of %d values".formatted(workload, whose, name, expected.length));
    }
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      double error = Math.abs(actual[i] - expected[i]);
      worst = error > worst || Double.isNaN(error) ? error : worst;
    }
    // From a state of zeros, one step alone gives no gradient to what multiplies the state.
    boolean zeros =
        workload.shape().steps() == 1
            && List.of("weight_hh", "weight_ch", "nu_log", "theta_log").contains(name);
    if (!(largest > 0 || zeros) || !(worst <= tolerance * largest)) {
      throw new IllegalStateException(
          "%s: %s of %s differs from %s by %.2e where the largest value is %.2e; nothing was timed"
              .formatted(workload, name, whose, other, worst, largest));
    }
  }

  private static Oracle oracle(Workload workload, Operands operands) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    operands.parameters().forEach((name, values) -> parameters.put(name, widen(values)));
    return new Oracle(workload.config(), parameters);
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }
}
