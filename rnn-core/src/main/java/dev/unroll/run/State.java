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
   */
  public static State zeros(RecurrentConfig config, int batch) {
    int rows = config.numLayers() * config.numDirections() * batch;
    return new State(
        new float[rows * config.stateSize()],
        new float[config.cell().hasCellState() ? rows * config.hiddenSize() : 0]);
  }
}
