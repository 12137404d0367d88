package dev.unroll.run;

/** One layer in one direction: its weights. */
sealed interface Layer permits StepLayer, ScanUnroll {
  /** Packs one thread's share of the weights; once for each change of them. */
  void pack(float[] values, int worker, int workers);

  /** Packs one thread's share of what the backward pass needs besides. */
  void packBackward(float[] values, int worker, int workers);
}
