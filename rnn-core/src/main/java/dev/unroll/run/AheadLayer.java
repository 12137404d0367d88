package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Layer} whose gates see only the input, so that its products are computed ahead of time,
 * for a block of steps at once.
 */
abstract sealed class AheadLayer extends Layer permits StripLayer, DeltaLayer {
  /** Rows of gate gradients that are laid out at a time for the gradient to x: whole tiles of 6. */
  static final int GATHERED_ROWS = 48;

  /** {@code bias_ih}; null without. */
  final @Nullable Slice biasIh;

  private @Nullable Panels toInput;

  AheadLayer(Cell cell, GateLayout layout, Place place, Slice weightIh, @Nullable Slice biasIh) {
    super(cell, layout, place, weightIh);
    this.biasIh = biasIh;
  }

  @Override
  void pack(float[] values, int worker, int workers) {
    super.pack(values, worker, workers);
    if (worker == 0 && biasIh != null) {
      layout.input.setBias(bias, values, biasIh.offset());
    }
  }

  @Override
  void packBackward(float[] values, int worker, int workers) {
    packed(toInput)
        .pack(values, weightIh.offset(), inputSize, layout.input.rows(), worker, workers);
  }

  /** Makes room for the operand of the backward pass, the first time. */
  void allocateBackward() {
    if (toInput == null) {
      toInput = new Panels(layout.groups * Panels.WIDTH, inputSize);
    }
  }

  /**
   * The pre-activations of some groups for some rows of x.
   *
   * @param gates row r of the atoms starts at {@code g0 + atomOffset + r * ldg}; written
   * @param atomOffset where each atom of all groups lies
   * @param x row r starts at {@code x0 + r * ldx}
   * @param from the first group
   * @param to one past the last
   * @param rows rows of x
   */
  void preActivations(
      float[] gates,
      int g0,
      int[] atomOffset,
      int ldg,
      float[] x,
      int x0,
      int ldx,
      int from,
      int to,
      int rows) {
    int perGroup = atomOffset.length / layout.groups;
    for (int group = from; group < to; group++) {
      int at = g0 + atomOffset[group * perGroup];
      Gemm.fillRows(gates, at, ldg, bias, Buffers.BASE + group * Panels.WIDTH, rows);
    }
    Gemm.multiply(gates, g0, atomOffset, ldg, x, x0, ldx, input, from, to, rows);
  }

  /**
   * Adds the gradient to some rows of x.
   *
   * @param gates gradients to pre-activations, groups {@code groupStride} apart
   * @param from the first row of {@code [T * B]}
   * @param to one past the last
   * @param gathered room for {@value #GATHERED_ROWS} rows of all groups
   */
  void addInputGradient(
      float[] gradX,
      float[] gates,
      int groupStride,
      int from,
      int to,
      float[] gathered,
      float[] scratch) {
    int terms = layout.groups * Panels.WIDTH;
    for (int row = from; row < to; row += GATHERED_ROWS) {
      int count = Math.min(GATHERED_ROWS, to - row);
      Gemm.gather(
          gathered,
          Buffers.BASE,
          gates,
          Buffers.BASE + row * Panels.WIDTH,
          Panels.WIDTH,
          layout.groups,
          groupStride,
          Panels.WIDTH,
          count);
      Gemm.multiplyRows(
          gradX,
          row * inputSize,
          gathered,
          Buffers.BASE,
          terms,
          packed(toInput),
          count,
          inputSize,
          scratch);
    }
  }

  /**
   * Adds the gradient to the weights and biases of some groups.
   *
   * @param gates gradients to pre-activations
   * @param atomOffset where each atom of all groups lies
   * @param rows T * B
   * @param sums the calling thread's
   * @param call which groups
   */
  void addGradient(
      float[] gradient,
      float[] x,
      float[] gates,
      int[] atomOffset,
      int rows,
      OuterProducts sums,
      int call) {
    sums.add(
        gradient,
        weightIh.offset(),
        biasIh == null ? -1 : biasIh.offset(),
        -1,
        x,
        0,
        inputSize,
        gates,
        Buffers.BASE,
        atomOffset,
        layout.input.rows(),
        rows,
        call);
  }

  private static Panels packed(@Nullable Panels operand) {
    if (operand == null) {
      throw new IllegalStateException("The weights were not packed for a backward pass.");
    }
    return operand;
  }
}
