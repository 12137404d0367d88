package dev.unroll.run;

import dev.unroll.kernel.Bf16Panels;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Int8Panels;
import dev.unroll.kernel.PackedWeights;
import dev.unroll.kernel.Panels;
import java.util.Locale;

/**
 * The bits in which a network's matrices (weight_ih, weight_hh, weight_hr) are read by its
 * products. Biases, inputs, states and sums are floats in every format.
 */
public enum WeightFormat {
  /** Floats, 4 bytes: the weights as they are. */
  F32,

  /**
   * bfloat16, 2 bytes: the upper half of a float, rounded to nearest even. A weight is off by at
   * most 2^-8 of itself, if it is not subnormal. Outputs have the bits of a network whose weights
   * were rounded so. Infinities and NaN stay; what is too large for bfloat16 becomes infinite.
   */
  BF16,

  /**
   * Whole numbers from -127 to 127, 1 byte, with one scale for each row of a matrix, which its sum
   * is multiplied by once: symmetric, rounded to nearest even. A weight is off by at most 1/254 of
   * the largest in its row. A row that holds NaN or an infinity gives NaN.
   */
  INT8;

  /** {@return {@code f32}, {@code bf16} or {@code int8}} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return room for a matrix, all zero} */
  PackedWeights operand(int k, Columns columns) {
    return switch (this) {
      case F32 -> new Panels(k, columns);
      case BF16 -> new Bf16Panels(k, columns);
      case INT8 -> new Int8Panels(k, columns);
    };
  }
}
