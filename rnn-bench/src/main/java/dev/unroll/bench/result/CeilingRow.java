package dev.unroll.bench.result;

import dev.unroll.report.run.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ceilings of one width and number of threads.
 *
 * @param moment start or end of a run
 * @param vectorBits 512, 256, 128, or 0 for plain Java
 * @param threads that ran each probe at once
 * @param gigaflops arithmetic on registers, 1e9 floating-point operations a second
 * @param gigabytes reading, 1e9 bytes a second, by level: L1, L2, L3, memory
 * @param capacity bytes that a level holds, by the same names; nothing in older files
 * @param fmaNanos from one fused multiply-add to the next that needs it; nothing in older files
 * @param activationNanos likewise
 */
public record CeilingRow(
    String moment,
    int vectorBits,
    int threads,
    double gigaflops,
    Map<String, Double> gigabytes,
    @Nullable Map<String, Long> capacity,
    @Nullable Double fmaNanos,
    @Nullable Double activationNanos) {
  /** Checks that a file left nothing out. */
  public CeilingRow {
    Json.requireAll(moment, gigabytes);
  }
}
