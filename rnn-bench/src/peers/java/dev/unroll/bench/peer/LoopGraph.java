package dev.unroll.bench.peer;

import java.util.List;

/**
 * Where a recurrence is written for a library that has no operator for it: operations on whole
 * sequences, and a loop over their steps. A value is known by its name.
 */
interface LoopGraph {
  /** A step of the loop. */
  interface Body {
    /**
     * Writes the step.
     *
     * @param now what the series are at this step
     * @param state the states before it
     */
    Step step(List<String> now, List<String> state);
  }

  /**
   * What a step gives.
   *
   * @param state the states after it
   * @param outputs what is kept of every step
   */
  record Step(List<String> state, List<String> outputs) {}

  /** A parameter of the layer, by its name without the layer's suffix. */
  String parameter(String name, long... shape);

  /** A number. */
  String number(double value);

  /** What an operation gives. */
  String apply(Op op, String... inputs);

  /** {@code x Wᵀ}, where W is a parameter {@code [rows, columns]}. */
  String product(String x, String weight);

  /** The sums over the last dimension, which stays with size 1. */
  String sum(String x);

  /** Equal parts of the last dimension. */
  List<String> parts(String x, int count);

  /** The same values in another shape. */
  String reshape(String x, long... shape);

  /** Values joined along the last dimension. */
  String join(List<String> values);

  /**
   * A loop over the first dimension of some series.
   *
   * @param states the shape of each state, which is of zeros before the first step
   * @return each output of all steps, the steps along its first dimension
   */
  List<String> loop(List<String> series, List<long[]> states, Body body);
}
