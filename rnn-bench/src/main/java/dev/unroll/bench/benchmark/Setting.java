package dev.unroll.bench.benchmark;

import dev.unroll.bench.benchmark.OverTime.Way;
import dev.unroll.bench.benchmark.Parts.Part;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.result.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One benchmark at one setting of its parameters: what a run does step by step, so that it can be
 * stopped between any two and completed later.
 *
 * @param benchmark the class
 * @param params each parameter's value
 */
record Setting(Class<?> benchmark, Map<String, String> params) {
  private static final List<String> CELLS = List.of("rnn_tanh", "lstm", "gru");
  private static final List<String> MODES = List.of("FORWARD", "TRAINING");

  /** Fewer sequences go through other kernels than more do. */
  private static final int FEW_SEQUENCES = 6;

  /** Sequences of each thread where the batch grows with the threads. */
  private static final int WEAK_BATCH = 16;

  /** Settings of one group are measured in one process. */
  String group() {
    return benchmark == OverTime.class ? "over time" : param("cell") + " " + mode();
  }

  /** Settings of one bundle are compared with each other and measured one right after the other. */
  String bundle() {
    if (benchmark == OverTime.class) {
      return "over time T=%s H=%s".formatted(param("steps"), param("hidden"));
    }
    if (benchmark == Parts.class) {
      return "parts B=%s T=%s H=%s".formatted(param("batch"), param("steps"), param("hidden"));
    }
    return params.toString();
  }

  /** Settings of one path go through the same code, which the compiler has to meet once. */
  String path() {
    return params.getOrDefault("way", "")
        + (workload().shape().batch() < FEW_SEQUENCES ? " few" : " many");
  }

  private Mode mode() {
    String part = params.get("part");
    if (part != null) {
      return Part.valueOf(part).mode();
    }
    return benchmark == OverTime.class
        ? Mode.FORWARD
        : Mode.valueOf(params.getOrDefault("mode", "TRAINING"));
  }

  /** The layer's work in one call. */
  Workload workload() {
    Shape shape =
        Shape.square(
            Integer.parseInt(params.getOrDefault("batch", "1")),
            Integer.parseInt(param("steps")),
            Integer.parseInt(param("hidden")));
    String cell = benchmark == OverTime.class ? Way.valueOf(param("way")).cell() : param("cell");
    return new Workload(
        cell,
        mode(),
        shape,
        Integer.parseInt(params.getOrDefault("threads", "1")),
        Integer.parseInt(params.getOrDefault("heads", "1")));
  }

  /** How many layers' work a call is. */
  int repeats() {
    return Integer.parseInt(params.getOrDefault("windows", "1"));
  }

  private String param(String name) {
    return Objects.requireNonNull(params.get(name), name);
  }

  /** Whether a point is this setting's result. */
  boolean made(Point point) {
    return point.benchmark().equals(benchmark.getSimpleName())
        && point.params().entrySet().containsAll(params.entrySet());
  }

  /** A few minutes' worth: every question at H = 128. */
  static List<Setting> quick(List<Integer> threads) {
    List<Setting> settings = new ArrayList<>();
    settings.addAll(lengths(List.of(8, 64, 256, 512), 1, 128));
    settings.addAll(batches(List.of(1, 16, 64), threads));
    settings.addAll(parts(List.of(1, 64)));
    settings.addAll(epochs(List.of("rnn_tanh"), List.of(20, 200)));
    return settings;
  }

