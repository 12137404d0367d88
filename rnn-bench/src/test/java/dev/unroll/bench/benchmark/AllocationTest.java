package dev.unroll.bench.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.machine.ForkedJvm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.JsonNode;

/**
 * A call of a batched layer and a step of a stream allocate nothing: no vector is boxed, no buffer
 * made. JMH's gc profiler counts the bytes.
 */
class AllocationTest {
  /**
   * The forks' objects are aligned to 64 bytes, so none is smaller. JMH itself makes some 10 KB in
   * an iteration, which its calls share.
   */
  private static final double HALF_AN_OBJECT = 32;

  /** Calls in an iteration: a number, not a time, so that a busy machine changes nothing. */
  private static final int CALLS = 500;

  @ParameterizedTest
  @CsvSource({
    "lstm,FORWARD,1",
    "lstm,FORWARD,2",
    "lstm,TRAINING,1",
    "lstm,TRAINING,2",
    "min_lstm,FORWARD,1",
    "min_lstm,TRAINING,2",
    "slstm,TRAINING,1",
    "indrnn,TRAINING,2",
    "para_gru,TRAINING,1",
    "para_lstm,TRAINING,2",
    "rg_lru,TRAINING,1",
    "lru,TRAINING,2",
    "gated_delta,TRAINING,1",
    "delta_product2,TRAINING,2"
  })
  void batchedLayersAllocateNothing(String cell, String mode, String threads)
      throws RunnerException {
    assertAllocatesNothing(
        new OptionsBuilder()
            .include("^" + BatchAndThreads.class.getName() + "\\.")
            .param("cell", cell)
            .param("mode", mode)
            .param("threads", threads)
            .param("batch", "64")
            .param("hidden", "128")
            .param("steps", "2"),
        CALLS);
  }

  @ParameterizedTest
  @CsvSource({"gru", "min_gru", "slstm", "para_lstm", "lru", "delta_product2"})
  void streamsAllocateNothing(String cell) throws RunnerException {
    assertAllocatesNothing(
        new OptionsBuilder()
            .include("^" + StreamingStep.class.getName() + "\\.step$")
            .param("cell", cell)
            .param("hidden", "64"),
        10 * CALLS);
  }

  @ParameterizedTest
  @CsvSource({"lstm,1,F32", "lstm,16,INT8", "min_lstm,16,F32"})
  void manyStreamsAllocateNothing(String cell, String batch, String format) throws RunnerException {
    assertAllocatesNothing(
        new OptionsBuilder()
            .include("^" + ManyStreams.class.getName() + "\\.step$")
            .param("cell", cell)
            .param("hidden", "64")
            .param("streams", "100")
            .param("batch", batch)
            .param("format", format),
        5 * CALLS);
  }

  private static void assertAllocatesNothing(ChainedOptionsBuilder benchmark, int calls)
      throws RunnerException {
    // The fork's lock is one for all users of a machine; nothing is timed here.
    System.setProperty("jmh.ignoreLock", "true");
    RunResult result =
        new Runner(
                benchmark
                    .jvmArgs(ForkedJvm.flags().toArray(String[]::new))
                    .forks(1)
                    .mode(Mode.SingleShotTime)
                    .warmupIterations(3)
                    .warmupBatchSize(calls)
                    .measurementIterations(3)
                    .measurementBatchSize(calls)
                    .addProfiler(GCProfiler.class)
                    .verbosity(VerboseMode.SILENT)
                    .shouldFailOnError(true)
                    .build())
            .runSingle();
    double bytes =
        BenchmarkFork.json(List.of(result)).path(0).path("secondaryMetrics").properties().stream()
            .filter(metric -> metric.getKey().endsWith("gc.alloc.rate.norm"))
            .flatMap(metric -> metric.getValue().path("rawData").path(0).valueStream())
            .mapToDouble(JsonNode::asDouble)
            .min() // what each call allocates shows in every iteration
            .orElseThrow();
    assertThat(bytes / calls).as("bytes allocated by a call").isLessThan(HALF_AN_OBJECT);
  }
}
