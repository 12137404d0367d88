package dev.unroll.onnx;

import org.jspecify.annotations.Nullable;

/** One direction of a recurrent node with its weights; a reverse one is given reversed sequences. */
interface DirectionLayer {
  /**
   * Runs all steps.
   *
   * @param steps T, at least 1
   * @param batch B, at least 1
   * @param x {@code [T, B, I]}
   * @param lengths steps of each sequence, 0 to T
   * @param h {@code [B, H]}, the initial state, replaced by the last
   * @param c the same, of an LSTM; else not used
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

  /**
   * Takes weights.
   *
   * @param w {@code [G*H, I]} from w0 on, gates in ONNX's order
   * @param r {@code [G*H, H]} from r0 on
   * @param b {@code [2*G*H]} from b0 on, W's before R's; null for zeros
   * @param p {@code [3*H]} from p0 on, peepholes of i, o, f; null for none
   */
  void load(
      float[] w,
      int w0,
      float[] r,
      int r0,
      float @Nullable [] b,
      int b0,
      float @Nullable [] p,
      int p0);
}
