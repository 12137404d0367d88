package dev.unroll.verify;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StatePart;
import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The form of a golden file of one layer in one direction, for cells that PyTorch does not have:
 * parameters without {@code _l0}, states without the dimension of layers, and sizes in the
 * metadata: {@code cell}, and {@code hidden_size} or {@code heads} and {@code value}; {@code key}
 * where there are keys, and {@code householder} and {@code reach} of a {@link DeltaCell}.
 */
final class OneLayerFile {
  private OneLayerFile() {}

  /** {@return whether a file has this form} */
  static boolean is(Safetensors golden) {
    return golden.metadata().containsKey("cell")
        && golden.tensors().keySet().stream().noneMatch(name -> name.endsWith("_l0"));
  }

  /** {@return the layer} */
  static RecurrentConfig config(Safetensors golden) {
    Cell cell = Cells.named(golden.metadata().getOrDefault("cell", ""));
    int heads = size(golden, "heads", 1);
    int hidden =
        golden.metadata().containsKey("hidden_size")
            ? size(golden, "hidden_size", 1)
            : Math.multiplyExact(heads, size(golden, "value", 1));
    RecurrentConfig config =
        RecurrentConfig.of(cell, golden.shape("x", 3).get(2), hidden)
            .withBias(golden.tensors().containsKey("bias_ih"))
            .withHeads(heads)
            .withKeySize(size(golden, "key", 0));
    if (cell instanceof DeltaCell delta) {
      requireSame(golden, "householder", delta.householder());
      requireSame(golden, "reach", delta.reach());
    }
    long elements = golden.tensors().values().stream().mapToLong(Tensor::size).sum();
    if (config.parameterCount() > elements) {
      throw new IllegalArgumentException(
          "Its metadata tell of a layer of "
              + config.parameterCount()
              + " parameters, but its tensors have only "
              + elements
              + " elements: a tensor is missing or a size is wrong.");
    }
    return config;
  }

  /**
   * A whole number from the metadata; what is usual, which is also the least, where it is absent.
   */
  private static int size(Safetensors golden, String key, int usual) {
    double number = Golden.number(golden.metadata(), key, usual);
    if (number != (int) number || number < usual) {
      throw new IllegalArgumentException(
          "Metadata '"
              + key
              + "' is \""
              + golden.metadata().get(key)
              + "\": a whole number of at least "
              + usual
              + " is expected.");
    }
    return (int) number;
  }

  /** What a file says of its cell has to be what the cell is. */
  private static void requireSame(Safetensors golden, String key, int expected) {
    if (size(golden, key, 1) != expected) {
      throw new IllegalArgumentException(
          "Metadata '"
              + key
              + "' is \""
              + golden.metadata().get(key)
              + "\", but cell '"
              + golden.metadata().get("cell")
              + "' has "
              + expected
              + ".");
    }
  }

  /** {@return the file with the names and shapes of a {@link LayerCase}} */
  static Safetensors withLayers(Safetensors golden, RecurrentConfig config, int batch) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(golden.tensors());
    for (Slice slice : new Recurrent(config).parameters().slices()) {
      String name = slice.name().replaceFirst("_l0$", "");
      for (String before : List.of("", "grad.")) {
        Tensor tensor = tensors.remove(before + name);
        if (tensor != null) {
          tensors.put(before + slice.name(), tensor);
        }
      }
    }
    for (StatePart part : config.cell().states()) {
      for (String form : List.of("%s0", "%s_n", "grad.%s0", "grad_%s_n")) {
        String name = form.formatted(part.name());
        Tensor tensor = tensors.get(name);
        if (tensor != null) {
          int width = config.width(part);
          if (tensor.shape().getFirst() != batch || tensor.size() != batch * width) {
            throw new IllegalArgumentException(
                "Tensor '%s' has shape %s, but B = %d and a state of %d were expected."
                    .formatted(name, tensor.shape(), batch, width));
          }
          tensors.put(name, reshaped(tensor, 1, batch, width));
        }
      }
    }
    return new Safetensors(tensors, golden.metadata());
  }

  private static Tensor reshaped(Tensor tensor, int... shape) {
    double[] values = tensor.doubles();
    return Arrays.stream(values).allMatch(v -> v == (float) v)
        ? Tensor.of(tensor.floats(), shape)
        : Tensor.of(values, shape);
  }
}
