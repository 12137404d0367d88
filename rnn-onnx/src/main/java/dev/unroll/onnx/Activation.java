package dev.unroll.onnx;

import dev.unroll.cell.UnitCell;
import java.util.Locale;

/** The functions that a recurrent operator may apply. */
enum Activation {
  /** Hyperbolic tangent. */
  TANH,
  /** Logistic function. */
  SIGMOID,
  /** Rectifier; NaN stays NaN. */
  RELU;

  float of(float x) {
    return switch (this) {
      case TANH -> UnitCell.tanh(x);
      case SIGMOID -> UnitCell.sigmoid(x);
      case RELU -> x <= 0 ? 0 : x;
    };
  }

  /** As {@link #of(float)}, of what is first brought into -clip .. clip; NaN stays NaN. */
  float of(float x, float clip) {
    return of(Math.max(-clip, Math.min(clip, x)));
  }

  /** {@return the function of that name, in upper or lower case} */
  static Activation named(String name) {
    for (Activation activation : values()) {
      if (activation.name().equals(name.toUpperCase(Locale.ROOT))) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "has the activation '"
            + Node.shortened(name)
            + "', which is not supported; supported are Tanh, Sigmoid and Relu");
  }
}
