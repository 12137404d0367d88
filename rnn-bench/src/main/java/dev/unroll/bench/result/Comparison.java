package dev.unroll.bench.result;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.unroll.report.run.Json;
import org.jspecify.annotations.Nullable;

/**
 * One workload on us and on one other library, or on us with weights of fewer bits. The keys are
 * those of the JSON files.
 *
 * @param oursMicros our median time of a call
 * @param peerMicros theirs
 * @param ratio theirs / ours: above one we are faster
 * @param ratioLow lower end of the ratio's 95 % interval
 * @param ratioHigh upper end
 * @param ceilingFraction the least time the machine allows, over our time
 * @param chainFraction the time of the shortest chain of operations in which each needs the one
 *     before, over our time; nothing in older files
 * @param cutFrom the numbers of steps that a list of shapes has, where T was cut to save time
 */
public record Comparison(
    String cell,
    String mode,
    @JsonProperty("B") int batch,
    @JsonProperty("T") int steps,
    @JsonProperty("I") int inputSize,
    @JsonProperty("H") int hiddenSize,
    int threads,
    String peer,
    @JsonProperty("ours_us") double oursMicros,
    @JsonProperty("peer_us") double peerMicros,
    double ratio,
    @JsonProperty("ratio_low") double ratioLow,
    @JsonProperty("ratio_high") double ratioHigh,
    @JsonProperty("ceiling_fraction") double ceilingFraction,
    @JsonProperty("chain_fraction") @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Double chainFraction,
    @JsonProperty("cut_from") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String cutFrom) {
  /** Checks that a file left nothing out. */
  public Comparison {
    Json.requireAll(cell, mode, peer);
  }

  /** The beginning of our names in the place of another library: with weights of fewer bits. */
  public static final String OURS = "Unroll";

  /** Whether both read 32-bit numbers, so that the faster one is the better one. */
  @JsonIgnore
  public boolean isLikeWithLike() {
    return !peer.endsWith(" bf16") && !peer.endsWith(" int8");
  }
}
