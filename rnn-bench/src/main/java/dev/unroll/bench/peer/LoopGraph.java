package dev.unroll.bench.peer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a recurrence is written for a library that has no operator for it: operations on whole
 * sequences, and a loop over their steps. A value is known by its name; shapes broadcast.
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

  /** {@code a b + c}. */
  default String multiplyAdd(String a, String b, String c) {
    return apply(Op.ADD, apply(Op.MUL, a, b), c);
  }

  /** {@code from + part (to - from)}. */
  default String interpolate(String from, String to, String part) {
    return multiplyAdd(part, apply(Op.SUB, to, from), from);
  }

  /** {@code x Wᵀ + bias} of a sequence {@code x}, W {@code [rows, columns]}. */
  String product(String x, String weight, @Nullable String bias);

  /** {@code h Wᵀ + c} of a state {@code [B, columns]}, W {@code [rows, columns]}. */
  String productPlus(String h, String weight, String c);

  /** The sums over the last dimension, which stays with size 1. */
  String sum(String x);

  /** Equal parts of the last dimension. */
  List<String> parts(String x, int count);

  /** The same values in another shape. */
  String reshape(String x, long... shape);

  /** The first two dimensions in the other order. */
  String swapped(String x);

  /** Values joined along the last dimension. */
  String join(List<String> values);

  /**
   * A loop over the first dimension of some series.
   *
   * @param states the shape of each state, which is of zeros before the first step
   * @return each output of all steps, the steps along its first dimension
   */
  List<String> loop(List<String> series, List<long[]> states, Body body);

  /**
   * {@code s <- (cos + i sin) s + b} of complex numbers, whose parts are values of their own.
   *
   * @param state the shape of each part of s
   * @return both parts of s after each step
   */
  default List<String> rotate(String cos, String sin, List<String> b, long[] state) {
    String negative = apply(Op.NEG, sin);
    return loop(
        b,
        List.of(state, state),
        (now, s) -> {
          String re = multiplyAdd(negative, s.get(1), multiplyAdd(cos, s.get(0), now.get(0)));
          String im = multiplyAdd(sin, s.get(0), multiplyAdd(cos, s.get(1), now.get(1)));
          return new Step(List.of(re, im), List.of(re, im));
        });
  }

  /** Whether the library has the gated delta rule as an operator. */
  default boolean hasGatedDelta() {
    return false;
  }

  /**
   * {@code S <- e^decay S}, {@code S <- S + beta k (v - Sᵀ k)ᵀ}, {@code y = Sᵀ q} over all steps;
   * each input begins with {@code [B, T]} and holds the heads side by side.
   *
   * @throws UnsupportedOperationException if the library does not have it
   */
  default String gatedDelta(
      String query, String key, String value, String decay, String beta, int heads) {
    throw new UnsupportedOperationException("no gated delta rule");
  }
}
