package dev.unroll.onnx;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The three recurrent operators and how their weights lie: ONNX's gates are i, o, f, c for the LSTM
 * and z, r, h for the GRU; PyTorch's, and this library's, are i, f, g, o and r, z, n.
 */
enum Kind {
  /** One gate. */
  RNN(List.of(Activation.TANH), 0),
  /** Gates i, o, f, c. */
  LSTM(List.of(Activation.SIGMOID, Activation.TANH, Activation.TANH), 0, 2, 3, 1),
  /** Gates z, r, h. */
  GRU(List.of(Activation.SIGMOID, Activation.TANH), 1, 0, 2);

  /** What is applied where nothing else is stated: f, g and h in the specification's letters. */
  final List<Activation> usual;

  /** Position g holds which of ONNX's gates is PyTorch's gate g. */
  private final int[] order;

  Kind(List<Activation> usual, int... order) {
    this.usual = usual;
    this.order = order;
  }

  int gates() {
    return order.length;
  }

  /** {@return the cell of one layer that computes the same, null where there is none} */
  @Nullable Cell cell(List<Activation> activations) {
    if (this == RNN && activations.equals(List.of(Activation.RELU))) {
      return Cells.named("rnn_relu");
    }
    return !activations.equals(usual)
        ? null
        : Cells.named(
            switch (this) {
              case RNN -> "rnn_tanh";
              case LSTM -> "lstm";
              case GRU -> "gru";
            });
  }

  /** {@return the operator whose equations a cell has, null where there is none} */
  static @Nullable Kind of(Cell cell) {
    for (Kind kind : values()) {
      if (cell == kind.cell(kind.usual) || cell == kind.cell(List.of(Activation.RELU))) {
        return kind;
      }
    }
    return null;
  }

  /** Copies rows of gates in ONNX's order to a parameter, where they are in PyTorch's. */
  void toParameter(float[] onnx, int from, Parameters parameters, String name) {
    Parameters.Slice slice = parameters.slice(name);
    int block = slice.size() / gates();
    for (int g = 0; g < gates(); g++) {
      System.arraycopy(
          onnx, from + order[g] * block, parameters.values(), slice.offset() + g * block, block);
    }
  }

  /** The reverse of {@link #toParameter}. */
  void fromParameter(Parameters parameters, String name, float[] onnx, int to) {
    Parameters.Slice slice = parameters.slice(name);
    int block = slice.size() / gates();
    for (int g = 0; g < gates(); g++) {
      System.arraycopy(
          parameters.values(), slice.offset() + g * block, onnx, to + order[g] * block, block);
    }
  }
}
