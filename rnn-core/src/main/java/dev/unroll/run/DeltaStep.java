package dev.unroll.run;

/** A {@link DeltaLayer}, one step at a time: a pass of one step over the rows in hand. */
final class DeltaStep implements LayerStep {
  private final DeltaPass pass;

  DeltaStep(DeltaLayer layer, int largest) {
    pass = new DeltaPass(layer, 1, largest, false, Team.single());
  }

  @Override
  public void step(float[] x, Rows rows, float[] y) {
    pass.step(x, rows, y);
  }
}
