package dev.unroll.bench.gate;

import com.sun.management.ThreadMXBean;
import dev.unroll.bench.machine.Message;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The measuring process of {@code gate}: one side's turn of one pair. It goes round all benchmarks
 * until C2 is done with them, then times short slices, round after round, so that each benchmark's
 * calls are spread over the process's life. It sends a {@link Turn}.
 *
 * <p>Two habits make one process like the next. The warm-up counts calls, not time: with {@code
 * -Xbatch} every process then compiles the same methods in the same order. And the slices call from
 * {@value #DEPTHS} depths of the stack: C2 aligns frames to 16 bytes, so where it spills vectors of
 * 64 bytes, a kernel's speed depends by some 6 % on what happens to lie below it on the stack. Such
 * luck is no property of a build (Mytkowicz et al., Producing Wrong Data Without Doing Anything
 * Obviously Wrong, ASPLOS 2009); the 10th percentile over all depths takes the best.
 */
public final class GateFork {
  /** Frames of the interpreter have a fixed size; compiled, they would vanish. */
  static final List<String> FLAGS =
      List.of(
          "-Xms256m",
          "-XX:CompileCommand=quiet",
          "-XX:CompileCommand=exclude," + GateFork.class.getName() + "::deeper",
          "-XX:CompileCommand=exclude," + GateFork.class.getName() + "::slice");

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  /** Calls in a round of the warm-up, shared by the benchmarks. */
  private static final int WARM_UP_CALLS = 1500;

  /** C2 takes a method that is called 5000 times; all training benchmarks share one. */
  private static final int LEAST_WARM_UPS = 9;

  private static final int MOST_WARM_UPS = 20;
  private static final long MOST_WARM_UP_NANOS = 20_000_000_000L;

  /** C1 still compiles a method of the JDK now and then. */
  private static final long QUIET_MILLIS = 2;

  private static final int DEPTHS = 4;
  private static final long SLICE_NANOS = 10_000_000;
  private static final int SETTLE_CALLS = 2;
  private static final int LEAST_CALLS = 5;
  private static final int MOST_CALLS = 4096;

  private final int rounds;
  private final int[] plants;
  private final long[] nanos = new long[MOST_CALLS];

  private GateFork(int rounds, int[] plants) {
    this.rounds = rounds;
    this.plants = plants;
  }

  /** A benchmark that runs in this process, and what was measured of it. */
  private static final class Running {
    final String name;
    final Runnable call;
    final boolean oneThread;
    final Map<Integer, List<long[]>> slices = new LinkedHashMap<>();
    final Map<Integer, List<long[]>> cpu = new LinkedHashMap<>();
    long allocated = Long.MAX_VALUE;

    Running(String name, boolean oneThread, Runnable call) {
      this.name = name;
      this.oneThread = oneThread;
      this.call = call;
    }
  }

  /**
   * Measures benchmarks.
   *
   * @param args "check" to check results first or "trust"; rounds of slices; planted slowdowns in
   *     percent with commas between; then names
   */
  public static void main(String[] args) {
    int[] plants = Arrays.stream(args[2].split(",")).mapToInt(Integer::parseInt).toArray();
    List<String> names = List.of(args).subList(3, args.length);
    Turn turn =
        new GateFork(Integer.parseInt(args[1]), plants).measure(names, args[0].equals("check"));
    Message.send("turn", turn);
    System.exit(0); // the benchmarks' own threads need not be asked
  }

  private Turn measure(List<String> names, boolean check) {
    Map<String, String> failures = new LinkedHashMap<>();
    List<Running> running = new ArrayList<>();
    for (Gated benchmark : Gated.all()) {
      if (!names.contains(benchmark.name())) {
        continue;
      }
      try {
        Runnable call = benchmark.prepare(check);
        call.run();
        running.add(new Running(benchmark.name(), benchmark.threads() == 1, call));
      } catch (RuntimeException | LinkageError e) {
        failures.put(benchmark.name(), e.toString());
      }
    }
    warmUp(running);
    System.gc();
    for (int round = 0; round < rounds; round++) {
      for (Running benchmark : running) {
        for (int i = 0; i < plants.length; i++) {
          deeper(round % DEPTHS, benchmark, plants[(round + i) % plants.length]);
        }
      }
    }
    Map<String, Turn.Measured> measured = new LinkedHashMap<>();
    running.forEach(
        r ->
            measured.put(
                r.name, new Turn.Measured(r.allocated, r.slices, r.oneThread ? r.cpu : null)));
    return new Turn(measured, failures, Environment.here(), Double.NaN);
  }

  /** At least the rounds that C2 needs, and then until one compiles nothing. */
  private static void warmUp(List<Running> running) {
    long start = System.nanoTime();
    for (int round = 1; round <= MOST_WARM_UPS; round++) {
      long before = COMPILER.getTotalCompilationTime();
      for (Running benchmark : running) {
        for (int call = 0; call < WARM_UP_CALLS / running.size(); call++) {
          time(benchmark.call, 0);
        }
      }
      long compiling = COMPILER.getTotalCompilationTime() - before;
      if (System.nanoTime() - start > MOST_WARM_UP_NANOS
          || (round >= LEAST_WARM_UPS && compiling <= QUIET_MILLIS)) {
        return;
      }
    }
  }

  private void deeper(int frames, Running benchmark, int plant) {
    if (frames == 0) {
      slice(benchmark, plant);
    } else {
      deeper(frames - 1, benchmark, plant);
    }
  }

  private void slice(Running benchmark, int plant) {
    for (int i = 0; i < SETTLE_CALLS; i++) {
      time(benchmark.call, plant);
    }
    int calls = 0;
    long allocated = THREADS.getTotalThreadAllocatedBytes();
    long cpu = THREADS.getCurrentThreadCpuTime();
    long end = System.nanoTime() + SLICE_NANOS;
    while (calls < LEAST_CALLS || (calls < MOST_CALLS && System.nanoTime() < end)) {
      nanos[calls++] = time(benchmark.call, plant);
    }
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    allocated = THREADS.getTotalThreadAllocatedBytes() - allocated;
    // The least of all slices: other threads may allocate now and then, a call does each time.
    benchmark.allocated = Math.min(benchmark.allocated, Math.round((double) allocated / calls));
    benchmark
        .slices
        .computeIfAbsent(plant, key -> new ArrayList<>())
        .add(Arrays.copyOf(nanos, calls));
    benchmark
        .cpu
        .computeIfAbsent(plant, key -> new ArrayList<>())
        .add(new long[] {1000 * cpu / calls});
  }

  /**
   * Times a call.
   *
   * @param plant percent of the call's own time to waste after it, within what is timed
   */
  private static long time(Runnable call, int plant) {
    long start = System.nanoTime();
    call.run();
    long end = System.nanoTime();
    if (plant > 0) {
      long goal = end + (end - start) * plant / 100;
      do {
        end = System.nanoTime();
      } while (end < goal);
    }
    return end - start;
  }
}
