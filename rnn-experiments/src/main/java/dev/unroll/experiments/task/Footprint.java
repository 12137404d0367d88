package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Settings;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.InputException;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run needs at least, asked before it starts: the largest network that its settings name,
 * with gradients and an optimizer's two means, and what it remembers of the longest batch.
 */
public final class Footprint {
  /** Most elements of a Java array. */
  private static final double LONGEST = Integer.MAX_VALUE - 64;

  private static final int COPIES = 4;

  private Footprint() {}

  /**
   * Refuses a run that cannot fit.
   *
   * @param owner whose settings they are, for the message
   * @param available bytes
   * @throws InputException if it needs more, or longer arrays than Java has
   */
  public static void require(String owner, Settings settings, long available) {
    ObjectNode all = settings.json();
    double hidden = largest(all, "hidden_size");
    double embedding = largest(all, "embedding_size");
    double vocabulary = largest(all, "vocab_size");
    double weights = Math.max(hidden * hidden, vocabulary * Math.max(hidden, embedding));
    double kept =
        largest(all, "samples", "batch_size") * largest(all, "lengths", "seq_length") * hidden;
    double bytes = Float.BYTES * (COPIES * weights + kept);
    double longest = Math.max(weights, kept);
    if (longest > LONGEST) {
      throw new InputException(
          Numbers.format(
              "%s: these settings need an array of %.3g numbers, and a Java array holds %.3g: make"
                  + " hidden_size, the batch or the lengths smaller.",
              owner, longest, LONGEST));
    }
    if (bytes > available) {
      throw new InputException(
          Numbers.format(
              "%s: these settings need at least %.1f GB of memory, and there are %.1f GB: make"
                  + " hidden_size, the batch or the lengths smaller, or give more with the variable"
                  + " JDK_JAVA_OPTIONS=-Xmx...",
              owner, bytes / 1e9, available / 1e9));
    }
  }

  /** The largest of the values of these settings; 1 where there is none. */
  private static double largest(ObjectNode settings, String... names) {
    return DoubleStream.concat(
            DoubleStream.of(1),
            Arrays.stream(names).flatMapToDouble(name -> values(settings.path(name))))
        .max()
        .orElseThrow();
  }

  private static DoubleStream values(JsonNode setting) {
    return setting.isArray()
        ? StreamSupport.stream(setting.spliterator(), false).mapToDouble(JsonNode::asDouble)
        : DoubleStream.of(setting.asDouble(1));
  }
}
