package dev.unroll.run;

/** One layer, one step of those sequences that come together. */
sealed interface LayerStep permits UnrollStep, StripStep, DeltaStep {
  /**
   * Takes the step and carries the streams' states on. The bits of a row do not depend on the
   * others.
   *
   * @param x {@code [rows, I]}
   * @param rows whose they are
   * @param y {@code [rows, S]}, written
   */
  void step(float[] x, Rows rows, float[] y);
}
