package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Settings;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.InputException;
import java.util.List;
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

  /** The settings of a batch's size, and those of the lengths that it may have. */
  private record Batch(List<String> sizes, List<String> lengths) {
    double size(ObjectNode settings) {
      return largest(settings, sizes) * largest(settings, lengths);
    }
  }

  private static final List<Batch> BATCHES =
      List.of(
          new Batch(
              List.of("samples", "batch_size"),
              List.of("lengths", "seq_length", "length", "longest")),
          new Batch(List.of("test_samples"), List.of("test_lengths")),
          new Batch(List.of("batch"), List.of("length", "train_length")),
          new Batch(List.of("delay_batch"), List.of("delay_length")),
          new Batch(List.of("drives"), List.of("lyapunov_steps")),
          new Batch(List.of(), List.of("reach_length", "newton_lengths", "long_lengths")));

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
    double layers = largest(all, "num_layers", "layers");
    double weights = Math.max(layers * hidden * hidden, vocabulary * Math.max(hidden, embedding));
    double kept = hidden * BATCHES.stream().mapToDouble(batch -> batch.size(all)).max().orElse(1);
    double bytes = Float.BYTES * (COPIES * weights + kept);
    double longest = Math.max(weights, kept);
    if (longest > LONGEST) {
      throw new InputException(
          Numbers.format(
              "%s: these settings need an array of %.3g numbers, and a Java array holds %.3g: make"
                  + " hidden_size, the layers, the batch or the lengths smaller.",
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
    return largest(settings, List.of(names));
  }

  private static double largest(ObjectNode settings, List<String> names) {
    return DoubleStream.concat(
            DoubleStream.of(1), names.stream().flatMapToDouble(name -> values(settings.path(name))))
        .max()
        .orElseThrow();
  }

  private static DoubleStream values(JsonNode setting) {
    return setting.isArray()
        ? StreamSupport.stream(setting.spliterator(), false).mapToDouble(JsonNode::asDouble)
        : DoubleStream.of(setting.asDouble(1));
  }
}
