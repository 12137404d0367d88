package dev.unroll.run;

import org.jspecify.annotations.Nullable;

/**
 * A forward pass through all layers. What it was given lies in fields, where every thread of the
 * team finds it; names and shapes are those of {@link Recurrent#forward}.
 */
final class ForwardPass implements Team.Task {
  private final LayerPass[] passes;
  private final int directions;

  /** Output of each layer but the last, {@code [T, B, D*S]}. */
  private final float[][] layerY;

  private final Dropout dropout;

  /** The threads that share the pass. */
  private Team sharing = Team.single();

  private float[] x = {};
  private @Nullable State initial;
  private int @Nullable [] lengths;
  private float[] y = {};
  private @Nullable State last;

  ForwardPass(LayerPass[] passes, int directions, float[][] layerY, Dropout dropout) {
    this.passes = passes;
    this.directions = directions;
    this.layerY = layerY;
    this.dropout = dropout;
  }

  void run(
      Team team,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    this.x = x;
    this.initial = initial;
    this.lengths = lengths;
    this.y = y;
    this.last = last;
    dropout.begin();
    // Where threads cannot share a pass nobody is waited for.
    sharing = passes[0].shared(lengths != null) ? team : Team.single();
    sharing.run(this);
  }

  @Override
  public void run(int worker) {
    for (int i = 0; i < passes.length; i++) {
      int layer = i / directions;
      float[] layerX = layer == 0 ? x : layerY[layer - 1];
      float[] out = layer == layerY.length ? y : layerY[layer];
      passes[i].forward(worker, layerX, initial, lengths, out, last);
      if (layer < layerY.length && i % directions == directions - 1) {
        dropout.apply(out, layer, worker, sharing);
      }
    }
  }
}
