package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.UnitCell;

/**
 * The shape and options of a recurrent network; names and meanings are PyTorch's.
 *
 * @param cell the cell of every layer
 * @param inputSize I, features of x
 * @param hiddenSize H, units of a cell
 * @param numLayers stacked layers
 * @param bias whether there are bias_ih and bias_hh
 * @param bidirectional whether each layer also runs backward in time
 * @param projSize width that h is projected to by weight_hr (Sak 2014), 0 for none; only a {@link
 *     StepCell} with a cell state has it
 * @param dropout p, the probability that a training pass drops an output of a layer below the last
 *     ({@link Dropout})
 */
public record RecurrentConfig(
    Cell cell,
    int inputSize,
    int hiddenSize,
    int numLayers,
    boolean bias,
    boolean bidirectional,
    int projSize,
    double dropout) {

  /**
   * Checks the cell and the sizes.
   *
   * @throws IllegalArgumentException if what the cell says of itself does not fit together, if a
   *     size is not positive, if projSize is not below hiddenSize or the cell takes none, or if
   *     dropout is not in [0, 1)
   */
  public RecurrentConfig {
    CellContract.check(cell);
    positive("input_size", inputSize);
    positive("hidden_size", hiddenSize);
    positive("num_layers", numLayers);
    if (projSize < 0 || projSize >= hiddenSize) {
      throw new IllegalArgumentException(
          "proj_size is "
              + projSize
              + ", but must be 0 (none) or less than hidden_size = "
              + hiddenSize
              + ".");
    }
    if (projSize > 0 && !(cell instanceof StepCell && cell.hasCellState())) {
      throw new IllegalArgumentException(
          "proj_size is "
              + projSize
              + ", but only lstm and step cells of one's own with a cell state have a projection,"
              + " not "
              + cell.name()
              + ".");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout is " + dropout + ", but must be at least 0 and less than 1.");
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", but must be at least 1.");
    }
  }

  /**
   * {@return one layer, one direction, with bias, without projection}
   *
   * @param cell the cell of every layer
   * @param inputSize I
   * @param hiddenSize H
   */
  public static RecurrentConfig of(Cell cell, int inputSize, int hiddenSize) {
    return new RecurrentConfig(cell, inputSize, hiddenSize, 1, true, false, 0, 0);
  }

  /**
   * {@return this with another number of layers}
   *
   * @param layers at least 1
   */
  public RecurrentConfig withNumLayers(int layers) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, layers, bias, bidirectional, projSize, dropout);
  }

  /**
   * {@return this with or without biases}
   *
   * @param withBias whether there are any
   */
  public RecurrentConfig withBias(boolean withBias) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, numLayers, withBias, bidirectional, projSize, dropout);
  }

  /**
   * {@return this in one or both directions}
   *
   * @param both whether it is both
   */
  public RecurrentConfig withBidirectional(boolean both) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, numLayers, bias, both, projSize, dropout);
  }

  /**
   * {@return this with another projection, 0 for none}
   *
   * @param size less than hiddenSize
   */
  public RecurrentConfig withProjSize(int size) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, numLayers, bias, bidirectional, size, dropout);
  }

  /**
   * {@return this with another probability of {@link Dropout}, 0 for none}
   *
   * @param probability at least 0 and less than 1
   */
  public RecurrentConfig withDropout(double probability) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, numLayers, bias, bidirectional, projSize, probability);
  }

  /** {@return D, 1 or 2} */
  public int numDirections() {
    return bidirectional ? 2 : 1;
  }

  /** {@return the width of h: projSize, or hiddenSize without projection} */
  public int stateSize() {
    return projSize > 0 ? projSize : hiddenSize;
  }

  /** {@return features of y: D times the width of h} */
  public int outputSize() {
    return numDirections() * stateSize();
  }

  /** {@return the number of weights and biases; rounded above 2^53, Long.MAX_VALUE at most} */
  public long parameterCount() {
    boolean hidden = cell.hasRecurrentProduct();
    double vectors =
        cell instanceof UnitCell unit ? (double) unit.vectors().size() * hiddenSize : 0;
    double rows = (double) cell.gates() * hiddenSize;
    double besides = (hidden ? (double) stateSize() : 0) + (bias ? hidden ? 2 : 1 : 0);
    double others = (double) projSize * hiddenSize + vectors;
    double first = rows * (inputSize + besides) + others;
    double deeper = rows * ((double) numDirections() * stateSize() + besides) + others;
    return (long) (numDirections() * (first + (numLayers - 1) * deeper));
  }
}
