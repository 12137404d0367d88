package dev.unroll.run;

import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.UnitCell;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.PackedWeights;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Layer} of a {@link StepCell}, with the operands of {@link Unroll} and {@link
 * UnrollBackward}.
 */
final class StepLayer extends Layer {
  final StepCell cell;

  /** {@code weight_hh}; null without a recurrent product. */
  final @Nullable Slice weightHh;

  final @Nullable Slice biasIh;
  final @Nullable Slice biasHh;

  /** {@code weight_hr}; null without a projection. */
  final @Nullable Slice projection;

  /** The own parameters of a {@link UnitCell}, each {@code [H]}. */
  final Slice[] vectors;

  private final float[][] vectorValues;

  /** N; each head's columns of h·weight_hhᵀ take its own units of h. */
  final int heads;

  /** The operand of h·weight_hhᵀ. */
  final PackedWeights hidden;

  /** The operand of the projection. */
  final @Nullable PackedWeights projected;

  /** The columns of the projection. */
  final GateLayout.Product projectionColumns;

  private @Nullable Operands backward;

  /**
   * The operands of the products with gradients, which have more terms than the layer has gates.
   */
  static final class Operands {
    /** To the gradient to x. */
    final Panels toInput;

    /** To the gradient to h, for each head. */
    final Panels[] toHidden;

    /** The rows of weight_hh of each head. */
    private final Columns[] rows;

    /** Through the projection. */
    final @Nullable Panels throughProjection;

    private Operands(StepLayer layer) {
      toInput = new Panels(layer.terms(), layer.inputSize);
      int terms = layer.weightHh == null ? 0 : layer.terms() / layer.heads;
      toHidden = new Panels[layer.heads];
      Arrays.setAll(toHidden, head -> new Panels(terms, layer.stateSize / layer.heads));
      rows = new Columns[layer.heads];
      Arrays.setAll(rows, head -> layer.layout.hidden.rows().part(head, layer.heads));
      throughProjection =
          layer.projection == null ? null : new Panels(layer.stateSize, layer.hiddenSize);
    }
  }

  StepLayer(StepCell cell, Place place) {
    GateLayout layout = GateLayout.of(cell, place.config().hiddenSize(), place.config().heads());
    super(cell, layout, place, place.addWeightIh(cell));
    this.cell = cell;
    boolean recurs = cell.hasRecurrentProduct();
    heads = layout.heads;
    weightHh = recurs ? place.add("weight_hh", shapeOfHidden(cell)) : null;
    biasIh = place.addBias("bias_ih", cell);
    biasHh = recurs && !cell.hasHeads() ? place.addBias("bias_hh", cell) : null;
    projection =
        place.config().projSize() > 0 ? place.add("weight_hr", stateSize, hiddenSize) : null;
    List<String> names = cell instanceof UnitStep unit ? unit.vectors() : List.of();
    vectors = names.stream().map(name -> place.add(name, hiddenSize)).toArray(Slice[]::new);
    vectorValues = new float[vectors.length][hiddenSize];
    hidden = place.weights().operand(stateSize / heads, layout.hidden.rows());
    projectionColumns = GateLayout.Product.natural(stateSize);
    projected =
        projection == null ? null : place.weights().operand(hiddenSize, projectionColumns.rows());
  }

  private int[] shapeOfHidden(StepCell cell) {
    return cell.hasHeads()
        ? new int[] {heads, cell.gates(), layout.headSize, layout.headSize}
        : new int[] {cell.gates() * hiddenSize, stateSize};
  }

  @Override
  void pack(float[] values, int worker, int workers) {
    super.pack(values, worker, workers);
    if (weightHh != null) {
      hidden.packTransposed(values, weightHh.offset(), layout.hidden.rows(), worker, workers);
    }
    if (projection != null && projected != null) {
      projected.packTransposed(
          values, projection.offset(), projectionColumns.rows(), worker, workers);
    }
    if (worker == 0 && biasIh != null) {
      Arrays.fill(bias, 0f);
      layout.input.addBias(bias, values, biasIh.offset());
      if (biasHh != null) {
        layout.hidden.addBias(bias, values, biasHh.offset());
      }
    }
    for (int v = 0; v < vectors.length && worker == 0; v++) {
      System.arraycopy(values, vectors[v].offset(), vectorValues[v], 0, hiddenSize);
    }
  }

  /** {@return whether a part of the state has no gradient to the outside} */
  boolean hasNoGradient(int part) {
    return !cell.states().get(part).differentiable();
  }

  /**
   * {@return the cell for one thread}
   *
   * @param vectorSums for each of {@link #vectors} what backward adds to, {@code [B][ld]}
   */
  StepCell cellForThread(double[][] vectorSums) {
    return cell instanceof UnitStep unit
        ? unit.forThread(hiddenSize, vectorValues, vectorSums)
        : cell;
  }

  @Override
  void packBackward(float[] values, int worker, int workers) {
    Operands to = backward();
    to.toInput.pack(values, weightIh.offset(), inputSize, layout.input.rows(), worker, workers);
    if (weightHh != null) {
      for (int head = 0; head < heads; head++) {
        to.toHidden[head].pack(
            values, weightHh.offset(), stateSize / heads, to.rows[head], worker, workers);
      }
    }
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
    return layout.usedGroups * cell.inputSlots().count() * cell.unitsPerGroup();
  }
}
