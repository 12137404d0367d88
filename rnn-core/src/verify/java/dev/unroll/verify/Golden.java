package dev.unroll.verify;

import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import java.util.Arrays;
import java.util.List;
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
}
