package dev.unroll.run;

/** A {@link StepLayer}, one step at a time. */
final class UnrollStep implements LayerStep {
  private final StepLayer layer;
  private final Share allUnits;

  /** For one row, two, ... as long as a pass is narrow; the last one for all greater numbers. */
  private final Trace[] traces;

  private final Unroll[] unrolls;

  UnrollStep(StepLayer layer, int largest) {
    this.layer = layer;
    allUnits = Share.all(layer);
    traces = new Trace[Math.min(largest, Trace.NARROW)];
    unrolls = new Unroll[traces.length];
    for (int i = 0; i < traces.length; i++) {
      traces[i] = new Trace(layer, 1, i == Trace.NARROW - 1 ? largest : i + 1, false, 1);
      unrolls[i] = new Unroll(layer, traces[i]);
    }
  }

  @Override
  public void step(float[] x, Rows rows, float[] y) {
    int count = rows.count();
    int i = Math.min(count, traces.length) - 1;
    Trace trace = traces[i];
    int before = trace.before(0);
    for (int r = 0; r < count; r++) {
      trace.loadRow(rows.stream(r).state(), rows.place(layer, r), before + r * trace.ld);
    }
    if (trace.narrow) {
      unrolls[i].narrow(0, allUnits, null, x, null, y);
    } else {
      unrolls[i].wide(0, x, null, y, 0, count);
    }
    int after = trace.after(0);
    for (int r = 0; r < count; r++) {
      trace.storeRow(rows.stream(r).state(), rows.place(layer, r), after + r * trace.ld);
    }
  }
}
