package dev.unroll.run;

import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StripCell;
import dev.unroll.kernel.Buffers;

/**
 * A {@link Layer} of a {@link StripCell}, with its products. What is left, the recurrence, is in
 * {@link StripPass}.
 *
 * <p>Each gate of a strip of 64 units is a group of columns: group = strip * G + gate.
 */
final class StripLayer extends AheadLayer {
  final StripCell cell;

  /** Constants of a unit. */
  final int perUnit;

  /** The constants of the cell's own parameters, {@code [strip][constant][64]}. */
  final float[] constants;

  private final Slice[] vectors;

  // One unit's own parameters, and its constants or the gradients to them.
  private final double[] own;
  private final double[] ofConstants;

  StripLayer(StripCell cell, Place place) {
    super(
        cell,
        GateLayout.of(cell, place.config().hiddenSize()),
        place,
        place.addWeightIh(cell),
        place.addBias("bias_ih", cell));
    this.cell = cell;
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
}
