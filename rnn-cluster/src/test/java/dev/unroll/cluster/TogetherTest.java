package dev.unroll.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.experiments.Experiments;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.ThreadPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** One training shared by executors: real processes on the loopback, one of which is killed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TogetherTest {
  /** Nothing is in a jar yet. The baseline xz needs more than the usual memory. */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "spark.executor.memory",
          "2g",
          "spark.executor.extraClassPath",
          System.getProperty("java.class.path"));

  private static final int CHECKPOINT_EVERY = 100;

  @TempDir private static Path folder;
  private static Loopback cluster;
  private static Map<String, String> here;
  private static Backend two;

  @BeforeAll
  static void start() throws Exception {
    cluster = new Loopback(folder, 3);
    here = Runs.files(train(new ThreadPool(1), "here"));
    two = executors(2);
  }

  @AfterAll
  static void stop() {
    two.close();
    cluster.close();
  }

  /** Four shards, the last of one sequence. */
  private static Path train(Backend backend, String name) throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "hello world, ".repeat(200));
    Map<String, String> settings =
        new HashMap<>(Map.of("text", text.toString(), "cells", "gru", "hidden_size", "32"));
    settings.putAll(Map.of("num_layers", "2", "dropout", ".2", "batch_size", "7"));
    settings.putAll(Map.of("seq_length", "16", "steps", "800", "shard_size", "2"));
    return new Runner(
            new Runner.Options(true, List.of(1L), settings, backend, folder.resolve(name), false),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
        .run(Experiments.named("char-lm"));
  }

  private static SparkBackend executors(int count) throws IOException {
    return new SparkBackend(
        ClusterOptions.of(cluster, PROPERTIES)
            .set(TrialTask.CHECKPOINTS, folder.resolve("checkpoints").toString())
            .set(TrialTask.CHECKPOINT_EVERY, Integer.toString(CHECKPOINT_EVERY)),
        count);
  }

  @Test
  @Order(1)
  void twoExecutorsDoNotChangeAByte() throws IOException {
    assertThat(Runs.files(train(two, "two")))
        .isEqualTo(here)
        .containsKeys("result.json", "cell=gru-seed=1-best.safetensors");
  }

  @Test
  @Order(2)
  void norDoesOneThatIsLost() throws Exception {
    AtomicInteger killed = new AtomicInteger();
    Thread killer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (checkpoints() < 2) {
                      Thread.sleep(10);
                    }
                    cluster.killExecutor();
                    killed.incrementAndGet();
                  } catch (InterruptedException tooLate) {
                    return;
                  }
                });
    assertThat(Runs.files(train(two, "killed"))).isEqualTo(here);
    killer.interrupt();
    killer.join();
    assertThat(killed).as("killed in mid run").hasValue(1);
    assertThat(checkpoints()).as("left behind").isZero();
  }

  private static long checkpoints() {
    Path all = folder.resolve("checkpoints");
    try (Stream<Path> files = Files.isDirectory(all) ? Files.list(all) : Stream.empty()) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).count();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  @Test
  @Order(3)
  void whatIsTimedHasTheSameBitsAndSendsAsMuchAsAGradient() throws IOException {
    Map<String, String> small = new HashMap<>(Map.of("seconds", "0", "hidden_size", "16"));
    small.putAll(Map.of("batch_size", "8", "shard_size", "2", "seq_length", "4"));
    ObjectNode figures = ScalingCommand.measure(two, small);
    for (String list : List.of("alone", "passes", "together", "exchange")) {
      assertThat(figures.get(list)).as(list).hasSize(3).allMatch(one -> one.asDouble() > 0);
    }
    // One half of the sums and a loss, then the other half of the total.
    assertThat(figures.get("sent").asLong()).isEqualTo(4 * figures.get("parameters").asLong() + 8);
  }

  /** The one context of this JVM has to end before there can be another. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Order(4)
  void noOtherNumberOfExecutorsChangesAByte(int count) throws IOException {
    two.close();
    try (Backend spark = executors(count)) {
      assertThat(Runs.files(train(spark, "on" + count))).isEqualTo(here);
    }
  }

  /** Shards of 2 s that are divided, 1 s that is not, .25 s of update and .5 s of exchange. */
  @Test
  @Order(5)
  void moreMachinesAreComputedFromTheParts() {
    ScalingCommand.Parts parts = new ScalingCommand.Parts(2, 16, 3.25, 3, 2.75, .5, 1e6);
    assertThat(parts.sent(2)).isEqualTo(1e6);
    assertThat(parts.sent(16)).isCloseTo(1.875e6, within(1e-6));
    // Of two, without a wire, what was measured.
    assertThat(parts.predicted(2, Double.POSITIVE_INFINITY)).isCloseTo(2.75, within(1e-9));
    assertThat(parts.predicted(16, 1e9))
        .isCloseTo(1 + 2.0 / 16 + .25 + .5 * 1.875 + 8 * 1.875e6 / 1e9, within(1e-9));
    // No machine has less than a shard.
    assertThat(parts.predicted(32, 1e15)).isGreaterThan(1 + 2.0 / 16 + .25 + .5 * 1.9);
  }
}
