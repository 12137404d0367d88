package dev.unroll.bench.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.unroll.report.run.Json;

/**
 * One workload with weights in one format beside the same with floats.
 *
 * @param format f32, bf16, int8, or another library with weights of 8 bits
 * @param mode step or pass
 * @param steps T; 1 in a step
 * @param hiddenSize H, which the input size is too
 * @param micros the median time of a call
 * @param speedup the floats' time over this one
 * @param low lower end of its 95 % interval
 * @param high upper end
 */
public record WeightFormatRow(
    String cell,
    String format,
    String mode,
    @JsonProperty("B") int batch,
    @JsonProperty("T") int steps,
    @JsonProperty("H") int hiddenSize,
    int threads,
    @JsonProperty("us") double micros,
    double speedup,
    double low,
    double high) {
  /** Checks that a file left nothing out. */
  public WeightFormatRow {
    Json.requireAll(cell, format, mode);
  }
}
