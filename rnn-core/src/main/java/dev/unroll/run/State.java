package dev.unroll.run;

/**
 * The state of a network between two steps, or a gradient to it.
 *
 * @param h {@code [numLayers * D, B, stateSize]}, layer by layer, forward before reverse
 * @param c {@code [numLayers * D, B, hiddenSize]}; empty where the cell has no cell state
 */
public record State(float[] h, float[] c) {

  /**
   * A state of zeros.
   *
   * @param config the network
   * @param batch B
   * @return the state
   * @throws IllegalArgumentException if the batch is not positive or too large for Java arrays
   */
  public static State zeros(RecurrentConfig config, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException(
          "A state for a batch of " + batch + " cannot be made: it must be at least 1.");
    }
    double all = (double) config.numLayers() * config.numDirections() * batch;
    Sizes.checkPossible(
        "A state",
        (long) (all * config.hiddenSize()),
        "layers * D * B * hiddenSize",
        "a smaller batch");
    int rows = (int) all;
    return new State(
        new float[rows * config.stateSize()],
        new float[config.cell().hasCellState() ? rows * config.hiddenSize() : 0]);
  }

  /** {@return a state with copies of both arrays} */
  public State copy() {
    return new State(h.clone(), c.clone());
  }
}
