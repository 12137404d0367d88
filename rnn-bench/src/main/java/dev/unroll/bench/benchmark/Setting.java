package dev.unroll.bench.benchmark;

import dev.unroll.bench.result.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  /** Settings of one group are measured in one process. */
  String group() {
    return params.get("cell") + " " + params.get("mode");
  }

  /** Whether a point is this setting's result. */
  boolean made(Point point) {
    return point.benchmark().equals(benchmark.getSimpleName())
        && point.params().entrySet().containsAll(params.entrySet());
  }

  /** A few minutes' worth: both questions at H = 128. */
  static List<Setting> quick(List<String> threads) {
    List<Setting> settings = new ArrayList<>();
    settings.addAll(lengths(List.of("8", "64", "256", "512"), "1", "128"));
    settings.addAll(batches(List.of("1", "16", "64"), threads));
    return settings;
  }

  /** Every length from 1 to 4096 at several sizes, every batch from 1 to 512. */
  static List<Setting> full(List<String> threads) {
    List<String> steps = List.of("1", "4", "16", "20", "64", "200", "256", "1024", "4096");
    List<Setting> settings = new ArrayList<>();
    settings.addAll(lengths(steps, "1", "128"));
    settings.addAll(lengths(steps, "16", "128"));
    settings.addAll(lengths(List.of("1", "16", "64", "256", "1024"), "1", "64"));
    settings.addAll(lengths(List.of("1", "16", "64", "256", "1024"), "1", "512"));
    settings.addAll(
        batches(List.of("1", "2", "4", "8", "16", "32", "64", "128", "256", "512"), threads));
    return settings;
  }

  private static List<Setting> lengths(List<String> steps, String batch, String hidden) {
    return product(
        SequenceLength.class,
        Map.of("steps", steps, "batch", List.of(batch), "hidden", List.of(hidden)));
  }

  private static List<Setting> batches(List<String> batches, List<String> threads) {
    return product(
        BatchAndThreads.class,
        Map.of(
            "batch",
            batches,
            "threads",
            threads,
            "steps",
            List.of("100"),
            "hidden",
            List.of("128")));
  }

  private static List<Setting> product(Class<?> benchmark, Map<String, List<String>> choices) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put("cell", CELLS);
    all.put("mode", MODES);
    all.putAll(choices);
    List<Map<String, String>> combinations = List.of(Map.of());
    for (Map.Entry<String, List<String>> choice : all.entrySet()) {
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
