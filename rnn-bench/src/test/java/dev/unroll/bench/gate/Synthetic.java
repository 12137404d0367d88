package dev.unroll.bench.gate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.math3.random.Well19937c;

/** Seeded pairs as a noisy machine would give them: each process has its luck, some calls wait. */
final class Synthetic {
  private static final double PROCESS_NOISE = 0.004;

  private Synthetic() {}

  /** Pairs of one benchmark. */
  static List<Pair> pairs(int count, long seed, String name, double ratio) {
    Well19937c random = new Well19937c(seed);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(
          new Pair(
              i % 2 == 0, turn(name, 100_000, 0, random), turn(name, 100_000 * ratio, 0, random)));
    }
    return pairs;
  }

  /** One process's measurement. */
  static Turn turn(String name, double nanos, long allocated, Well19937c random) {
    double luck = nanos * Math.exp(PROCESS_NOISE * random.nextGaussian());
    List<long[]> slices = new ArrayList<>();
    for (int s = 0; s < 8; s++) {
      long[] calls = new long[60];
      for (int c = 0; c < calls.length; c++) {
        double wait = random.nextInt(5) == 0 ? 0.3 * random.nextDouble() : 0;
        calls[c] = Math.round(luck * (1 + wait + 0.002 * random.nextDouble()));
      }
      slices.add(calls);
    }
    return new Turn(Map.of(name, new Turn.Measured(allocated, Map.of(0, slices))), Map.of());
  }

  static List<long[]> slices(Turn turn, String name) {
    return Objects.requireNonNull(
        Objects.requireNonNull(turn.measured().get(name)).slices().get(0));
  }

  /** Several benchmarks' pairs in one. */
  static List<Pair> merge(List<List<Pair>> benchmarks) {
    List<Pair> merged = new ArrayList<>();
    for (int i = 0; i < benchmarks.getFirst().size(); i++) {
      Turn base = new Turn(new LinkedHashMap<>(), new LinkedHashMap<>());
      Turn candidate = new Turn(new LinkedHashMap<>(), new LinkedHashMap<>());
      for (List<Pair> pairs : benchmarks) {
        base.measured().putAll(pairs.get(i).base().measured());
        base.failures().putAll(pairs.get(i).base().failures());
        candidate.measured().putAll(pairs.get(i).candidate().measured());
        candidate.failures().putAll(pairs.get(i).candidate().failures());
      }
      merged.add(new Pair(false, base, candidate));
    }
    return merged;
  }
}
