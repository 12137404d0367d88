package dev.unroll.onnx;

/** One direction of a recurrent node; a reverse one is given reversed sequences. */
interface DirectionLayer {
  /** Takes the weights of a direction, 0 or 1, of the sizes that it was made for. */
  void load(Weights weights, int direction, Memory memory);

  /**
   * Runs all steps.
   *
   * @param steps T, at least 1
   * @param batch B, at least 1
   * @param x {@code [T, B, I]}
   * @param lengths steps of each sequence, 0 to T
   * @param h {@code [B, H]}, the initial state, replaced by the last
   * @param c the same of an LSTM; else empty
   * @param y {@code [T, B, H]}, written; past a sequence's length zeros
   * @param memory for what is made
   */
  void run(
      int steps,
      int batch,
      float[] x,
      int[] lengths,
      float[] h,
      float[] c,
      float[] y,
      Memory memory);
}
