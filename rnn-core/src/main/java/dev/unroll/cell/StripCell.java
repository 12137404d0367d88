package dev.unroll.cell;

import java.util.List;

/**
 * A cell without a product with the state: a unit sees the input and its own state, so each strip
 * of 64 units goes through all of time by itself. The gates' products with the input are made ahead
 * of the recurrence; {@code weight_ih} is {@code [G*H, I]} and {@code bias_ih [G*H]}.
 *
 * <p><b>Gate storage.</b> Row r of gate j of a strip is 64 floats from {@code g0 + j * gateStride +
 * r * ldg}; a row is a step of a sequence. Units past H are zero throughout and must stay finite.
 *
 * <p><b>Parameters of its own</b> reach the equations as constants of each unit: the parameters as
 * they are, or what {@link #constants(double[], double[])} makes of them. Constant k of a strip is
 * 64 floats from {@code k0 + k * 64}.
 */
public sealed interface StripCell extends Cell permits LinearCell, DiagonalCell {
  /** Units of a strip. */
  int UNITS = 64;

  /**
   * A parameter of a cell's own.
   *
   * @param name what its name begins with: {@code weight_hh} becomes {@code weight_hh_l0}
   * @param perUnit its shape is {@code [perUnit * H]}, gate by gate
   */
  record Vector(String name, int perUnit) {}

  @Override
  default boolean hasRecurrentProduct() {
    return false;
  }

  /** {@return the cell's own parameters} */
  default List<Vector> vectors() {
    return List.of();
  }

  /** {@return own parameters of one unit, all vectors together, and as many constants} */
  default int ownPerUnit() {
    return vectors().stream().mapToInt(Vector::perUnit).sum();
  }

  /**
   * What the equations read of one unit's own parameters; called when weights are packed.
   *
   * @param own the parameters, in the order of {@link #vectors()}
   * @param constants as many, written
   */
  default void constants(double[] own, double[] constants) {
    System.arraycopy(own, 0, constants, 0, own.length);
  }

  /**
   * The reverse of {@link #constants(double[], double[])}.
   *
   * @param own the parameters
   * @param gradients to the constants; replaced by those to the parameters
   */
  default void constantsBackward(double[] own, double[] gradients) {}
}
