package dev.unroll.run;

/** One layer in one direction: its weights. */
interface Layer {
  /** Packs one thread's share of the weights; once for each change of them. */
  void pack(float[] values, int worker, int workers);

  /** Packs one thread's share of what the backward pass needs besides. */
  void packBackward(float[] values, int worker, int workers);

  /**
   * Allocates the buffers for passes of one shape.
   *
   * @param config the network
   * @param steps T
   * @param batch B
   * @param training whether backward passes will follow
   * @param team the threads of the passes
   * @param form how a linear recurrence is solved
   */
  LayerPass pass(
      RecurrentConfig config, int steps, int batch, boolean training, Team team, ScanForm form);
}
