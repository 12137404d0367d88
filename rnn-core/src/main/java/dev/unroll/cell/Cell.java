package dev.unroll.cell;

/**
 * A recurrent cell: the equations of one layer without its matrix products. The gates of a {@link
 * StepCell} depend on the state before, so each step waits for the one before it. Those of a {@link
 * LinearCell} depend on the input only, so all of them can be computed at once, and a scan over
 * time gives the states.
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
