package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LayerSizes;
import dev.unroll.cell.StatePart;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.StripCell;
import dev.unroll.cell.UnitCell;

/**
 * The shape and options of a recurrent network; names and meanings are PyTorch's, where it has
 * them.
 *
 * @param cell the cell of every layer
 * @param inputSize I, features of x
 * @param hiddenSize H, units of a cell
 * @param numLayers stacked layers
 * @param bias whether there are bias_ih and bias_hh; false for a {@link DeltaCell}, which has none
 * @param bidirectional whether each layer also runs backward in time
 * @param projSize width that h is projected to by weight_hr (Sak 2014), 0 for none; only a {@link
 *     StepCell} with a cell state has it
 * @param heads N, parts of the units that share nothing but the input; more than 1 only for a cell
 *     that {@link Cell#hasHeads}
 * @param keySize K, the width of a head's keys, 0 for that of its values, hiddenSize / heads; only
 *     for a cell that {@link Cell#hasKeys}
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
    int heads,
    int keySize,
    double dropout) {

  /**
   * Checks the cell and the sizes.
   *
   * @throws IllegalArgumentException if what the cell says of itself does not fit together, if a
   *     size is not positive, if projSize is not below hiddenSize, heads do not divide it, or the
   *     cell takes no such option, or if dropout is not in [0, 1)
   */
  public RecurrentConfig {
    CellContract.check(cell);
    bias = bias && !(cell instanceof DeltaCell);
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
    if (projSize > 0 && !takesProjection(cell)) {
      throw new IllegalArgumentException(
          "proj_size is "
              + projSize
              + ", but only lstm and step cells of one's own with a cell state have a projection,"
              + " not "
              + cell.name()
              + ".");
    }
    if (heads < 1 || hiddenSize % heads != 0) {
      throw new IllegalArgumentException(
          "heads is "
              + heads
              + ", but must be at least 1 and divide hidden_size = "
              + hiddenSize
              + ".");
    }
    if (heads > 1 && !cell.hasHeads()) {
      throw new IllegalArgumentException(
          "heads is " + heads + ", but " + cell.name() + " has none: leave it at 1.");
    }
    if (keySize < 0) {
      throw new IllegalArgumentException(
          "key_size is " + keySize + ", but must be positive, or 0 for hidden_size / heads.");
    }
    if (keySize > 0 && !cell.hasKeys()) {
      throw new IllegalArgumentException(
          "key_size is " + keySize + ", but " + cell.name() + " has no keys: leave it at 0.");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout is " + dropout + ", but must be at least 0 and less than 1.");
    }
  }

  /**
   * {@return whether a cell can have a projection: a {@link StepCell} that carries more than h}
   *
   * @param cell the cell
   */
  public static boolean takesProjection(Cell cell) {
    return cell instanceof StepCell && cell.states().equals(StatePart.H_AND_C);
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
    return new RecurrentConfig(cell, inputSize, hiddenSize, 1, true, false, 0, 1, 0, 0);
  }

  /**
   * {@return this with another number of layers}
   *
   * @param layers at least 1
   */
  public RecurrentConfig withNumLayers(int layers) {
    return new RecurrentConfig(
        cell,
        inputSize,
        hiddenSize,
        layers,
        bias,
        bidirectional,
        projSize,
        heads,
        keySize,
        dropout);
  }

  /**
   * {@return this with or without biases}
   *
   * @param withBias whether there are any
   */
  public RecurrentConfig withBias(boolean withBias) {
    return new RecurrentConfig(
        cell,
        inputSize,
        hiddenSize,
        numLayers,
        withBias,
        bidirectional,
        projSize,
        heads,
        keySize,
        dropout);
  }

  /**
   * {@return this in one or both directions}
   *
   * @param both whether it is both
   */
  public RecurrentConfig withBidirectional(boolean both) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, numLayers, bias, both, projSize, heads, keySize, dropout);
  }

  /**
   * {@return this with another projection, 0 for none}
   *
   * @param size less than hiddenSize
   */
  public RecurrentConfig withProjSize(int size) {
    return new RecurrentConfig(
        cell, inputSize, hiddenSize, numLayers, bias, bidirectional, size, heads, keySize, dropout);
  }

  /**
   * {@return this with another number of heads}
   *
   * @param count a divisor of hiddenSize
   */
  public RecurrentConfig withHeads(int count) {
    return new RecurrentConfig(
        cell,
        inputSize,
        hiddenSize,
        numLayers,
        bias,
        bidirectional,
        projSize,
        count,
        keySize,
        dropout);
  }

  /**
   * {@return this with another width of keys, 0 for that of values}
   *
   * @param size at least 0
   */
  public RecurrentConfig withKeySize(int size) {
    return new RecurrentConfig(
        cell,
        inputSize,
        hiddenSize,
        numLayers,
        bias,
        bidirectional,
        projSize,
        heads,
        size,
        dropout);
  }

  /**
   * {@return this with another probability of {@link Dropout}, 0 for none}
   *
   * @param probability at least 0 and less than 1
   */
  public RecurrentConfig withDropout(double probability) {
    return new RecurrentConfig(
        cell,
        inputSize,
        hiddenSize,
        numLayers,
        bias,
        bidirectional,
        projSize,
        heads,
        keySize,
        probability);
  }

  /** {@return D, 1 or 2} */
  public int numDirections() {
    return bidirectional ? 2 : 1;
  }

  /** {@return the sizes of each layer} */
  public LayerSizes sizes() {
    int keys = cell.hasKeys() && keySize == 0 ? hiddenSize / heads : keySize;
    return new LayerSizes(hiddenSize, projSize, heads, keys);
  }

  /**
   * {@return the floats of a part of the state, of one sequence in one layer and direction}
   *
   * @param part one of the cell's states
   */
  public int width(StatePart part) {
    return part.width().applyAsInt(sizes());
  }

  /** {@return the floats of all parts of the state, of one sequence in one layer and direction} */
  public int stateWidth() {
    return cell.states().stream().mapToInt(this::width).sum();
  }

  /**
   * {@return S, the features that one direction gives: hiddenSize, projSize with a projection, or
   * what the cell says}
   */
  public int stateSize() {
    return cell.outputSize(sizes());
  }

  /** {@return features of y, D * S} */
  public int outputSize() {
    return numDirections() * stateSize();
  }

  /** {@return the number of weights and biases; rounded above 2^53, Long.MAX_VALUE at most} */
  public long parameterCount() {
    double first = parameterCount(inputSize);
    double deeper = parameterCount((double) numDirections() * stateSize());
    return (long) (numDirections() * (first + (numLayers - 1) * deeper));
  }

  /** Of one layer in one direction. */
  private double parameterCount(double inputs) {
    if (cell instanceof DeltaCell delta) {
      return delta.parameterCount(sizes(), inputs);
    }
    boolean hidden = cell.hasRecurrentProduct();
    int own =
        switch (cell) {
          case UnitCell unit -> unit.vectors().size();
          case StripCell strip -> strip.ownPerUnit();
          case StepCell _, DeltaCell _ -> 0;
        };
    double vectors = (double) own * hiddenSize;
    double rows = (double) cell.gates() * hiddenSize;
    int biases = !bias ? 0 : hidden && !cell.hasHeads() ? 2 : 1;
    double besides = (hidden ? (double) stateSize() / heads : 0) + biases;
    return rows * (inputs + besides) + (double) projSize * hiddenSize + vectors;
  }
}
