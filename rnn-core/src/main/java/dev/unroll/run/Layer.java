package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.PackedWeights;
import dev.unroll.kernel.Panels;
import org.jspecify.annotations.Nullable;

/**
 * One layer in one direction: its weights, packed for the products.
 *
 * <p>Letters: I input features, H units, S width of the output (H, or less with a projection), G
 * gates.
 */
abstract sealed class Layer permits StepLayer, AheadLayer {
  /** Where a layer is in a network, and where its parameters go. */
  record Place(
      Parameters parameters,
      String prefix,
      RecurrentConfig config,
      WeightFormat weights,
      int layer,
      boolean reverse) {
    /**
     * Adds a parameter, e.g. {@code weight_ih_l0_reverse}, as zeros; with rounded weights finds the
     * one that is rounded.
     */
    Slice add(String name, int... shape) {
      String full = prefix + name + "_l" + layer + (reverse ? "_reverse" : "");
      return weights == WeightFormat.F32 ? parameters.add(full, shape) : parameters.slice(full);
    }

    /** {@return the features of x} */
    int inputSize() {
      return layer == 0 ? config.inputSize() : config.outputSize();
    }

    /** Adds {@code weight_ih}. */
    Slice addWeightIh(Cell cell) {
      return add("weight_ih", cell.gates() * config.hiddenSize(), inputSize());
    }

    /** Adds a bias for each gate if the network has biases. */
    @Nullable Slice addBias(String name, Cell cell) {
      return config.bias() ? add(name, cell.gates() * config.hiddenSize()) : null;
    }
  }

  /** Which of the network's layers and directions this is: the row of a {@link State}. */
  final int index;

  final boolean reverse;
  final int inputSize;
  final int hiddenSize;
  final int stateSize;

  /** How wide each of the cell's states is. */
  final int[] widths;

  /** Floats of a row of y. */
  final int outputSize;

  /** Where this direction's h starts in a row of y. */
  final int outputOffset;

  final GateLayout layout;

  /** The weight of x: {@code weight_ih}, or the first of several that follow each other. */
  final Slice weightIh;

  /** The operand of x·weight_ihᵀ. */
  final PackedWeights input;

  /** The biases, a float for each column of the gate storage. */
  final float[] bias;

  /** A layer whose weight of x has been added; the other parameters come after it. */
  Layer(Cell cell, GateLayout layout, Place place, Slice weightIh) {
    RecurrentConfig config = place.config();
    reverse = place.reverse();
    index = place.layer() * config.numDirections() + (reverse ? 1 : 0);
    inputSize = place.inputSize();
    hiddenSize = config.hiddenSize();
    stateSize = config.stateSize();
    widths = cell.states().stream().mapToInt(config::width).toArray();
    outputSize = config.outputSize();
    outputOffset = reverse ? stateSize : 0;
    this.layout = layout;
    this.weightIh = weightIh;
    input = place.weights().operand(inputSize, layout.input.rows());
    bias = Buffers.floats((long) layout.groups * Panels.WIDTH);
  }

  /** Packs one thread's share of the weights; once for each change of them. */
  void pack(float[] values, int worker, int workers) {
    input.packTransposed(values, weightIh.offset(), layout.input.rows(), worker, workers);
  }

  /** Packs one thread's share of what the backward pass needs besides. */
  abstract void packBackward(float[] values, int worker, int workers);
}
