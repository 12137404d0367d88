package dev.unroll.bench.result;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One workload on us and on one other library. The keys are those of the JSON files.
 *
 * @param oursMicros our median time of a call
 * @param peerMicros theirs
 * @param ratio theirs / ours: above one we are faster
 * @param ratioLow lower end of the ratio's 95 % interval
 * @param ratioHigh upper end
 * @param ceilingFraction the least time the machine allows, over our time
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
    @JsonProperty("ceiling_fraction") double ceilingFraction) {}
