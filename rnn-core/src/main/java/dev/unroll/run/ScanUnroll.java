package dev.unroll.run;

import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One layer in one direction of a {@link LinearCell}: the packed weights and their products. What
 * is left, the recurrence, is in {@link ScanPass}.
 *
 * <p>Letters: T steps, B batch, I input features, H units, G gates. Each gate of a strip of 64
 * units is a group of columns: group = strip * G + gate.
 */
final class ScanUnroll implements Layer {
  /** Rows of gate gradients that are laid out at a time for the gradient to x: whole tiles of 6. */
  static final int GATHERED_ROWS = 48;

  final LinearCell cell;

  /** Which of the network's layers and directions this is: the row of a {@link State}. */
  final int index;

  final boolean reverse;
  final int inputSize;
  final int hiddenSize;
  final GateLayout layout;
  final int strips;
  final int groups;

  private final Slice weightIh;
  private final @Nullable Slice biasIh;
  private final Panels input;
  private final float[] bias;
  private @Nullable Panels toInput;

  ScanUnroll(
      LinearCell cell,
      Parameters parameters,
      String prefix,
      RecurrentConfig config,
      int layer,
      boolean reverse) {
    this.cell = cell;
    this.index = layer * config.numDirections() + (reverse ? 1 : 0);
    this.reverse = reverse;
    this.inputSize = layer == 0 ? config.inputSize() : config.outputSize();
    this.hiddenSize = config.hiddenSize();
    int gates = cell.gates();
    String suffix = "_l" + layer + (reverse ? "_reverse" : "");
    weightIh = parameters.add(prefix + "weight_ih" + suffix, gates * hiddenSize, inputSize);
    biasIh = config.bias() ? parameters.add(prefix + "bias_ih" + suffix, gates * hiddenSize) : null;
    layout = GateLayout.of(cell, hiddenSize);
    strips = layout.strips;
    groups = layout.groups;
    input = new Panels(inputSize, groups * Panels.WIDTH);
    bias = Buffers.floats((long) groups * Panels.WIDTH);
  }

  @Override
  public void pack(float[] values, int worker, int workers) {
    input.packTransposed(values, weightIh.offset(), layout.input.rows(), worker, workers);
    if (worker == 0 && biasIh != null) {
      Arrays.fill(bias, 0f);
      layout.input.addBias(bias, values, biasIh.offset());
    }
  }

  @Override
  public void packBackward(float[] values, int worker, int workers) {
    packed(toInput)
        .pack(values, weightIh.offset(), inputSize, layout.input.rows(), worker, workers);
  }

  /** Makes room for the operand of the backward pass, the first time. */
  void allocateBackward() {
    if (toInput == null) {
      toInput = new Panels(groups * Panels.WIDTH, inputSize);
    }
  }

  /**
   * The pre-activations of one strip for some rows of x.
   *
   * @param strip the strip
   * @param count rows
   * @param x row r starts at {@code x0 + r * ldx}
   * @param gates row r of the atoms starts at {@code g0 + atomOffset + r * ldg}; written
   * @param atomOffset where each atom of all groups lies
   */
  void preActivations(
      int strip,
      int count,
      float[] x,
      int x0,
      int ldx,
      float[] gates,
      int g0,
      int[] atomOffset,
      int ldg) {
    int from = strip * cell.gates();
    int to = from + cell.gates();
    int perGroup = atomOffset.length / groups;
    for (int group = from; group < to; group++) {
      int at = g0 + atomOffset[group * perGroup];
      Gemm.fillRows(gates, at, ldg, bias, Buffers.BASE + group * Panels.WIDTH, count);
    }
    Gemm.multiply(gates, g0, atomOffset, ldg, x, x0, ldx, input, from, to, count);
  }

  /**
   * Adds the gradient to some rows of x.
   *
   * @param from the first row of {@code [T * B]}
   * @param to one past the last
   * @param gates gradients to pre-activations, groups {@code groupStride} apart
   * @param gathered room for {@value #GATHERED_ROWS} rows of all groups
   */
  void addInputGradient(
      int from,
      int to,
      float[] gates,
      int groupStride,
      float[] gradX,
      float[] gathered,
      float[] scratch) {
    int terms = groups * Panels.WIDTH;
    for (int row = from; row < to; row += GATHERED_ROWS) {
      int count = Math.min(GATHERED_ROWS, to - row);
      Gemm.gather(
          gathered,
          Buffers.BASE,
          gates,
          Buffers.BASE + row * Panels.WIDTH,
          Panels.WIDTH,
          groups,
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
   * @param sums the calling thread's
   * @param call which groups
   * @param count rows, T * B
   * @param gates gradients to pre-activations
   * @param atomOffset where each atom of all groups lies
   */
  void addGradient(
      OuterProducts sums,
      int call,
      int count,
      float[] x,
      float[] gates,
      int[] atomOffset,
      float[] gradient) {
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
        count,
        call);
  }

  private static Panels packed(@Nullable Panels operand) {
    if (operand == null) {
      throw new IllegalStateException("The weights were not packed for a backward pass.");
    }
    return operand;
  }
}
