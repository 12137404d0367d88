package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.Learning;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Interval;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How much faster several executors train one model than one does. */
@Command(
    name = "scaling",
    description = {
      "Measure training steps of one model on one executor and on several, in turns; about three"
          + " minutes.",
      "For example: scaling --on local-cluster[2,1,3072], on a machine with two free cores. What"
          + " more machines would do with slower networks is computed from the parts of a step."
    },
    mixinStandardHelpOptions = true)
final class ScalingCommand implements Callable<Integer> {
  private static final int MACHINES = 16;

  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--executors",
      paramLabel = "N",
      defaultValue = "2",
      description = "Executors that share a step (default: ${DEFAULT-VALUE}).")
  private int executors;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Other sizes: hidden_size (1024), num_layers (2), batch_size (256), seq_length (64),"
              + " shard_size (16); or seconds (120) to measure for.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  /** Keeps what was measured. */
  private static final class Result implements Backend.Listener {
    private @Nullable ObjectNode figures;

    @Override
    public void progress(Trial trial, double fraction, String message) {}

    @Override
    public void status(String message) {}

    @Override
    public void finished(Trial trial, Attempt attempt) {
      figures = attempt.figures();
    }

    @Override
    public void failed(Trial trial, String why) {}
  }

  /**
   * The parts of a step, in seconds.
   *
   * @param executors how many shared it
   * @param shards into how many its batch was cut
   * @param alone all of it on one executor
   * @param passes of that, what gave it its gradients
   * @param shared all of it on several
   * @param exchange of that, what came after the last of them had its own sums
   * @param sent bytes that each sent in it
   */
  record Parts(
      int executors,
      int shards,
      double alone,
      double passes,
      double shared,
      double exchange,
      double sent) {
    /** The part of the shards that the busiest of so many machines has. */
    private double part(int machines) {
      return (double) Math.ceilDiv(shards, machines) / shards;
    }

    /** Bytes that each of so many machines sends in a step. */
    double sent(int machines) {
      return sent * (1 - 1.0 / machines) / (1 - 1.0 / executors);
    }

    /**
     * Seconds of a step on so many machines whose network carries so many bits a second in each
     * direction, if nothing overlaps: the shards of the busiest, what does not become less with
     * them, and an exchange that takes what it took here for its bytes and the time of the wire.
     */
    double predicted(int machines, double bitsPerSecond) {
      double update = alone - passes;
      double sharedPasses = shared - exchange - update;
      double ofShards = Math.min(passes, (passes - sharedPasses) / (1 - part(executors)));
      return passes
          - ofShards * (1 - part(machines))
          + update
          + exchange * sent(machines) / sent
          + 8 * sent(machines) / bitsPerSecond;
    }
  }

  @Override
  public Integer call() throws IOException {
    if (executors < 2) {
      throw new InputException("--executors " + executors + ": one is compared with 2 or more.");
    }
    Settings settings = settings(overrides);
    try (Backend spark = new SparkBackend(cluster.conf(), executors)) {
      say(measure(spark, overrides), settings);
    }
    return 0;
  }

  private static Settings settings(Map<String, String> overrides) {
    return Scaling.EXPERIMENT.settings(false).override(Scaling.EXPERIMENT.name(), overrides);
  }

  /** What {@link Scaling} measures on a cluster. */
  static ObjectNode measure(Backend spark, Map<String, String> overrides) throws IOException {
    Settings settings = settings(overrides);
    Result result = new Result();
    spark.run(
        new Backend.Sweep(Scaling.EXPERIMENT, false, overrides, settings, Path.of("")),
        List.of(new Backend.Request(Scaling.EXPERIMENT.trials(settings, 1).getFirst(), null)),
        result);
    return Objects.requireNonNull(result.figures);
  }

  private static void say(ObjectNode figures, Settings settings) {
    double[] alone = numbers(figures, "alone");
    double[] together = numbers(figures, "together");
    double[] ratios = new double[alone.length];
    Arrays.setAll(ratios, i -> alone[i] / together[i]);
    Estimate ratio = Estimate.mean(ratios);
    Interval interval = Objects.requireNonNull(ratio.interval());
    int batch = settings.get(Scaling.BATCH_SIZE);
    int shard = settings.get(Scaling.SHARD_SIZE);
    Parts parts =
        new Parts(
            figures.get("executors").asInt(),
            Math.ceilDiv(batch, shard),
            mean(alone),
            mean(numbers(figures, "passes")),
            mean(together),
            mean(numbers(figures, "exchange")),
            figures.get("sent").asDouble());
    System.out.print(
        Numbers.format(
            """
            LSTM, %d layers of %d units, %,d parameters; %d sequences of %d steps in shards of %d
            steps/s on one executor: %.4f
            steps/s on %d executors: %.4f
            times as fast: %.3f [%.3f, %.3f], Student's t of %d pairs
            share of the exchange in a step on %d: %.1f %% (%.3f of %.3f s)
            sent by each executor in a step: %.1f MB
            """,
            settings.get(Learning.NUM_LAYERS),
            settings.get(Learning.HIDDEN_SIZE),
            figures.get("parameters").asLong(),
            batch,
            settings.get(Learning.SEQ_LENGTH),
            shard,
            1 / parts.alone(),
            parts.executors(),
            1 / parts.shared(),
            ratio.value(),
            interval.low(),
            interval.high(),
            ratio.n(),
            parts.executors(),
            100 * parts.exchange() / parts.shared(),
            parts.exchange(),
            parts.shared(),
            parts.sent() / 1e6));
    for (double gigabits : new double[] {1, 10}) {
      double seconds = parts.predicted(MACHINES, gigabits * 1e9);
      System.out.print(
          Numbers.format(
              "computed for %d machines at %.0f Gbit/s: %.4f steps/s, %.1f times one\n",
              MACHINES, gigabits, 1 / seconds, parts.alone() / seconds));
    }
  }

  private static double[] numbers(ObjectNode figures, String name) {
    return StreamSupport.stream(figures.get(name).spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
