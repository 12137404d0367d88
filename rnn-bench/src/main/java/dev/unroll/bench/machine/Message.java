package dev.unroll.bench.machine;

import dev.unroll.report.run.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What a measuring process tells the one that started it: a line of JSON, with a mark in front that
 * sets it apart from whatever else is printed.
 *
 * @param tag what it is about
 * @param value what it says
 */
public record Message(String tag, JsonNode value) {
  private static final String MARK = "@message ";

  /** Tells the process that started this one. */
  public static void send(String tag, Object value) {
    System.out.println(line(tag, value));
  }

  static String line(String tag, Object value) {
    return MARK
        + Json.COMPACT.writeValueAsString(new Message(tag, Json.COMPACT.valueToTree(value)));
  }

  /** The message of a line; none if the line is no message. */
  static Optional<Message> of(String line) {
    return line.startsWith(MARK)
        ? Optional.of(Json.COMPACT.readValue(line.substring(MARK.length()), Message.class))
        : Optional.empty();
  }

  /** What it says. */
  public <T> T as(Class<T> type) {
    return Json.COMPACT.treeToValue(value, type);
  }
}
