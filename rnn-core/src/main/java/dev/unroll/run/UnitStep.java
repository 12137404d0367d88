package dev.unroll.run;

import dev.unroll.cell.StatePart;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Panels;
import java.util.Arrays;
import java.util.List;

/**
 * A {@link UnitCell} as a {@link StepCell}: one unit after another. Pre-activations stay in the
 * gate storage for backward; what the gradients to the cell's own parameters are made of is added
 * up for each sequence and unit.
 *
 * <p>The slots of a cell with several gates are the gates in their order. Where the last gate is
 * split they are a GRU's: its input product, the other gates, its recurrent product.
 *
 * <p>Units past H are left out: their pre-activations, zeros, stand for the gradients to them.
 *
 * <p>Each thread has its own.
 */
final class UnitStep implements StepCell {
  private static final float[][] NO_VALUES = {};
  private static final double[][] NO_SUMS = {};

  private final UnitCell cell;
  private final boolean hasCellState;
  private final Unit unit;
  private final int hiddenSize;

  /** The padded width of a row of states. */
  private final int stateWidth;

  private final float[][] vectors;
  private final double[][] sums;

  private final int slots;
  private final Slots input;
  private final Slots hidden;

  /** The column in a group at which each gate starts. */
  private final int[] column;

  /** The same of the recurrent product of a gate that is split; -1 where none is. */
  private final int recurrent;

  /** The cell in general, which only tells how its gates lie. */
  UnitStep(UnitCell cell) {
    this(cell, 0, NO_VALUES, NO_SUMS);
  }

  private UnitStep(UnitCell cell, int hiddenSize, float[][] vectors, double[][] sums) {
    this.cell = cell;
    this.hiddenSize = hiddenSize;
    stateWidth = Math.ceilDiv(hiddenSize, Panels.WIDTH) * Panels.WIDTH;
    this.vectors = vectors;
    this.sums = sums;
    hasCellState = cell.states().contains(StatePart.C);
    unit = new Unit(cell);
    int gates = cell.gates();
    boolean splits = cell.splitsLastGate();
    slots = gates == 1 && !splits ? 1 : 4;
    input = new Slots(0, gates);
    int from = splits ? 1 : 0;
    hidden = cell.hasRecurrentProduct() ? new Slots(from, from + gates) : new Slots(0, 0);
    column = new int[gates];
    Arrays.setAll(column, gate -> (splits ? (gate + 1) % gates : gate) * Columns.ATOM);
    recurrent = splits ? gates * Columns.ATOM : -1;
  }

  /**
   * The cell for one thread.
   *
   * @param values each of the cell's own parameters, H floats
   * @param sums for each of them {@code [B][ld]}, laid out as the gradient to h and added to by
   *     backward
   */
  UnitStep forThread(int units, float[][] values, double[][] sums) {
    return new UnitStep(cell, units, values, sums);
  }

  List<String> vectors() {
    return cell.vectors();
  }

  @Override
  public String name() {
    return cell.name();
  }

  @Override
  public int gates() {
    return cell.gates();
  }

  @Override
  public List<StatePart> states() {
    return cell.states();
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public int gate(int slot) {
    int gates = column.length;
    return recurrent < 0 ? slot : (slot + gates - 1) % gates;
  }

  @Override
  public Slots inputSlots() {
    return input;
  }

  @Override
  public Slots hiddenSlots() {
    return hidden;
  }

  @Override
  public void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
    float[] h = states[0];
    float[] c = states[states.length - 1];
    for (int r = 0; r < rows; r++) {
      int from = before + r * ld;
      int to = after + r * ld;
      int first = firstUnit(from);
      int count = units(first);
      for (int i = 0; i < count; i++) {
        read(gates, g0 + r * ldg + i, h, c, from + i, first + i);
        unit.h = 0;
        unit.c = 0;
        cell.forward(unit);
        h[to + i] = unit.h;
        if (hasCellState) {
          c[to + i] = unit.c;
        }
      }
    }
  }

  @Override
  public void backward(
      int rows,
      float[] gates,
      int g0,
      float[][] states,
      int before,
      int after,
      float[][] gradients,
      int d0,
      int ld) {
    float[] h = states[0];
    float[] c = states[states.length - 1];
    float[] dh = gradients[0];
    float[] dc = gradients[gradients.length - 1];
    for (int r = 0; r < rows; r++) {
      int from = before + r * ld;
      int to = after + r * ld;
      int d = d0 + r * ld;
      int a = g0 + r * Panels.WIDTH;
      int first = firstUnit(from);
      int count = units(first);
      for (int i = 0; i < count; i++) {
        read(gates, a + i, h, c, from + i, first + i);
        unit.h = h[to + i];
        unit.c = hasCellState ? c[to + i] : 0;
        unit.dh = dh[d + i];
        unit.dc = hasCellState ? dc[d + i] : 0;
        clearGradients();
        cell.backward(unit);
        dh[d + i] = unit.dhBefore;
        if (hasCellState) {
          dc[d + i] = unit.dcBefore;
        }
        for (int gate = 0; gate < column.length; gate++) {
          gates[a + column[gate] + i] = unit.dGate[gate];
        }
        if (recurrent >= 0) {
          gates[a + recurrent + i] = unit.dRecurrent;
        }
        for (int v = 0; v < sums.length; v++) {
          sums[v][d + i] += unit.dVector[v];
        }
      }
    }
  }

  private void read(float[] gates, int at, float[] h, float[] c, int from, int number) {
    for (int gate = 0; gate < column.length; gate++) {
      unit.gate[gate] = gates[at + column[gate]];
    }
    unit.recurrent = recurrent < 0 ? 0 : gates[at + recurrent];
    for (int v = 0; v < vectors.length; v++) {
      unit.vector[v] = vectors[v][number];
    }
    unit.hBefore = h[from];
    unit.cBefore = hasCellState ? c[from] : 0;
  }

  private void clearGradients() {
    Arrays.fill(unit.dGate, 0f);
    unit.dRecurrent = 0;
    Arrays.fill(unit.dVector, 0f);
    unit.dhBefore = 0;
    unit.dcBefore = 0;
  }

  /** {@return which unit a place in the states belongs to} */
  private int firstUnit(int at) {
    return (at - Buffers.BASE) % stateWidth;
  }

  /** {@return how many of the group's units there are from this one on} */
  private int units(int first) {
    return Math.min(unitsPerGroup(), hiddenSize - first);
  }
}
