package dev.unroll.run;

import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Layer} of a {@link StepCell}, with the operands of {@link Unroll} and {@link
 * UnrollBackward}.
 */
final class StepLayer extends Layer {
  final StepCell cell;
  final Slice weightHh;
  final @Nullable Slice biasIh;
  final @Nullable Slice biasHh;

  /** {@code weight_hr}; null without a projection. */
  final @Nullable Slice projection;

  /** The operand of h·weight_hhᵀ. */
  final Panels hidden;

  /** The operand of the projection. */
  final @Nullable Panels projected;

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

  StepLayer(StepCell cell, Place place) {
    super(cell, GateLayout.of(cell, place.config().hiddenSize()), place);
    this.cell = cell;
    weightHh = place.add("weight_hh", cell.gates() * hiddenSize, stateSize);
    biasIh = place.addBias("bias_ih", cell);
    biasHh = place.addBias("bias_hh", cell);
    projection =
        place.config().projSize() > 0 ? place.add("weight_hr", stateSize, hiddenSize) : null;
    hidden = new Panels(stateSize, layout.hidden.rows());
    projected = projection == null ? null : new Panels(hiddenSize, stateSize);
    projectionColumns = GateLayout.Product.natural(stateSize);
  }

  @Override
  void pack(float[] values, int worker, int workers) {
    super.pack(values, worker, workers);
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
  void packBackward(float[] values, int worker, int workers) {
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