  /** Every length from 1 to 4096 at several sizes, every batch from 1 to 512. */
  static List<Setting> full(List<Integer> threads) {
    List<Integer> steps = List.of(1, 4, 16, 64, 256, 1024, 4096);
    List<Setting> settings = new ArrayList<>();
    for (int hidden : List.of(64, 128, 256)) {
      settings.addAll(lengths(steps, 1, hidden));
      settings.addAll(lengths(steps, 16, hidden));
    }
    settings.addAll(lengths(steps, 1, 512));
    settings.addAll(batches(List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512), threads));
    settings.addAll(parts(List.of(1, 16, 64)));
    settings.addAll(epochs(CELLS, List.of(20, 50, 100, 200)));
    settings.addAll(overTime(threads));
    return settings;
  }

  private static List<Setting> lengths(List<Integer> steps, int batch, int hidden) {
    return product(
        SequenceLength.class,
        Map.of(
            "cell", CELLS,
            "mode", MODES,
            "steps", texts(steps),
            "batch", texts(List.of(batch)),
            "hidden", texts(List.of(hidden))));
  }

  /** The same batches on every number of threads, and batches that grow with the threads. */
  private static List<Setting> batches(List<Integer> batches, List<Integer> threads) {
    List<Setting> settings = new ArrayList<>(grid(batches, texts(threads)));
    for (int count : threads) {
      if (!batches.contains(WEAK_BATCH * count)) {
        settings.addAll(grid(List.of(WEAK_BATCH * count), List.of(Integer.toString(count))));
      }
    }
    return settings;
  }

  private static List<Setting> grid(List<Integer> batches, List<String> threads) {
    return product(
        BatchAndThreads.class,
        Map.of(
            "cell",
            CELLS,
            "mode",
            MODES,
            "batch",
            texts(batches),
            "threads",
            threads,
            "steps",
            List.of("100"),
            "hidden",
            List.of("128")));
  }

  private static List<Setting> parts(List<Integer> batches) {
    return product(
        Parts.class,
        Map.of(
            "cell", CELLS,
            "part", List.of(Part.values()).stream().map(Part::name).toList(),
            "batch", texts(batches),
            "steps", List.of("100"),
            "hidden", List.of("128")));
  }

  private static List<Setting> epochs(List<String> cells, List<Integer> steps) {
    return product(
        Epoch.class,
        Map.of(
            "cell", cells,
            "steps", texts(steps),
            "hidden", List.of("128"),
            "windows", List.of("1000")));
  }

  /** The dear way only as far as its H times the work leaves it below seconds. */
  private static List<Setting> overTime(List<Integer> threads) {
    List<Way> most = List.of(Way.SERIAL, Way.SCAN, Way.QUASI_DEER, Way.DEER);
    List<Setting> settings = new ArrayList<>(ways(most, List.of(64, 256, 1024, 4096), 64, threads));
    settings.addAll(ways(List.of(Way.DEER_IN_BLOCKS), List.of(64, 256, 1024), 64, threads));
    settings.addAll(ways(List.of(Way.SERIAL, Way.SCAN), List.of(1024, 4096), 128, threads));
    return settings;
  }

  /** Step by step beside Newton's method: with one strip of units, and with as many as threads. */
  static List<Setting> newton(List<Integer> threads) {
    List<Way> both =
        List.of(Way.PARA_GRU, Way.PARA_GRU_NEWTON, Way.PARA_LSTM, Way.PARA_LSTM_NEWTON);
    List<Setting> settings =
        new ArrayList<>(ways(both, List.of(256, 1024, 4096, 16384, 65536), 64, threads));
    settings.addAll(ways(both, List.of(4096), 256, threads));
    return settings;
  }

  private static List<Setting> ways(
      List<Way> ways, List<Integer> steps, int hidden, List<Integer> threads) {
    return product(
        OverTime.class,
        Map.of(
            "way", ways.stream().map(Way::name).toList(),
            "steps", texts(steps),
            "hidden", texts(List.of(hidden)),
            "threads", texts(threads)));
  }

  private static List<String> texts(List<Integer> values) {
    return values.stream().map(String::valueOf).toList();
  }

  private static List<Setting> product(Class<?> benchmark, Map<String, List<String>> choices) {
    List<Map<String, String>> combinations = List.of(Map.of());
    for (Map.Entry<String, List<String>> choice : new TreeMap<>(choices).entrySet()) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> combination : combinations) {
        for (String value : choice.getValue()) {
          Map<String, String> one = new LinkedHashMap<>(combination);
          one.put(choice.getKey(), value);
          longer.add(one);
        }
      }
      combinations = longer;
    }
    return combinations.stream().map(params -> new Setting(benchmark, params)).toList();
  }
}
