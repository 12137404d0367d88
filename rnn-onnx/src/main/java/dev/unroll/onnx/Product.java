package dev.unroll.onnx;

import dev.unroll.cell.Parameters;
import dev.unroll.run.Team;
import dev.unroll.train.Linear;
import org.jspecify.annotations.Nullable;

/**
 * x·weightᵀ + bias by a {@link Linear}, whose weights are packed when others come than the time
 * before: once where they are constants.
 */
final class Product {
  private @Nullable Linear linear;
  private Parameters parameters = new Parameters();
  private @Nullable Object loadedWeight;
  private @Nullable Object loadedBias;

  /** {@return whether {@link #keep} was last told of these} */
  @SuppressWarnings("ReferenceEquality") // the same arrays, not equal ones
  boolean has(Object weight, @Nullable Object bias) {
    return loadedWeight == weight && loadedBias == bias;
  }

  /** Remembers what the loaded weights were made from. */
  void keep(Object weight, @Nullable Object bias) {
    loadedWeight = weight;
    loadedBias = bias;
  }

  /**
   * Takes other weights.
   *
   * @param weight {@code [outputs, inputs]}
   * @param bias {@code [outputs]}, or null
   */
  void load(int outputs, int inputs, float[] weight, float @Nullable [] bias, Memory memory) {
    loadedWeight = null;
    if (linear == null
        || linear.inputSize() != inputs
        || linear.outputSize() != outputs
        || (bias == null) != (parameters.slices().size() == 1)) {
      // Values, gradients, and the panels that they are packed into, which have multiples of 64
      // columns.
      memory.take((2L * outputs + Math.ceilDiv(outputs, 64) * 64L) * inputs, Float.BYTES);
      parameters = new Parameters();
      linear = new Linear(parameters, "", inputs, outputs, bias != null);
    }
    System.arraycopy(weight, 0, parameters.values(), 0, outputs * inputs);
    if (bias != null) {
      System.arraycopy(bias, 0, parameters.values(), outputs * inputs, outputs);
    }
    parameters.changed();
  }

  /** Multiplies with the weights of the last {@link #load}; a product of nothing is 0. */
  void run(int rows, float[] x, float[] y) {
    if (linear == null) {
      throw new IllegalStateException("no weights are loaded");
    }
    if (rows > 0) {
      linear.forward(Team.single(), rows, x, y);
    }
  }

  /** {@return columns of a row-major matrix {@code [rows, columns]} as rows} */
  static float[] transposed(float[] matrix, int from, int rows, int columns, Memory memory) {
    float[] result = memory.floats((long) rows * columns);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = matrix[from + r * columns + c];
      }
    }
    return result;
  }
}
