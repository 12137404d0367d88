package dev.unroll.golden;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import dev.unroll.run.RecurrentConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads what the kinds of golden file have in common. */
final class Golden {
  private Golden() {}

  /** The tensor's values, after a check of its shape. */
  static float[] floats(Safetensors golden, String name, int... shape) {
    return checked(golden, name, shape).floats();
  }

  /** The tensor, after a check of its shape. */
  static Tensor checked(Safetensors golden, String name, int... shape) {
    Tensor tensor = golden.tensor(name);
    List<Integer> expected = Arrays.stream(shape).boxed().toList();
    if (!tensor.shape().equals(expected)) {
      throw new IllegalArgumentException(
          "Tensor '" + name + "' has shape " + tensor.shape() + ", not " + expected + ".");
    }
    return tensor;
  }

  /** The tensor's shape, after a check of its rank. */
  static List<Integer> shape(Safetensors golden, String name, int rank) {
    List<Integer> shape = golden.tensor(name).shape();
    if (shape.size() != rank) {
      throw new IllegalArgumentException(
          "Tensor '" + name + "' has shape " + shape + ", not " + rank + " dimensions.");
    }
    return shape;
  }

  /** A number from the metadata, or what is usual where it is not stated. */
  static double number(Map<String, String> metadata, String key, double usual) {
    String text = metadata.get(key);
    if (text == null) {
      return usual;
    }
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Metadata '" + key + "' is \"" + text + "\", not a number.", e);
    }
  }

  /** The stack whose parameters are the tensors with this prefix: their names and shapes tell. */
  static RecurrentConfig config(Safetensors golden, String prefix) {
    int layers = 0;
    while (golden.tensors().containsKey(prefix + "weight_ih_l" + layers)) {
      layers++;
    }
    int inputSize = shape(golden, prefix + "weight_ih_l0", 2).get(1);
    List<Integer> hh = shape(golden, prefix + "weight_hh_l0", 2);
    boolean projected = golden.tensors().containsKey(prefix + "weight_hr_l0");
    int hidden = projected ? shape(golden, prefix + "weight_hr_l0", 2).get(1) : hh.get(1);
    return RecurrentConfig.of(cell(golden.metadata(), hh.get(0) / hidden), inputSize, hidden)
        .withNumLayers(layers)
        .withBias(golden.tensors().containsKey(prefix + "bias_ih_l0"))
        .withBidirectional(golden.tensors().containsKey(prefix + "weight_ih_l0_reverse"))
        .withProjSize(projected ? hh.get(1) : 0);
  }

  private static Cell cell(Map<String, String> metadata, int gates) {
    String named = metadata.getOrDefault("cell", gates == 4 ? "lstm" : gates == 3 ? "gru" : "rnn");
    String cell = named.toLowerCase(Locale.ROOT);
    if (cell.equals("rnn")) {
      cell = "rnn_" + metadata.getOrDefault("nonlinearity", "tanh").toLowerCase(Locale.ROOT);
    }
    return Cells.named(cell);
  }
}
