package dev.unroll.run;

/** How the recurrence of a cell whose gates see only the input is solved over time. */
public enum ScanForm {
  /**
   * In blocks of steps, each solved from zero and then carried on from the one before: threads may
   * take blocks, units or sequences, and the bits stay the same.
   */
  BLOCKED,

  /** Step after step; within 1e-5 of the blocked form. */
  SERIAL
}
