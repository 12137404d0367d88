package dev.unroll.bench.report;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.Caches;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.roofline.Floor;
import dev.unroll.report.number.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a run has measured, and the questions that its tables ask of it.
 *
 * @param points every benchmark's results
 * @param ceilings the machine's, at the start and the end
 * @param cores of the machine
 */
record Measured(List<Point> points, List<CeilingRow> ceilings, int cores) {
  static final String LENGTH = "SequenceLength";
  static final String BATCH = "BatchAndThreads";
  static final String PARTS = "Parts";
  static final String EPOCH = "Epoch";
  static final String OVER_TIME = "OverTime";
  static final List<String> CELLS = List.of("rnn_tanh", "lstm", "gru");
  static final List<String> MODES = List.of("FORWARD", "TRAINING");

  /** Points of one benchmark with these parameters, given as name, value, name, value, ... */
  List<Point> of(String benchmark, Object... params) {
    return points.stream()
        .filter(p -> p.benchmark().equals(benchmark))
        .filter(
            p -> {
              for (int i = 0; i < params.length; i += 2) {
                if (!p.text(params[i].toString()).equals(params[i + 1].toString())) {
                  return false;
                }
              }
              return true;
            })
        .toList();
  }

  /** The same, in the order of one of their parameters. */
  List<Point> along(String param, String benchmark, Object... params) {
    return of(benchmark, params).stream()
        .sorted(Comparator.comparingInt(p -> p.param(param)))
        .toList();
  }

  /** Time against B and threads at one setting. */
  Optional<Point> batch(String cell, String mode, int batch, int threads) {
    return of(BATCH, "cell", cell, "mode", mode, "batch", batch, "threads", threads).stream()
        .findFirst();
  }

  /** All values of a benchmark's parameter. */
  SortedSet<Integer> values(String benchmark, String param) {
    SortedSet<Integer> values = new TreeSet<>();
    of(benchmark).forEach(p -> values.add(p.param(param)));
    return values;
  }

  /** Numbers of threads that have a core each. */
  SortedSet<Integer> threads() {
    SortedSet<Integer> threads = new TreeSet<>(values(BATCH, "threads"));
    threads.addAll(values(OVER_TIME, "threads"));
    threads.removeIf(count -> count > cores);
    return threads;
  }

  /** The largest of them. */
  int mostThreads() {
    SortedSet<Integer> threads = threads();
    return threads.isEmpty() ? 1 : threads.last();
  }

  static double perSequence(Point p) {
    return p.score() / p.param("batch");
  }

  static Workload workload(Point p) {
    int threads = p.text("threads").isEmpty() ? 1 : p.param("threads");
    return new Workload(
        p.text("cell"),
        Mode.valueOf(p.text("mode")),
        Shape.square(p.param("batch"), p.param("steps"), p.param("hidden")),
        threads);
  }

  /** Floating-point operations of the matrix products of a call, 1e9 a second. */
  static double gigaflops(Point p) {
    return workload(p).flops() / p.score() / 1e3;
  }

  /** The least time of a call that the ceilings allow, in microseconds. */
  OptionalDouble floor(Workload workload) {
    int threads = Math.min(workload.threads(), cores);
    OptionalDouble fma = ceiling(threads, CeilingRow::gigaflops);
    if (fma.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        Floor.micros(
            workload,
            fma.getAsDouble(),
            IntStream.rangeClosed(1, Caches.OWN)
                .mapToObj(i -> cache("L" + i, threads))
                .flatMap(Optional::stream)
                .toList()));
  }

  /** The time of the shortest chain of a call, in microseconds; none where nobody measured it. */
  OptionalDouble chain(Workload workload) {
    OptionalDouble fma = latency(CeilingRow::fmaNanos);
    OptionalDouble activation = latency(CeilingRow::activationNanos);
    return fma.isEmpty() || activation.isEmpty()
        ? OptionalDouble.empty()
        : Floor.chainMicros(workload, fma.getAsDouble(), activation.getAsDouble());
  }

  private OptionalDouble latency(Function<CeilingRow, @Nullable Double> nanos) {
    return ceilings.stream()
        .filter(row -> row.threads() == 1)
        .map(nanos)
        .filter(Objects::nonNull)
        .mapToDouble(Double::doubleValue)
        .average();
  }

  /** The mean of start and end; for threads that no probe ran on, one thread's as often. */
  OptionalDouble ceiling(int threads, ToDoubleFunction<CeilingRow> rate) {
    OptionalDouble own =
        ceilings.stream().filter(row -> row.threads() == threads).mapToDouble(rate).average();
    if (own.isPresent() || threads == 1) {
      return own;
    }
    OptionalDouble one = ceiling(1, rate);
    return one.isPresent() ? OptionalDouble.of(threads * one.getAsDouble()) : one;
  }

  private Optional<Floor.Cache> cache(String name, int threads) {
    Map<String, Long> capacity = ceilings.getFirst().capacity();
    Long bytes = capacity == null ? null : capacity.get(name);
    OptionalDouble rate =
        ceiling(threads, row -> row.gigabytes().getOrDefault(name, Double.POSITIVE_INFINITY));
    return bytes == null
        ? Optional.empty()
        : Optional.of(new Floor.Cache((double) threads * bytes, rate.orElseThrow()));
  }

  /** How near to the floor a time is, as text. */
  String ofTheFloor(Workload workload, double micros) {
    OptionalDouble floor = floor(workload);
    return floor.isEmpty() || Double.isNaN(floor.getAsDouble())
        ? ""
        : Numbers.format("%.0f %%", 100 * floor.getAsDouble() / micros);
  }

  /** The points that say nothing, as their error exceeds their score; each with a warning. */
  List<String> doubtful() {
    return points.stream()
        .filter(point -> point.error() > point.score())
        .map(point -> "the error of " + Text.name(point) + " exceeds its score")
        .toList();
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  static String count(int threads) {
    return threads + (threads == 1 ? " thread" : " threads");
  }
}
