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
 * What serial time costs: one call of one layer against T, on one thread. Each step waits for the
 * step before, so the time has to grow in a straight line; if it does not, the measurement is
 * wrong. I = H; x is normal, weights are PyTorch's default initialization; heads of a matrix state
 * have about 64 x 64. The outputs of the very layer are checked against double precision before it
 * is timed.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh SequenceLength -p cell=lstm -p steps=100,200"</pre>
 */
@State(Scope.Benchmark)
public class SequenceLength extends EveryCell {
  /** Forward, or a training step. */
  @Param public Mode mode;

  /** T. */
  @Param({"1", "8", "32", "128", "512"})
  public int steps;

  /** B. */
  @Param("1")
  public int batch;

  /** I and H. */
  @Param("128")
  public int hidden;

  private UnrollLayer layer;

  /** Made by JMH. */
  public SequenceLength() {}

  /** Builds the layer and checks what it computes. */
  @Setup
  public void verify() {
    Workload workload =
        new Workload(
            cell, mode, Shape.square(batch, steps, hidden), 1, EqualSize.heads(cell, hidden));
    layer = UnrollPeer.verified(workload, Operands.of(workload, 1));
  }

  /** One call of the layer. */
  @Benchmark
  public void call() {
    layer.run();
  }

  /** Ends the layer. */
  @TearDown
  public void close() {
    layer.close();
  }
}
