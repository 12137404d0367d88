package dev.unroll.bench.gate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one process measured.
 *
 * @param measured by benchmark
 * @param failures by benchmark: why it did not run
 * @param environment what it ran in; null if nothing ran
 * @param busy share of the machine's processors that were busy meanwhile, with the turn's own; NaN
 *     where the system does not say
 */
record Turn(
    Map<String, Measured> measured,
    Map<String, String> failures,
    @Nullable Environment environment,
    double busy) {
  /** Nothing was measured. */
  static final Turn EMPTY = new Turn(Map.of(), Map.of());

  /** A turn of which nothing else is known. */
  Turn(Map<String, Measured> measured, Map<String, String> failures) {
    this(measured, failures, null, Double.NaN);
  }

  /** The same, with how busy the machine was. */
  Turn whileBusy(double share) {
    return new Turn(measured, failures, environment, share);
  }

  /** Both together; of the environments and loads that of the one with more benchmarks. */
  Turn and(Turn other) {
    Map<String, Measured> all = new LinkedHashMap<>(measured);
    all.putAll(other.measured);
    Map<String, String> failed = new LinkedHashMap<>(failures);
    failed.putAll(other.failures);
    Turn larger = measured.size() >= other.measured.size() && environment != null ? this : other;
    return new Turn(all, failed, larger.environment, larger.busy);
  }

  /**
   * One benchmark's calls.
   *
   * @param allocated bytes a call allocates, on all threads: the least of all slices
   * @param slices by planted slowdown in percent (0 outside a self-test): nanoseconds of each call
   *     of each slice
   * @param cpu likewise, the picoseconds of processor time of a call, one mean for each slice; null
   *     where there are several threads, or nobody counted
   */
  record Measured(
      long allocated, Map<Integer, List<long[]>> slices, @Nullable Map<Integer, List<long[]>> cpu) {
    /** What nobody counted the processor's time of. */
    Measured(long allocated, Map<Integer, List<long[]>> slices) {
      this(allocated, slices, null);
    }
  }
}
