package dev.unroll.cell;

/**
 * A cell whose gates see the unit's own state before, and no other's: a recurrence without a matrix
 * product, step by step, each strip of units by itself. It need not be linear in its state; where
 * it is, and a scan over time is worth it, see {@link LinearCell}.
 *
 * <p><b>State storage.</b> The states of a strip are planes of rows of 64 floats: a plane for each
 * H floats of the {@link #states()}, in their order. Row r of a plane is the state before step r of
 * the call, row r + 1 the one after it. Rows are in the order of the recurrence, which may be that
 * from the last step to the first; strides may be negative.
 */
public non-sealed interface DiagonalCell extends StripCell {
  /**
   * Some steps of one strip.
   *
   * @param rows steps
   * @param gates pre-activations; replaced by what {@link #backward} needs
   * @param g0 offset of row 0 of gate 0
   * @param gateStride from one gate to the next
   * @param ldg stride of rows
   * @param constants the strip's constants
   * @param k0 offset of the first
   * @param states row 0 of each plane is read, rows 1 to {@code rows} are written
   * @param s0 offset of row 0 of plane 0
   * @param planeStride from one plane to the next
   * @param lds stride of rows
   */
  void forward(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] constants,
      int k0,
      float[] states,
      int s0,
      int planeStride,
      int lds);

  /**
   * The reverse of {@link #forward}, from the last row to the first.
   *
   * @param rows steps
   * @param gates what forward kept; replaced by the gradients to the pre-activations
   * @param g0 offset of row 0 of gate 0
   * @param gateStride from one gate to the next
   * @param ldg stride of rows
   * @param constants the strip's constants
   * @param k0 offset of the first
   * @param states as forward left them
   * @param s0 offset of row 0 of plane 0
   * @param planeStride from one plane to the next
   * @param lds stride of rows
   * @param gradients for each plane 64 floats, from later steps to the states after the last row;
   *     replaced by those to the states before row 0
   * @param d0 offset of those of plane 0
   * @param gradientStride from one plane to the next
   * @param upstream gradients to the rows of the output, which are the first planes; row r belongs
   *     to what step r gives; may be overwritten
   * @param u0 offset of row 0 of plane 0
   * @param upstreamStride from one plane to the next
   * @param ldu stride of rows
   * @param constantGradients gradients to the constants, added to
   * @param dk0 offset of the first
   */
  void backward(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] constants,
      int k0,
      float[] states,
      int s0,
      int planeStride,
      int lds,
      float[] gradients,
      int d0,
      int gradientStride,
      float[] upstream,
      int u0,
      int upstreamStride,
      int ldu,
      float[] constantGradients,
      int dk0);
}
