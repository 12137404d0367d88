package dev.unroll.cell;

/**
 * A cell whose gates see the state before: the pointwise equations of one recurrent step, forward
 * and backward; no matmul, no time, no threads.
 *
 * <p>Letters: H hidden_size, G gates. The weights are PyTorch's: {@code weight_ih [G*H, I]}, {@code
 * weight_hh [G*H, H]}, gates in PyTorch's order.
 *
 * <p><b>Gate storage.</b> 16 units take {@link #slots()} atoms of 16 columns, and 64 columns make a
 * group, so a row of a group holds 16 units of a cell with 4 slots or 64 units of a cell with one.
 * The input product x·weight_ihᵀ goes to slots {@link #inputSlots()}, the recurrent product
 * h·weight_hhᵀ to {@link #hiddenSlots()}, both on top of the biases. Every method below works on
 * the rows of one group; in {@link #backward} they are 64 floats apart. States are row-major, and
 * offsets point at the group's first unit. Units past H are zero throughout and must stay finite.
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

  /** {@return slots of 16 units: 1 or 4} */
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
   * @param g0 where row 0 of gates starts
   * @param ldg from one row of gates to the next
   * @param h h_(t-1) at {@code before}, unless a projection lies between; h_t is written at {@code
   *     after}
   * @param c the same for c; empty without a cell state
   * @param before where row 0 of the states before the step starts
   * @param after where row 0 of the states after the step starts
   * @param ld from one row of states to the next
   */
  void forward(
      int rows,
      float[] gates,
      int g0,
      int ldg,
      float[] h,
      float[] c,
      int before,
      int after,
      int ld);

  /**
   * The reverse of {@link #forward}: gradients at t to gate gradients and gradients at t-1.
   *
   * @param rows rows, one a sequence
   * @param gates what forward kept; replaced by the gradients to the pre-activations
   * @param g0 where row 0 of gates starts
   * @param h h_(t-1) at {@code before}, h_t at {@code after}, unless a projection lies between
   * @param c the same for c; c_t may be overwritten
   * @param before where row 0 of the states before the step starts
   * @param after where row 0 of the states after the step starts
   * @param dh gradient to h_t; replaced by the part of the gradient to h_(t-1) that does not pass
   *     through weight_hh
   * @param dc gradient to c_t, replaced by the gradient to c_(t-1); empty without a cell state
   * @param d0 where row 0 of dh and dc starts
   * @param ld from one row of states, or of their gradients, to the next
   */
  void backward(
      int rows,
      float[] gates,
      int g0,
      float[] h,
      float[] c,
      int before,
      int after,
      float[] dh,
      float[] dc,
      int d0,
      int ld);
}
