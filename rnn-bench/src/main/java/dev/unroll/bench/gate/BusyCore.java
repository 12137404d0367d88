package dev.unroll.bench.gate;

/** Keeps one core busy, and its caches, from this process: a neighbour for those that measure. */
final class BusyCore implements AutoCloseable {
  private static final int FLOATS = 8 << 20;

  private final Thread thread = Thread.ofPlatform().daemon().name("busy").unstarted(this::work);
  private volatile boolean closed;
  private volatile float sink;

  BusyCore() {
    thread.start();
  }

  private void work() {
    float[] values = new float[FLOATS];
    while (!closed) {
      float sum = sink;
      for (int i = 0; i < values.length; i++) {
        values[i] += i;
        sum += values[i];
      }
      sink = sum;
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
