package dev.unroll.bench.serve;

import dev.unroll.bench.peer.StreamServer;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Steps of streams that are due at times which were drawn beforehand and wait for nobody (an open
 * loop), with exponential times between them. Streams take turns. A latency counts from when the
 * step was due to when its output was there; a server that falls behind is charged for all that
 * waited, which a loop that sends the next step after the last one's end would leave out
 * ("coordinated omission", Tene).
 *
 * <p>One thread looks at the clock, gathers what is due, and steps it, so no hand-over between
 * threads is measured.
 */
final class OpenLoop {
  /** A run that takes this many times as long as the arrivals is cut short. */
  private static final double OVERLOAD = 3;

  private static final long HEAD_START_NANOS = 1_000_000;

  private final LongSupplier clock;
  private final int streams;
  private final int most;
  private final long waitNanos;
  private final int inputs;
  private final float[] frames;
  private final int[] together;
  private final float[] x;
  private final float[] y;

  /**
   * What happened.
   *
   * @param nanos the latency of each step, ascending
   * @param batches how often the server was called
   * @param cut whether the server fell so far behind that the rest was left out
   */
  record Outcome(long[] nanos, int batches, boolean cut) {
    /** The latency that a part of the steps do not exceed, in microseconds. */
    double micros(double part) {
      int index = (int) Math.ceil(part * nanos.length) - 1;
      return nanos[Math.clamp(index, 0, nanos.length - 1)] / 1e3;
    }
  }

  /**
   * Prepares the buffers.
   *
   * @param clock in nanoseconds
   * @param streams that the server has
   * @param batch the most that are stepped together; no stream is there twice
   * @param waitNanos how long the first of a batch waits for others
   * @param frames inputs that are used in turn, {@code [some, inputs]}
   */
  OpenLoop(
      LongSupplier clock,
      int streams,
      int batch,
      long waitNanos,
      float[] frames,
      int inputs,
      int outputs) {
    this.clock = clock;
    this.streams = streams;
    this.waitNanos = waitNanos;
    this.frames = frames;
    this.inputs = inputs;
    most = Math.min(batch, streams);
    together = new int[most];
    x = new float[most * inputs];
    y = new float[most * outputs];
  }

  /** Draws when steps are due: nanoseconds from the start, ascending. */
  static long[] arrivals(double rate, double seconds, RandomGenerator random) {
    long[] due = new long[Math.max(1, (int) (rate * seconds))];
    double now = 0;
    for (int i = 0; i < due.length; i++) {
      now += random.nextExponential() / rate * 1e9;
      due[i] = (long) now;
    }
    return due;
  }

  /** Steps streams as fast as the server can, as many at once as fit, and says how many. */
  long saturate(StreamServer server, long nanos) throws Exception {
    long start = clock.getAsLong();
    long steps = 0;
    while (steps == 0 || clock.getAsLong() - start < nanos) {
      step(server, steps, most);
      steps += most;
    }
    return steps;
  }

  /** Takes steps when they are due. */
  Outcome run(StreamServer server, long[] due) throws Exception {
    long[] latencies = new long[due.length];
    long end = (long) (OVERLOAD * due[due.length - 1]) + HEAD_START_NANOS;
    long start = clock.getAsLong() + HEAD_START_NANOS;
    int next = 0;
    int batches = 0;
    long now = clock.getAsLong() - start;
    while (next < due.length && now < end) {
      int room = Math.min(most, due.length - next);
      long patience = due[next] + waitNanos;
      int count = 0;
      while (true) {
        now = clock.getAsLong() - start;
        while (count < room && due[next + count] <= now) {
          count++;
        }
        if (count == room || (count > 0 && now >= patience)) {
          break;
        }
        Thread.onSpinWait();
      }
      step(server, next, count);
      now = clock.getAsLong() - start;
      for (int i = 0; i < count; i++) {
        latencies[next + i] = now - due[next + i];
      }
      next += count;
      batches++;
    }
    long[] taken = Arrays.copyOf(latencies, next);
    Arrays.sort(taken);
    return new Outcome(taken, batches, next < due.length);
  }

  /** Takes the steps with these numbers, counted from the first of all. */
  private void step(StreamServer server, long first, int count) throws Exception {
    int known = frames.length / inputs;
    for (int i = 0; i < count; i++) {
      together[i] = (int) ((first + i) % streams);
      int frame = (int) ((first + i) % known);
      System.arraycopy(frames, frame * inputs, x, i * inputs, inputs);
    }
    server.step(together, count, x, y);
  }
}
