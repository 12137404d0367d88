package dev.unroll.onnx;

import java.util.List;

/** A node made ready to run. */
interface Operator {
  /**
   * Computes the outputs.
   *
   * @param inputs the node's
   * @param memory for what is made
   * @return the first outputs that the operator has, wanted or not
   * @throws IllegalArgumentException if they do not fit; the message goes on from the node's name
   */
  List<Value> run(Inputs inputs, Memory memory);
}
