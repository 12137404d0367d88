package dev.unroll.cell;

/**
 * A cell whose gates depend on the state before: the pointwise equations of one step, forward and
 * backward. Matrix products, time and threads are {@code dev.unroll.run}'s.
 *
 * <p>This is the fast form, for kernels, in the layout of their memory; {@link UnitCell} is the
 * easy one, which also has parameters of its own.
 *
 * <p>Letters: H hidden_size, G gates. The weights are PyTorch's: {@code weight_ih [G*H, I]}, {@code
 * weight_hh [G*H, H]}, gates in PyTorch's order.
 *
 * <p><b>Gate storage.</b> 16 units take {@link #slots()} atoms of 16 columns, and 64 columns make a
 * group, so a row of a group holds 16 units of a cell with 4 slots or 64 units of a cell with one.
 * The input product x·weight_ihᵀ goes to slots {@link #inputSlots()}, the recurrent product
 * h·weight_hhᵀ to {@link #hiddenSlots()}, both on top of the biases. Every method below works on
 * rows of 64 columns; in {@link #backward} they are 64 floats apart. States are row-major, and
 * offsets point at the first unit of the first row. Units past H are zero throughout and must stay
 * finite.
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

  /**
   * {@return the gate whose weights feed a slot}
   *
   * @param slot 0 to {@link #slots()} - 1
   */
  int gate(int slot);

  /** {@return the slots that x·weight_ihᵀ feeds, one for each gate} */
  Slots inputSlots();

  /** {@return the slots that h·weight_hhᵀ feeds, one for each gate, or none} */
  Slots hiddenSlots();

  @Override
  default boolean hasRecurrentProduct() {
    return hiddenSlots().count() != 0;
  }

  /** {@return units in a group of 64 columns} */
  default int unitsPerGroup() {
    return 64 / slots();
  }

  /**
   * One step, from pre-activations to the next state. The rows are those of one group for many
   * sequences, or those of one sequence for many groups, so that a call has enough work even in a
   * batch of one.
   *
   * @param rows rows, one a sequence or one a group
   * @param gates pre-activations; replaced by what {@link #backward} needs
   * @param g0 where row 0 of gates starts
   * @param ldg from one row of gates to the next
   * @param states one array for each of {@link #states()}, those before the step to be read at
   *     {@code before} and those after it to be written at {@code after}; with a projection, which
   *     only a cell that does not read h_(t-1) can have, the first is what is projected to h
   * @param before where row 0 of the states before the step starts
   * @param after where row 0 of the states after the step starts
   * @param ld from one row of states to the next
   */
  void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld);

  /**
   * The reverse of {@link #forward} for the rows of one group: from the gradients to the states
   * after the step to those to the pre-activations and to the states before it.
   *
   * @param rows rows, one a sequence
   * @param gates what forward kept; replaced by the gradients to the pre-activations
   * @param g0 where row 0 of gates starts
   * @param states as in forward; those after the step, but for h, may be overwritten
   * @param before where row 0 of the states before the step starts
   * @param after where row 0 of the states after the step starts
   * @param gradients to the states after the step; replaced by those to the states before it, but
   *     for what passes through weight_hh
   * @param d0 where row 0 of the gradients starts
   * @param ld from one row of states, or of their gradients, to the next
   */
  void backward(
      int rows,
      float[] gates,
      int g0,
      float[][] states,
      int before,
      int after,
      float[][] gradients,
      int d0,
      int ld);
}
