package dev.unroll.run;

/**
 * The parts of a forward pass of a {@link dev.unroll.cell.StepCell}, in the order in which a step
 * has them; of other cells only the input product can be told apart. See {@link
 * Workspace#restrictTo}.
 */
public enum ForwardPart {
  /** The biases, and x·weight_ihᵀ on top of them, which needs no earlier step. */
  INPUT_PRODUCT,
  /** h·weight_hhᵀ on top of that. */
  RECURRENT_PRODUCT,
  /** The cell's equations. */
  POINTWISE,
  /** The projection, the ends of short sequences, and the copies to y. */
  OUTPUT
}
