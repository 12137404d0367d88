package dev.unroll.cell;

/**
 * A recurrent cell: the equations of one layer but its matmuls. A {@link StepCell}'s gates see the
 * state before, so its steps wait for each other; a {@link LinearCell}'s see only the input, so all
 * of them are known at once and a scan over time is what remains.
 *
 * <p>Cells have no state; one instance serves every network and thread.
 */
public sealed interface Cell permits StepCell, LinearCell {
  /** {@return the name in {@link Cells}, e.g. {@code lstm}} */
  String name();

  /** {@return G: weight_ih has G*H rows} */
  int gates();

  /** {@return whether there is a cell state c beside h} */
  boolean hasCellState();
}
