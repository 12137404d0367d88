package dev.unroll.cell;

import java.util.List;

/**
 * A recurrent cell: the equations of one layer without its matrix products. The kinds differ in
 * what a step waits for:
 *
 * <ul>
 *   <li>A {@link StepCell}: for a product with the whole state before.
 *   <li>A {@link DiagonalCell}: for the unit's own state, without a product.
 *   <li>A {@link LinearCell}: for nothing but a multiply-add, so a scan can go over all of time.
 *   <li>A {@link DeltaCell}: for two products with a head's own matrix, which stays in the cache.
 * </ul>
 *
 * <p>To write one's own cell, begin with a {@link UnitCell}: the equations of a single unit, which
 * run as a {@link StepCell}. The other forms work on rows of vectors and are for kernels.
 *
 * <p>Cells have no state; one instance serves every network and thread.
 */
public sealed interface Cell permits StepCell, UnitCell, StripCell, DeltaCell {
  /** {@return the name, e.g. {@code lstm}, under which {@link Cells} lists its own} */
  String name();

  /** {@return G: weight_ih has G*H rows; 0 for a cell without weight_ih} */
  int gates();

  /** {@return what is carried from step to step, h first where there is one} */
  default List<StatePart> states() {
    return StatePart.ONLY_H;
  }

  /**
   * {@return S, the floats that one direction puts into a row of y: as many as the first state's}
   *
   * @param sizes of the layer
   */
  default int outputSize(LayerSizes sizes) {
    return states().getFirst().width().applyAsInt(sizes);
  }

  /** {@return whether the units are divided among heads} */
  default boolean hasHeads() {
    return false;
  }

  /** {@return whether heads have keys, whose width is an option} */
  default boolean hasKeys() {
    return false;
  }

  /**
   * {@return whether h_(t-1) enters the gates through a matrix; without, there is neither {@code
   * weight_hh [G*H, H]} nor {@code bias_hh [G*H]}}
   */
  boolean hasRecurrentProduct();
}
