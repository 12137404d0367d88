package dev.unroll.experiments.harness;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Configuration records to JSON and back, with {@code key=value} laid over them. */
public final class Configs {
  private Configs() {}

  /** The record as JSON, every setting written out. */
  public static ObjectNode json(Record config) {
    return Json.COMPACT.valueToTree(config);
  }

  /**
   * A copy of {@code base} with {@code overrides} laid over it.
   *
   * @param owner whose settings they are, for the messages
   * @throws InputException on an unknown key or a value that does not fit
   */
  public static <C extends Record> C override(String owner, C base, Map<String, String> overrides) {
    ObjectNode json = json(base);
    overrides.forEach(
        (key, text) -> {
          JsonNode old = json.get(key);
          if (old == null) {
            throw new InputException(
                owner
                    + " has no setting '"
                    + key
                    + "'; it has "
                    + String.join(", ", json.propertyNames())
                    + ".");
          }
          json.set(key, parse(owner, key, text, old));
        });
    try {
      @SuppressWarnings("unchecked")
      C config = (C) Json.COMPACT.treeToValue(json, base.getClass());
      return config;
    } catch (JacksonException rejected) {
      for (Throwable cause = rejected; cause != null; cause = cause.getCause()) {
        if (cause instanceof IllegalArgumentException || cause instanceof InputException) {
          throw new InputException(owner + ": " + cause.getMessage());
        }
      }
      String key =
          rejected.getPath().stream()
              .map(JacksonException.Reference::getPropertyName)
              .filter(Objects::nonNull)
              .collect(Collectors.joining("."));
      throw new InputException(
          owner + " cannot use its " + key + ": " + rejected.getOriginalMessage() + ".");
    }
  }

  private static JsonNode parse(String owner, String key, String text, JsonNode old) {
    if (old instanceof ArrayNode list) {
      ArrayNode values = Json.COMPACT.createArrayNode();
      JsonNode example = list.get(0);
      for (String item : List.of(text.split(",", -1))) {
        values.add(parse(owner, key, item.strip(), example));
      }
      return values;
    }
    if (old.isString()) {
      return Json.COMPACT.getNodeFactory().stringNode(text);
    }
    if (old.isBoolean()) {
      return switch (text) {
        case "true" -> Json.COMPACT.getNodeFactory().booleanNode(true);
        case "false" -> Json.COMPACT.getNodeFactory().booleanNode(false);
        default -> throw misfit(owner, key, text, "true or false");
      };
    }
    try {
      BigDecimal number = new BigDecimal(text);
      return old.isIntegralNumber()
          ? Json.COMPACT.getNodeFactory().numberNode(number.longValueExact())
          : Json.COMPACT.getNodeFactory().numberNode(number.doubleValue());
    } catch (ArithmeticException | NumberFormatException misfit) {
      throw misfit(owner, key, text, old.isIntegralNumber() ? "a whole number" : "a number");
    }
  }

  private static InputException misfit(String owner, String key, String text, String expected) {
    return new InputException(
        owner + ": " + key + "=" + text + " does not fit, " + key + " takes " + expected + ".");
  }

  /**
   * Checks a setting; meant for the compact constructors of configurations.
   *
   * @throws IllegalArgumentException when {@code holds} is false
   */
  public static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
