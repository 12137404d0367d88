package dev.unroll.onnx;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node made ready to run. */
interface Operator {
  /**
   * Computes the outputs.
   *
   * @param inputs one for each of the node's, null for a missing one
   * @param memory for what is made
   * @return one for each of the node's outputs, null for one that is not wanted
   * @throws IllegalArgumentException if they do not fit; the message goes on from the node's name
   */
  List<@Nullable Value> run(List<@Nullable Value> inputs, Memory memory);
}
