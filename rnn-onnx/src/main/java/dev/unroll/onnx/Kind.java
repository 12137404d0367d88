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
  RNN,
  /** Gates i, o, f, c. */
  LSTM,
  /** Gates z, r, h. */
  GRU;

  private static final List<Activation> RELU = List.of(Activation.RELU);

  /** {@return f, g and h of the specification where the node does not state them} */
  List<Activation> usual() {
    return switch (this) {
      case RNN -> List.of(Activation.TANH);
      case LSTM -> List.of(Activation.SIGMOID, Activation.TANH, Activation.TANH);
      case GRU -> List.of(Activation.SIGMOID, Activation.TANH);
    };
  }

  int gates() {
    return order().length;
  }

  /** {@return at g which of ONNX's gates is PyTorch's gate g} */
  private int[] order() {
    return switch (this) {
      case RNN -> new int[] {0};
      case LSTM -> new int[] {0, 2, 3, 1};
      case GRU -> new int[] {1, 0, 2};
    };
  }

  /** {@return the cell of one layer that computes the same, null where there is none} */
  @Nullable Cell cell(List<Activation> activations) {
    if (this == RNN && activations.equals(RELU)) {
      return Cells.named("rnn_relu");
    }
    return !activations.equals(usual())
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
      if (cell.equals(kind.cell(kind.usual())) || cell.equals(kind.cell(RELU))) {
        return kind;
      }
    }
    return null;
  }

  /** Copies rows of gates in ONNX's order to a parameter, where they are in PyTorch's. */
  void toParameter(float[] onnx, int from, Parameters parameters, String name) {
    Parameters.Slice slice = parameters.slice(name);
    int[] order = order();
    int block = slice.size() / order.length;
    for (int g = 0; g < order.length; g++) {
      System.arraycopy(
          onnx, from + order[g] * block, parameters.values(), slice.offset() + g * block, block);
    }
  }

  /** The reverse of {@link #toParameter}. */
  void fromParameter(Parameters parameters, String name, float[] onnx, int to) {
    Parameters.Slice slice = parameters.slice(name);
    int[] order = order();
    int block = slice.size() / order.length;
    for (int g = 0; g < order.length; g++) {
      System.arraycopy(
          parameters.values(), slice.offset() + g * block, onnx, to + order[g] * block, block);
    }
  }
}
