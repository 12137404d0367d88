package dev.unroll.verify;

import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import dev.unroll.run.RecurrentConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads what the kinds of golden file have in common. */
final class Golden {
  /** Floats that the passes of a file may order, 256 MB: the smallest file can state any T. */
  private static final int MOST = 1 << 26;

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

  /** The tensor's integers, after a check of its shape and of their range. */
  static int[] ints(Safetensors golden, String name, int least, int most, int... shape) {
    return Arrays.stream(checked(golden, name, shape).longs())
        .mapToInt(
            value -> {
              if (value < least || value > most) {
                throw new IllegalArgumentException(
                    "Tensor '"
                        + name
                        + "' holds "
                        + value
                        + ": "
                        + least
                        + " to "
                        + most
                        + " is expected.");
              }
              return (int) value;
            })
        .toArray();
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

  /**
   * Checks the memory that training passes need: packed weights, gates, states and logits, about.
   *
   * @param classes of a readout, 0 for none
   */
  static void requireModest(RecurrentConfig config, int steps, int batch, int classes) {
    double units = padded(config.hiddenSize());
    double outputs = padded(config.outputSize());
    double weights = 8 * units * (Math.max(padded(config.inputSize()), outputs) + outputs);
    double rows = (double) steps * batch;
    double layers = (double) config.numLayers() * config.numDirections();
    double floats =
        layers * (weights + rows * (8 * units + outputs))
            + 2.0 * classes * rows
            + 2 * padded(classes) * outputs;
    if (floats > MOST) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "It orders about %.0f MB for %d layers of %d units over %d steps of %d sequences, but"
                  + " a golden file may order %d MB: use a smaller case.",
              floats * Float.BYTES / (1 << 20),
              config.numLayers(),
              config.hiddenSize(),
              steps,
              batch,
              MOST / (1 << 20) * Float.BYTES));
    }
  }

  /** To whole groups of the kernels' columns. */
  private static double padded(int columns) {
    return Math.ceil(columns / 64.0) * 64;
  }
}
