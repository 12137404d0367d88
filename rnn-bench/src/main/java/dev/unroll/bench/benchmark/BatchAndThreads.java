package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.EqualSize;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What is not serial: one call of one layer against B and the layer's own threads (JMH's stay at
 * one). Sequences do not wait for each other, so a batch buys back what a single sequence leaves
 * unused, and threads divide it. Data and checks as in {@link SequenceLength}.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh BatchAndThreads -p cell=gru -p batch=64 -p threads=1,2"
 * </pre>
 */
@State(Scope.Benchmark)
public class BatchAndThreads extends EveryCell {
  /** Forward, or a training step. */
  @Param public Mode mode;

  /** T. */
  @Param("100")
  public int steps;

  /** B. */
  @Param({"1", "16", "64"})
  public int batch;

  /** I and H. */
  @Param("128")
  public int hidden;

  /** The layer's threads. */
  @Param({"1", "2"})
  public int threads;

  private UnrollLayer layer;

  /** Made by JMH. */
  public BatchAndThreads() {}

  /** Builds the layer and checks what it computes. */
  @Setup
  public void verify() {
    Workload workload =
        new Workload(
            cell, mode, Shape.square(batch, steps, hidden), threads, EqualSize.heads(cell, hidden));
    layer = UnrollPeer.verified(workload, Operands.of(workload, 1));
  }

  /** One call of the layer. */
  @Benchmark
  public void call() {
    layer.run();
  }

  /** Ends the layer's threads. */
  @TearDown
  public void close() {
    layer.close();
  }
}
