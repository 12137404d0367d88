package dev.unroll.run;

import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StripCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Layer} of a {@link StripCell}, with its products. What is left, the recurrence, is in
 * {@link StripPass}.
 *
 * <p>Each gate of a strip of 64 units is a group of columns: group = strip * G + gate.
 */
final class StripLayer extends Layer {
  /** Rows of gate gradients that are laid out at a time for the gradient to x: whole tiles of 6. */
  static final int GATHERED_ROWS = 48;

  final StripCell cell;

  /** Constants of a unit. */
  final int perUnit;

  /** The constants of the cell's own parameters, {@code [strip][constant][64]}. */
  final float[] constants;

  private final @Nullable Slice biasIh;
  private final Slice[] vectors;

  // One unit's own parameters, and its constants or the gradients to them.
  private final double[] own;
  private final double[] ofConstants;
  private @Nullable Panels toInput;

  StripLayer(StripCell cell, Place place) {
    super(cell, GateLayout.of(cell, place.config().hiddenSize()), place);
    this.cell = cell;
    biasIh = place.addBias("bias_ih", cell);
    vectors =
        cell.vectors().stream()
            .map(vector -> place.add(vector.name(), vector.perUnit() * hiddenSize))
            .toArray(Slice[]::new);
    perUnit = cell.ownPerUnit();
    own = new double[perUnit];
    ofConstants = new double[perUnit];
    constants = Buffers.floats((long) layout.strips * perUnit * StripCell.UNITS);
  }

  @Override
  void pack(float[] values, int worker, int workers) {
    super.pack(values, worker, workers);
    if (worker == 0 && biasIh != null) {
      layout.input.setBias(bias, values, biasIh.offset());
    }
    if (worker == 0 && perUnit > 0) {
      for (int unit = 0; unit < hiddenSize; unit++) {
        readOwn(values, unit);
        cell.constants(own, ofConstants);
        for (int k = 0; k < perUnit; k++) {
          constants[constant(unit / StripCell.UNITS, k) + unit % StripCell.UNITS] =
              (float) ofConstants[k];
        }
      }
    }
  }

  /** {@return where a constant of a strip starts} */
  int constant(int strip, int k) {
    return Buffers.BASE + (strip * perUnit + k) * StripCell.UNITS;
  }

  private void readOwn(float[] values, int unit) {
    int k = 0;
    for (Slice vector : vectors) {
      for (int at = unit; at < vector.size(); at += hiddenSize) {
        own[k++] = values[vector.offset() + at];
      }
    }
  }

  /**
   * Adds the gradient to the cell's own parameters.
   *
   * @param sums gradients to the constants, {@code [part][strip][constant][64]}, added in the order
   *     of the parts
   * @param values the parameters
   */
  void addOwnGradient(float[] gradient, float[] sums, int parts, float[] values) {
    int stride = layout.strips * perUnit * StripCell.UNITS;
    for (int unit = 0; unit < hiddenSize; unit++) {
      for (int k = 0; k < perUnit; k++) {
        int at = constant(unit / StripCell.UNITS, k) + unit % StripCell.UNITS;
        ofConstants[k] = 0;
        for (int part = 0; part < parts; part++) {
          ofConstants[k] += sums[at + part * stride];
        }
      }
      readOwn(values, unit);
      cell.constantsBackward(own, ofConstants);
      int k = 0;
      for (Slice vector : vectors) {
        for (int at = unit; at < vector.size(); at += hiddenSize) {
          gradient[vector.offset() + at] += (float) ofConstants[k++];
        }
      }
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
   * The pre-activations of one strip for some rows of x.
   *
   * @param gates row r of the atoms starts at {@code g0 + atomOffset + r * ldg}; written
   * @param atomOffset where each atom of all groups lies
   * @param x row r starts at {@code x0 + r * ldx}
   * @param strip the strip
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
      int strip,
      int rows) {
    int from = strip * cell.gates();
    int to = from + cell.gates();
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
