package dev.unroll.onnx;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is given.
 *
 * @param values one for each of its inputs, null for one that is missing
 */
record Inputs(List<@Nullable Value> values) {
  /** {@return an input that may be missing} */
  @Nullable Value optional(int i) {
    return i < values.size() ? values.get(i) : null;
  }

  /**
   * {@return an input that must be there}
   *
   * @throws IllegalArgumentException if it is missing
   */
  Value get(int i) {
    Value input = optional(i);
    if (input == null) {
      throw new IllegalArgumentException("lacks its input " + i);
    }
    return input;
  }

  int size() {
    return values.size();
  }
}
