package dev.unroll.onnx;

import dev.unroll.run.Recurrent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A recurrent node of a file, as {@link OnnxImport} finds it. */
public final class ImportedRecurrent {
  private final String name;
  private final String graph;
  private final String operator;
  private final List<String> weights;
  private final boolean reversed;
  private final @Nullable Recurrent recurrent;
  private final String problem;

  ImportedRecurrent(
      Node node,
      String graph,
      List<String> weights,
      boolean reversed,
      @Nullable Recurrent recurrent,
      String problem) {
    this.name = node.name();
    this.graph = graph;
    this.operator = node.operator();
    this.weights = List.copyOf(weights);
    this.reversed = reversed;
    this.recurrent = recurrent;
    this.problem = problem;
  }

  /** {@return the node's name; where it has none, that of its first output} */
  public String name() {
    return name;
  }

  /**
   * {@return the graph that it lies in: empty for the model's own, else the names of the nodes and
   * their attributes that lead to it, e.g. {@code If_0.then_branch}}
   */
  public String graph() {
    return graph;
  }

  /** {@return {@code RNN}, {@code LSTM} or {@code GRU}} */
  public String operator() {
    return operator;
  }

  /**
   * {@return names that the file gives to the weights and biases it is made of, before any slicing
   * and joining; an exporter usually keeps the framework's in them}
   */
  public List<String> weights() {
    return weights;
  }

  /**
   * {@return whether the node runs in the reverse direction alone, which a {@link Recurrent} does
   * not: reverse its sequences in time, and its outputs}
   */
  public boolean reversed() {
    return reversed;
  }

  /** {@return why there is no {@link #recurrent()}, one sentence; empty if there is one} */
  public String problem() {
    return problem;
  }

  /**
   * {@return the network of one layer, with the node's weights under PyTorch's names; its cell is
   * one of the library's, or one of the node's own that runs slower and forward only}
   *
   * @throws IllegalStateException if there is none; the message is {@link #problem()}
   */
  public Recurrent recurrent() {
    if (recurrent == null) {
      throw new IllegalStateException(problem);
    }
    return recurrent;
  }

  /** {@return one line: where it is and what it is} */
  @Override
  public String toString() {
    return (graph.isEmpty() ? "" : graph + "/")
        + name
        + ": "
        + operator
        + (recurrent == null
            ? ", " + problem
            : " " + recurrent.config().inputSize() + " -> " + recurrent.config().outputSize());
  }
}
