package dev.unroll.experiments.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of metrics.jsonl: what one trial measured, or why it stopped. It holds no time of day,
 * and no duration where that is not what is measured, so that the same seed gives the same bytes.
 *
 * @param trial what varied, and the seed
 * @param figures what was measured; null when the trial failed
 * @param failure why it stopped; null when it did not
 * @param claims the hash of the claims that it was started under; null where there were none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrialRecord(
    ObjectNode trial,
    @Nullable ObjectNode figures,
    @Nullable Failure failure,
    @Nullable String claims) {
  /** Checks that a file left nothing out. */
  public TrialRecord {
    Json.requireAll(trial);
  }

  /**
   * A training whose loss or gradients were no longer finite.
   *
   * @param step the step at which it was seen, from 1
   * @param gradientNorm the last finite global gradient norm before it
   * @param cause the likely cause, one sentence
   */
  public record Failure(int step, double gradientNorm, String cause) {
    /** Checks that a file left nothing out. */
    public Failure {
      Json.requireAll(cause);
    }
  }

  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  /** Whether the trial came to its end. */
  public boolean succeeded() {
    return figures != null;
  }

  /** Whether {@code name} of the trial has this value, compared as text. */
  public boolean is(String name, Object value) {
    JsonNode node = trial.get(name);
    return node != null && node.asString().equals(String.valueOf(value));
  }

  /** The trial's seed. */
  public long seed() {
    return trial.path("seed").asLong();
  }

  /** Whether {@code name} was measured. */
  public boolean has(String name) {
    return figures != null && figures.has(name);
  }

  /** One measured number. */
  public double number(String name) {
    return read(name, TrialRecord::number);
  }

  /** One measured text. */
  public String text(String name) {
    return read(name, JsonNode::asString);
  }

  /** A measured list of numbers; a single one counts as a list of one. */
  public double[] numbers(String name) {
    return read(
        name,
        node ->
            node.isArray()
                ? node.valueStream().mapToDouble(TrialRecord::number).toArray()
                : new double[] {number(node)});
  }

  /** JSON has no number that is not finite, so such a one is written as its name. */
  private static double number(JsonNode node) {
    return node.isString() && NOT_FINITE.contains(node.asString())
        ? Double.parseDouble(node.asString())
        : node.asDouble();
  }

  /** A measured list of texts. */
  public List<String> texts(String name) {
    return read(name, node -> node.valueStream().map(JsonNode::asString).toList());
  }

  private <T> T read(String name, Function<JsonNode, T> as) {
    try {
      return as.apply(node(name));
    } catch (JacksonException damaged) {
      throw new InputException(
          "Trial %s of metrics.jsonl has figure %s of another kind (%s): delete its line and run again."
              .formatted(trial, name, damaged.getOriginalMessage()));
    }
  }

  private JsonNode node(String name) {
    JsonNode node = figures == null ? null : figures.get(name);
    if (node == null) {
      throw new InputException(
          "Trial %s of metrics.jsonl has no figure %s: delete its line and run again."
              .formatted(trial, name));
    }
    return node;
  }
}
