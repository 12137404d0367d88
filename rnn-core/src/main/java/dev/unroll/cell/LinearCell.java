package dev.unroll.cell;

/**
 * A cell whose gates depend on the input only, so that its state follows a linear recurrence, unit
 * by unit:
 *
 * <pre>h_t = a_t * h_(t-1) + b_t</pre>
 *
 * <p>There is no {@code weight_hh} and no {@code bias_hh}: {@code weight_ih [G*H, I]}, {@code
 * bias_ih [G*H]}. A cell only says what a and b are; {@code dev.unroll.run} solves the recurrence
 * by a scan over all of time.
 *
 * <p><b>Gate storage.</b> Units come in strips of 64. Row r of gate j of a strip is 64 floats from
 * {@code g0 + j * gateStride + r * ldg}; a row is a step of a sequence. Units past H are zero
 * throughout and must stay finite.
 */
public non-sealed interface LinearCell extends Cell {
  /** Units of a strip. */
  int UNITS = 64;

  @Override
  default boolean hasRecurrentProduct() {
    return false;
  }

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
      int d0);
}
