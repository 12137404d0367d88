package dev.unroll.run;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One layer in one direction of a {@link StepCell}: its weights, packed for the products of {@link
 * Unroll} and {@link UnrollBackward}.
 *
 * <p>Letters: I input features, H units, S width of h (H, or less with a projection), G gates.
 */
final class StepLayer implements Layer {
  final StepCell cell;

  /** Which of the network's layers and directions this is: the row of a {@link State}. */
  final int index;

  final boolean reverse;
  final int inputSize;
  final int hiddenSize;
  final int stateSize;

  /** Floats of a row of y. */
  final int outputSize;

  /** Where this direction's h starts in a row of y. */
  final int outputOffset;

  final GateLayout layout;

  final Slice weightIh;
  final Slice weightHh;
  final @Nullable Slice biasIh;
  final @Nullable Slice biasHh;

  /** {@code weight_hr}; null without a projection. */
  final @Nullable Slice projection;

  /** The operand of x·weight_ihᵀ. */
  final Panels input;

  /** The operand of h·weight_hhᵀ. */
  final Panels hidden;

  /** The operand of the projection. */
  final @Nullable Panels projected;

  /** Both biases together, a float for each column of the gate storage. */
  final float[] bias;

  /** The columns of the projection. */
  final GateLayout.Product projectionColumns;

  private @Nullable Operands backward;

  /**
   * The operands of the products with gradients, which have more terms than the layer has gates.
   */
  static final class Operands {
    /** To the gradient to x. */
    final Panels toInput;

    /** To the gradient to h. */
    final Panels toHidden;

    /** Through the projection. */
    final @Nullable Panels throughProjection;

    private Operands(StepLayer layer) {
      toInput = new Panels(layer.terms(), layer.inputSize);
      toHidden = new Panels(layer.terms(), layer.stateSize);
      throughProjection =
          layer.projection == null ? null : new Panels(layer.stateSize, layer.hiddenSize);
    }
  }

  StepLayer(
      StepCell cell,
      Parameters parameters,
      String prefix,
      RecurrentConfig config,
      int layer,
      boolean reverse) {
    this.cell = cell;
    this.index = layer * config.numDirections() + (reverse ? 1 : 0);
    this.reverse = reverse;
    this.inputSize = layer == 0 ? config.inputSize() : config.outputSize();
    this.stateSize = config.stateSize();
    this.hiddenSize = config.hiddenSize();
    outputSize = config.outputSize();
    outputOffset = reverse ? stateSize : 0;
    layout = GateLayout.of(cell, hiddenSize);
    int rows = cell.gates() * hiddenSize;
    String suffix = "_l" + layer + (reverse ? "_reverse" : "");
    weightIh = parameters.add(prefix + "weight_ih" + suffix, rows, inputSize);
    weightHh = parameters.add(prefix + "weight_hh" + suffix, rows, stateSize);
    biasIh = config.bias() ? parameters.add(prefix + "bias_ih" + suffix, rows) : null;
    biasHh = config.bias() ? parameters.add(prefix + "bias_hh" + suffix, rows) : null;
    projection =
        config.projSize() > 0
            ? parameters.add(prefix + "weight_hr" + suffix, stateSize, hiddenSize)
            : null;
    input = new Panels(inputSize, layout.input.rows());
    hidden = new Panels(stateSize, layout.hidden.rows());
    projected = projection == null ? null : new Panels(hiddenSize, stateSize);
    projectionColumns = GateLayout.Product.natural(stateSize);
    bias = Buffers.floats((long) layout.groups * Panels.WIDTH);
  }

  @Override
  public void pack(float[] values, int worker, int workers) {
    input.packTransposed(values, weightIh.offset(), layout.input.rows(), worker, workers);
    hidden.packTransposed(values, weightHh.offset(), layout.hidden.rows(), worker, workers);
    if (projection != null && projected != null) {
      projected.packTransposed(
          values, projection.offset(), projectionColumns.rows(), worker, workers);
    }
    if (worker == 0 && biasIh != null && biasHh != null) {
      Arrays.fill(bias, 0f);
      layout.input.addBias(bias, values, biasIh.offset());
      layout.hidden.addBias(bias, values, biasHh.offset());
    }
  }

  @Override
  public void packBackward(float[] values, int worker, int workers) {
    Operands to = backward();
    to.toInput.pack(values, weightIh.offset(), inputSize, layout.input.rows(), worker, workers);
    to.toHidden.pack(values, weightHh.offset(), stateSize, layout.hidden.rows(), worker, workers);
    if (worker == 0 && projection != null && to.throughProjection != null) {
      to.throughProjection.pack(values, projection.offset(), hiddenSize);
    }
  }

  /** Makes room for the operands of the backward pass, the first time. */
  void allocateBackward() {
    if (backward == null) {
      backward = new Operands(this);
    }
  }

  /**
   * {@return the operands of the backward pass}
   *
   * @throws IllegalStateException if there is no room for them
   */
  Operands backward() {
    Operands operands = backward;
    if (operands == null) {
      throw new IllegalStateException("There is no workspace for training.");
    }
    return operands;
  }

  /** {@return terms of the sums in the gradients to x and h: gate rows, padding included} */
  int terms() {
    return layout.usedGroups * cell.hiddenSlots().count() * cell.unitsPerGroup();
  }
}
