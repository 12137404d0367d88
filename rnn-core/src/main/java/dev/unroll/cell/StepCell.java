package dev.unroll.cell;

/**
 * A cell whose gates see the state before: the pointwise equations of one recurrent step, forward
 * and backward; no matmul, no time, no threads.
 *
 * <p>Letters: H hidden_size, G gates. The weights are PyTorch's: {@code weight_ih [G*H, I]}, {@code
 * weight_hh [G*H, H]}, gates in PyTorch's order.
 *
 * <p><b>Gate storage.</b> Units come in blocks of 16; each block takes {@link #slots()} atoms of 16
 * columns, and 64 columns make a group, so a row of a group holds 16 units of a cell with 4 slots
 * or 64 units of a cell with one. The input product x·weight_ihᵀ goes to slots {@link
 * #inputSlots()}, the recurrent product h·weight_hhᵀ to {@link #hiddenSlots()}, both on top of the
 * biases. Every method below works on the rows of one group, 64 floats apart; states are row-major
 * with stride {@code ld}, and offsets point at the group's first unit. Units past H are zero
 * throughout and must stay finite.
 */
public non-sealed interface StepCell extends Cell {
  /**
   * A range of slots.
   *
   * @param from the first
   * @param to one past the last
   */
  record Slots(int from, int to) {
    /** {@return the number of slots} */
    public int count() {
      return to - from;
    }
  }

  /** {@return slots of a block of 16 units: 1 or 4} */
  int slots();

  /** {@return the gate whose weights feed a slot} */
  int gate(int slot);

  /** {@return the slots that x·weight_ihᵀ feeds} */
  Slots inputSlots();

  /** {@return the slots that h·weight_hhᵀ feeds} */
  Slots hiddenSlots();

  /** {@return units in a group of 64 columns} */
  default int unitsPerGroup() {
    return 64 / slots();
  }

  /**
   * One step of one group, pre-activations to the next state: of many sequences, or of one sequence
   * and many groups, so that a batch of one has as much work a call as a wide one.
   *
   * @param rows rows, one a sequence or one a group
   * @param gates pre-activations; replaced by what {@link #backward} needs
   * @param g offset of row 0 in gates
   * @param ldg stride of rows in gates
   * @param hPrev h at t-1; a cell may ignore it
   * @param hp its offset
   * @param cPrev c at t-1; unused without a cell state
   * @param cp its offset
   * @param h h at t, written
   * @param ho its offset
   * @param c c at t, written
   * @param co its offset
   * @param ld stride of rows in the four state arrays
   */
  void forward(
      int rows,
      float[] gates,
      int g,
      int ldg,
      float[] hPrev,
      int hp,
      float[] cPrev,
      int cp,
      float[] h,
      int ho,
      float[] c,
      int co,
      int ld);

  /**
   * The reverse of {@link #forward}: gradients at t to gate gradients and gradients at t-1.
   *
   * @param rows rows, one a sequence
   * @param gates what forward kept; replaced by the gradients to the pre-activations
   * @param g offset of row 0 in gates
   * @param hPrev h at t-1
   * @param hp its offset
   * @param cPrev c at t-1; unused without a cell state
   * @param cp its offset
   * @param c c at t; may be overwritten
   * @param co its offset
   * @param dh gradient to h at t; replaced by the part of the gradient to h at t-1 that does not
   *     pass through weight_hh
   * @param dho its offset
   * @param dc gradient to c at t, replaced by the gradient to c at t-1
   * @param dco its offset
   * @param ld stride of rows in the state arrays and their gradients
   */
  void backward(
      int rows,
      float[] gates,
      int g,
      float[] hPrev,
      int hp,
      float[] cPrev,
      int cp,
      float[] c,
      int co,
      float[] dh,
      int dho,
      float[] dc,
      int dco,
      int ld);
}
