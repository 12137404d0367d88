package dev.unroll.bench.roofline;

import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.Caches;
import dev.unroll.kernel.Activations;
import dev.unroll.kernel.Lanes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CyclicBarrier;
import java.util.function.IntConsumer;
import java.util.function.IntToDoubleFunction;

/**
 * The machine's limits for a number of threads, measured in this process: arithmetic at {@link
 * Lanes}' width, how long it waits for its own results, and reading from each {@link Caches.Level}.
 * Each {@link #sample} adds short bursts, so that samples taken between the measurements of
 * anything else see the machine as that did; what counts is the median.
 */
public final class Ceilings {
  private static final int FMA_ROUNDS = 20_000;
  private static final long BURST_NANOS = 2_000_000;
  private static final String FMA = "fma";
  private static final String FMA_LATENCY = "fma latency";
  private static final String ACTIVATION_LATENCY = "activation latency";
  private static final int CHAIN = 1_000;

  private final int threads;
  private final List<Caches.Level> levels = Caches.levels();
  private final Map<String, List<Double>> samples = new LinkedHashMap<>();
  private final Map<String, ReadProbe[]> probes = new LinkedHashMap<>();

  /** One vector, each activation of which needs the one before. */
  private final float[] state = new float[Math.max(1, Lanes.LENGTH)];

  /** Where results go, so that the compiler does not drop the work. */
  @SuppressWarnings("UnusedVariable")
  private volatile float sink;

  /**
   * Prepares the probes and drives them through the compiler.
   *
   * @param threads how many threads run each probe at once; their rates are added
   */
  public Ceilings(int threads) {
    this.threads = threads;
    for (int i = 0; i < 200; i++) {
      sink = FmaProbe.run(FMA_ROUNDS / 20);
    }
    ReadProbe small = new ReadProbe(1 << 14);
    for (int i = 0; i < 20_000; i++) {
      sink = small.run();
    }
    Arrays.fill(state, 1);
    for (int i = 0; i < 10; i++) {
      sampleLatencies();
    }
    samples.clear();
  }

  /** The levels that {@link #gigabytes} knows. */
  public List<Caches.Level> levels() {
    return levels;
  }

  /** Measures for a moment all that {@link #floorMicros} and {@link #chainMicros} need. */
  public void sampleForFloor() {
    sampleFma();
    Caches.own(levels).forEach(this::sample);
    sampleLatencies();
  }

  /** Measures for a moment how long what needs its result waits for an operation. */
  public void sampleLatencies() {
    add(FMA_LATENCY, latency(rounds -> sink = FmaProbe.chain(rounds)));
    add(
        ACTIVATION_LATENCY,
        latency(
            rounds -> {
              for (int i = 0; i < rounds; i++) {
                Activations.tanh(state, 0, state.length);
              }
            }));
  }

  /** Measures arithmetic for a moment. */
  public void sampleFma() {
    add(FMA, together(thread -> fmaBurst()));
  }

  /** Measures reading from one level for a moment. */
  public void sample(Caches.Level level) {
    ReadProbe[] sets =
        probes.computeIfAbsent(
            level.name(),
            name -> {
              ReadProbe[] made = new ReadProbe[threads];
              boolean shared = !Caches.own(levels).contains(level);
              for (int i = 0; i < threads; i++) {
                made[i] = new ReadProbe(shared ? level.probeBytes() / threads : level.probeBytes());
              }
              return made;
            });
    add(level.name(), together(thread -> readBurst(sets[thread])));
  }

  /** The median rate of arithmetic, in 1e9 floating-point operations a second. */
  public double gigaflops() {
    return median(FMA);
  }

  /** The median rate of reading from a level, in 1e9 bytes a second. */
  public double gigabytes(Caches.Level level) {
    return median(level.name());
  }

  /** The least time one call can take, in microseconds: {@link Floor}. */
  public double floorMicros(Workload workload) {
    return Floor.micros(
        workload,
        gigaflops(),
        Caches.own(levels).stream()
            .map(level -> new Floor.Cache((double) threads * level.bytes(), gigabytes(level)))
            .toList());
  }

  /** The median time from a fused multiply-add to the next that needs it, in nanoseconds. */
  public double fmaNanos() {
    return median(FMA_LATENCY);
  }

  /** The same for an activation whose argument lies in memory, as a step's sums do. */
  public double activationNanos() {
    return median(ACTIVATION_LATENCY);
  }

  /** The time of the shortest chain of one call, in microseconds: {@link Floor}. */
  public OptionalDouble chainMicros(Workload workload) {
    return Floor.chainMicros(workload, fmaNanos(), activationNanos());
  }

  /** Nanoseconds of one operation in a chain. */
  private static double latency(IntConsumer chain) {
    long start = System.nanoTime();
    long now;
    double operations = 0;
    do {
      chain.accept(CHAIN);
      operations += CHAIN;
      now = System.nanoTime();
    } while (now - start < BURST_NANOS);
    return (now - start) / operations;
  }

  private double fmaBurst() {
    long start = System.nanoTime();
    long now;
    double flops = 0;
    float sum = 0;
    do {
      sum += FmaProbe.run(FMA_ROUNDS);
      flops += FmaProbe.flops(FMA_ROUNDS);
      now = System.nanoTime();
    } while (now - start < BURST_NANOS);
    sink = sum;
    return flops / (now - start);
  }

  private double readBurst(ReadProbe probe) {
    float sum = probe.run(); // brings the working set into its level
    long start = System.nanoTime();
    long now;
    double bytes = 0;
    do {
      sum += probe.run();
      bytes += probe.bytes();
      now = System.nanoTime();
    } while (now - start < BURST_NANOS);
    sink = sum;
    return bytes / (now - start);
  }

  /** Runs a burst on every thread at once and adds the rates. */
  private double together(IntToDoubleFunction burst) {
    if (threads == 1) {
      return burst.applyAsDouble(0);
    }
    double[] rates = new double[threads];
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int index = i;
      running.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      start.await();
                      rates[index] = burst.applyAsDouble(index);
                    } catch (Exception e) {
                      throw new IllegalStateException("a probe was interrupted", e);
                    }
                  }));
    }
    for (Thread thread : running) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("a probe was interrupted", e);
      }
    }
    return Arrays.stream(rates).sum();
  }

  private void add(String name, double rate) {
    samples.computeIfAbsent(name, key -> new ArrayList<>()).add(rate);
  }

  private double median(String name) {
    List<Double> rates = samples.get(name);
    if (rates == null) {
      throw new IllegalStateException("no sample of " + name + " yet");
    }
    return rates.stream().sorted().toList().get(rates.size() / 2);
  }
}
