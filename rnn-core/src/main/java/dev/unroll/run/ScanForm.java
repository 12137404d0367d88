package dev.unroll.run;

/** How the recurrence of a cell whose gates depend on the input only is solved over time. */
public enum ScanForm {
  /**
   * In blocks of steps, each solved from a zero state and then corrected by the state before it.
   * Threads may divide blocks, units or sequences; the bits are the same.
   */
  BLOCKED,

  /** Step after step; within 1e-5 of the blocked form. */
  SERIAL
}
