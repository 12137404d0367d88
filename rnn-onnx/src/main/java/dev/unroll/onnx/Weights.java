package dev.unroll.onnx;

import dev.unroll.cell.Parameters;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a recurrent node, gates in ONNX's order. D directions, G gates.
 *
 * @param w {@code [D, G*H, I]}
 * @param r {@code [D, G*H, H]}
 * @param b {@code [D, 2*G*H]}, of each direction W's before R's; null for zeros
 * @param p {@code [D, 3*H]}, peepholes of i, o, f; null for none
 */
record Weights(Value w, Value r, @Nullable Value b, @Nullable Value p) {
  /**
   * Checks the shapes.
   *
   * @throws IllegalArgumentException if one does not fit; the message goes on from the node's name
   */
  static Weights of(RecurrentSpec spec, Value w, Value r, @Nullable Value b, @Nullable Value p) {
    int directions = spec.directions().size();
    int gates = spec.kind().gates();
    if (r.rank() != 3 || w.rank() != 3 || r.shape[2] < 1 || w.shape[2] < 1) {
      throw new IllegalArgumentException(
          "has W of " + w + " and R of " + r + ", but both must have 3 dimensions of at least 1");
    }
    int hidden = spec.hiddenSize() > 0 ? spec.hiddenSize() : r.shape[2];
    long rows = (long) gates * hidden;
    require("W", w, directions, rows, w.shape[2]);
    require("R", r, directions, rows, hidden);
    if (b != null) {
      require("B", b, directions, 2 * rows);
    }
    if (p != null) {
      require("P", p, directions, 3L * hidden);
    }
    return new Weights(w, r, b, p);
  }

  static void require(String name, Value value, long... shape) {
    boolean fits = value.isFloat() && value.rank() == shape.length;
    for (int k = 0; fits && k < shape.length; k++) {
      fits = value.shape[k] == shape[k];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "has "
              + name
              + " of "
              + value
              + ", but must have floats of shape "
              + Arrays.toString(shape));
    }
  }

  int inputSize() {
    return w.shape[2];
  }

  int hiddenSize() {
    return r.shape[2];
  }

  /** {@return whether these are the same arrays, so that nothing has to be packed anew} */
  boolean same(Weights other) {
    return w == other.w && r == other.r && b == other.b && p == other.p;
  }

  /** Fills the parameters of one layer and direction of a network, whose gates are PyTorch's. */
  void fill(Kind kind, int direction, Parameters parameters, String suffix) {
    int rows = w.shape[1];
    kind.toParameter(w.floats, direction * rows * inputSize(), parameters, "weight_ih" + suffix);
    kind.toParameter(r.floats, direction * rows * hiddenSize(), parameters, "weight_hh" + suffix);
    if (b != null) {
      kind.toParameter(b.floats, direction * 2 * rows, parameters, "bias_ih" + suffix);
      kind.toParameter(b.floats, (direction * 2 + 1) * rows, parameters, "bias_hh" + suffix);
    }
    for (int i = 0; p != null && i < OnnxCell.PEEPHOLES.size(); i++) {
      System.arraycopy(
          p.floats,
          (direction * 3 + i) * hiddenSize(),
          parameters.values(),
          parameters.slice(OnnxCell.PEEPHOLES.get(i) + suffix).offset(),
          hiddenSize());
    }
  }
}
