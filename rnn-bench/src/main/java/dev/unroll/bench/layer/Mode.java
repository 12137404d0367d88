package dev.unroll.bench.layer;

import java.util.Locale;

/** What one timed call does. */
public enum Mode {
  /** Inference: y for a whole sequence. */
  FORWARD(1),
  /** Forward, then back-propagation to the gradients of every parameter and of x. */
  TRAINING(3);

  private final int products;

  Mode(int products) {
    this.products = products;
  }

  /** How many times the forward pass's matrix products the mode computes. */
  public int products() {
    return products;
  }

  /** The name used on the command line and in JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return label();
  }
}
