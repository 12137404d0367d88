package dev.unroll.cell;

/**
 * One unit at one step of one sequence, as a {@link UnitCell} sees it. A thread uses one object
 * over and over, so nothing in it outlives the call.
 */
public final class Unit {
  /**
   * Read: the pre-activation of each gate, W_ih x_t + b_ih + W_hh h_(t-1) + b_hh; without a
   * recurrent product, and for a last gate that is split, W_ih x_t + b_ih.
   */
  public final float[] gate;

  /** Read: W_hh h_(t-1) + b_hh of the last gate, if the cell splits it; else 0. */
  public float recurrent;

  /** Read: the unit's value of each of the cell's own parameters. */
  public final float[] vector;

  /** Read: h_(t-1). */
  public float hBefore;

  /** Read: c_(t-1); 0 without a cell state. */
  public float cBefore;

  /** Written by forward, read by backward: h_t. */
  public float h;

  /** Written by forward, read by backward: c_t. */
  public float c;

  /** Read by backward: the gradient to h_t. */
  public float dh;

  /** Read by backward: the gradient to c_t, without what comes through h_t. */
  public float dc;

  /** Written by backward: the gradient to each of {@link #gate}. */
  public final float[] dGate;

  /** Written by backward: the gradient to {@link #recurrent}. */
  public float dRecurrent;

  /** Written by backward: the gradient to each of {@link #vector}. */
  public final float[] dVector;

  /**
   * Written by backward: the gradient to {@link #hBefore}, without what comes through the gates.
   */
  public float dhBefore;

  /** Written by backward: the gradient to {@link #cBefore}. */
  public float dcBefore;

  /**
   * A unit of zeros.
   *
   * @param cell whose gates and vectors it has
   */
  public Unit(UnitCell cell) {
    gate = new float[cell.gates()];
    dGate = new float[gate.length];
    vector = new float[cell.vectors().size()];
    dVector = new float[vector.length];
  }
}
