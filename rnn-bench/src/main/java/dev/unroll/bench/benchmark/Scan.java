package dev.unroll.bench.benchmark;

import dev.unroll.kernel.Buffers;
import dev.unroll.run.LinearScan;
import dev.unroll.run.ScanForm;
import dev.unroll.run.Team;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a recurrence costs that is linear: h_t = a_t h_(t-1) + b_t over T steps of N units, all of
 * one sequence, in blocks or step after step. Two numbers are read and one written for each step of
 * each unit, 12 bytes, so bandwidth is its limit. a is in (0, 1), b normal; h is compared with
 * double precision before it is timed.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh Scan -p steps=4096 -p threads=1,2"</pre>
 */
@State(Scope.Benchmark)
public class Scan extends Timed {
  private static final double TOLERANCE = 1e-4;

  /** In blocks of steps, or step after step. */
  @Param public ScanForm form;

  /** T. */
  @Param({"1024", "4096"})
  public int steps;

  /** N. */
  @Param("128")
  public int units;

  /** The scan's threads; JMH's stay at one. */
  @Param({"1", "2"})
  public int threads;

  private Team team = Team.single();
  private float[] a = {};
  private float[] b = {};
  private float[] h = {};
  private LinearScan scan = new LinearScan(1, 1, team, ScanForm.SERIAL);

  /** Made by JMH. */
  public Scan() {}

  /** Draws the coefficients, solves once and checks the solution. */
  @Setup
  public void verify() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    a = Buffers.floats((long) steps * units);
    b = Buffers.floats((long) steps * units);
    for (int i = Buffers.BASE; i < a.length; i++) {
      a[i] = random.nextFloat();
      b[i] = (float) random.nextGaussian();
    }
    team = new Team(threads);
    scan = new LinearScan(steps, units, team, form);
    h = Buffers.floats((long) steps * units);
    call();
    for (int j = 0; j < units; j++) {
      double state = 0;
      for (int t = 0; t < steps; t++) {
        int at = Buffers.BASE + t * units + j;
        state = a[at] * state + b[at];
        if (!(Math.abs(state - h[at]) <= TOLERANCE * Math.max(1, Math.abs(state)))) {
          throw new IllegalStateException(
              "h[%d,%d] is %s, but double precision gives %s; nothing was timed"
                  .formatted(t, j, h[at], state));
        }
      }
    }
  }

  /** One scan. */
  @Benchmark
  public void call() {
    scan.forward(a, b, null, h, Buffers.BASE);
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    team.close();
  }
}
