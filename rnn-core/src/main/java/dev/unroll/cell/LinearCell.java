package dev.unroll.cell;

/**
 * A cell whose gates depend on the input only, so that its state follows a linear recurrence, unit
 * by unit:
 *
 * <pre>h_t = a_t * h_(t-1) + b_t</pre>
 *
 * <p>A cell only says what a and b are; {@code dev.unroll.run} solves the recurrence by a scan over
 * all of time.
 */
public non-sealed interface LinearCell extends StripCell {
  /**
   * Replaces the pre-activations of one strip by activations, which is all that the other methods
   * need.
   *
   * @param rows steps
   * @param gates pre-activations
   * @param g0 offset of row 0 of gate 0
   * @param gateStride from one gate to the next
   * @param ldg stride of rows
   */
  void activate(int rows, float[] gates, int g0, int gateStride, int ldg);

  /**
   * The recurrence's coefficients of one strip.
   *
   * @param rows steps
   * @param gates activations
   * @param g0 offset of row 0 of gate 0
   * @param gateStride from one gate to the next
   * @param ldg stride of rows
   * @param constants the strip's constants
   * @param k0 offset of the first
   * @param a written, rows of 64 floats
   * @param a0 its offset
   * @param b written, rows of 64 floats
   * @param b0 its offset
   */
  void coefficients(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] constants,
      int k0,
      float[] a,
      int a0,
      float[] b,
      int b0);

  /**
   * The gradients to the pre-activations of one strip.
   *
   * @param rows steps
   * @param gates activations; replaced by the gradients
   * @param g0 offset of row 0 of gate 0
   * @param gateStride from one gate to the next
   * @param ldg stride of rows
   * @param h h_(t-1) in rows from {@code before} on
   * @param before where row 0 of h starts
   * @param ldh stride of its rows
   * @param dh gradient to h_t, including what comes from later steps; rows of 64 floats
   * @param d0 its offset
   * @param constants the strip's constants
   * @param k0 offset of the first
   * @param a what {@link #coefficients} wrote, rows of 64 floats
   * @param a0 its offset
   * @param room rows of 64 floats that may be overwritten
   * @param room0 its offset
   * @param constantGradients gradients to the constants, added to
   * @param dk0 offset of the first
   */
  void backward(
      int rows,
      float[] gates,
      int g0,
      int gateStride,
      int ldg,
      float[] h,
      int before,
      int ldh,
      float[] dh,
      int d0,
      float[] constants,
      int k0,
      float[] a,
      int a0,
      float[] room,
      int room0,
      float[] constantGradients,
      int dk0);
}
