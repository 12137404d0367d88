package dev.unroll.experiments.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.report.run.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of metrics.jsonl: what one trial measured, or why it stopped. It holds no time of day
 * and no duration, so that the same seed gives the same bytes.
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

  /**
   * A training whose loss or gradients were no longer finite.
   *
   * @param step the step at which it was seen, from 1
   * @param gradientNorm the last finite global gradient norm before it
   * @param cause the likely cause, one sentence
   */
  public record Failure(int step, double gradientNorm, String cause) {}

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
    return node(name).asDouble();
  }

  /** One measured text. */
  public String text(String name) {
    return node(name).asString();
  }

  /** A measured list of numbers; a single one counts as a list of one. */
  public double[] numbers(String name) {
    JsonNode node = node(name);
    if (node.isNumber()) {
      return new double[] {node.asDouble()};
    }
    double[] numbers = new double[node.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = node.get(i).asDouble();
    }
    return numbers;
  }

  /** A measured list of texts. */
  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    node(name).forEach(node -> texts.add(node.asString()));
    return texts;
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
