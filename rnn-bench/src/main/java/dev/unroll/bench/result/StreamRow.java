package dev.unroll.bench.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.unroll.report.run.Json;
import org.jspecify.annotations.Nullable;

/**
 * What one library did with some streams whose steps arrived at a given rate. Latencies count from
 * when a step was due, so a step that waits for others to end counts whole.
 *
 * @param model the file that the weights are from; null for drawn ones
 * @param library its name, of ours with the format of the weights
 * @param inputSize I
 * @param hiddenSize H
 * @param batch the most streams that are stepped together
 * @param waitMicros how long the first step of a batch waits for others
 * @param capacity steps a second when as many as fit are always there
 * @param rate steps a second that arrived
 * @param steps that were taken at that rate
 * @param together streams in a batch on average
 * @param overloaded whether more arrived than the library can take
 * @param p50 median latency, microseconds; the others are percentiles, and the largest
 * @param collections garbage collections while the steps were taken
 * @param allocated bytes of Java objects that a step left behind
 * @param bytesAStream memory that a stream took, Java's and native; null where too few were opened
 *     to tell
 * @param difference largest difference of outputs from ours with floats
 */
public record StreamRow(
    @Nullable String model,
    String library,
    String cell,
    @JsonProperty("I") int inputSize,
    @JsonProperty("H") int hiddenSize,
    int streams,
    int batch,
    @JsonProperty("wait_us") double waitMicros,
    double capacity,
    double rate,
    long steps,
    double together,
    boolean overloaded,
    @JsonProperty("p50_us") double p50,
    @JsonProperty("p99_us") double p99,
    @JsonProperty("p999_us") double p999,
    @JsonProperty("max_us") double largest,
    long collections,
    double allocated,
    @JsonProperty("bytes_a_stream") @Nullable Double bytesAStream,
    double difference) {
  /** Checks that a file left nothing out. */
  public StreamRow {
    Json.requireAll(library, cell);
  }
}
