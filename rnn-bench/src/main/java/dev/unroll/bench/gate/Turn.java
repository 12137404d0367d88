package dev.unroll.bench.gate;

import java.util.List;
import java.util.Map;

/**
 * What one process measured.
 *
 * @param measured by benchmark
 * @param failures by benchmark: why it did not run
 */
record Turn(Map<String, Measured> measured, Map<String, String> failures) {
  /**
   * One benchmark's calls.
   *
   * @param allocated bytes a call allocates, on all threads: the least of all slices
   * @param slices by planted slowdown in percent (0 outside a self-test): nanoseconds of each call
   *     of each slice
   */
  record Measured(long allocated, Map<Integer, List<long[]>> slices) {}
}
