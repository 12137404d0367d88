package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.EqualSize;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import dev.unroll.run.Recurrent;
import dev.unroll.run.Stepper;
import dev.unroll.run.Stream;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of one sequence: alone in a {@link Stream} beside one of the {@value #STEPS} of a whole
 * pass, which reads weight_ih once for many steps, and the very first step of a process, with all
 * that is loaded and not yet compiled. I = H, one thread. Data and checks as in {@link
 * SequenceLength}; the stream is held against the pass, and the first step is not checked, since a
 * check would run before it.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh StreamingStep -p cell=lstm -p hidden=128,256"</pre>
 */
public class StreamingStep extends Timed {
  private static final int STEPS = 100;

  /** A layer that has not run. */
  @State(Scope.Benchmark)
  public static class Layer extends EveryCell {
    /** I and H. */
    @Param({"128", "512"})
    public int hidden;

    Operands operands;
    UnrollLayer layer;
    float[] x;
    float[] y;

    /** Made by JMH. */
    public Layer() {}

    /** Builds the layer. */
    @Setup
    public void build() {
      operands = Operands.of(workload(), 1);
      layer = new UnrollPeer().prepare(workload(), operands);
      x = Arrays.copyOf(operands.x(), hidden);
      y = new float[workload().outputs()];
    }

    Workload workload() {
      return new Workload(
          cell, Mode.FORWARD, Shape.square(1, STEPS, hidden), 1, EqualSize.heads(cell, hidden));
    }
  }

  /** A layer whose outputs are right, and a stream with the same. */
  @State(Scope.Benchmark)
  public static class CheckedLayer extends Layer {
    Stepper stepper;
    Stream stream;

    /** Made by JMH. */
    public CheckedLayer() {}

    /** Checks the pass against double precision and the stream against the pass. */
    @Setup
    @Override
    public void build() {
      super.build();
      layer = UnrollPeer.verified(workload(), operands);
      float[] whole = layer.results().get("y");
      stepper = layer.recurrent().stepper(1);
      stream = layer.recurrent().stream(1);
      for (int t = 0; t < STEPS; t++) {
        stepper.step(stream, Arrays.copyOfRange(operands.x(), t * hidden, (t + 1) * hidden), y);
        if (!Arrays.equals(y, 0, y.length, whole, t * y.length, (t + 1) * y.length)) {
          throw new IllegalStateException(
              "%s: step %d of a stream differs from the pass; nothing was timed"
                  .formatted(workload(), t));
        }
      }
    }
  }

  /** Made by JMH. */
  public StreamingStep() {}

  /** A step of a stream. */
  @Benchmark
  public void step(CheckedLayer checked) {
    checked.stepper.step(checked.stream, checked.x, checked.y);
  }

  /** A step inside a pass. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void insidePass(CheckedLayer checked) {
    checked.layer.run();
  }

  /** A stream's making and its first step, the first work of a process. */
  @Benchmark
  @BenchmarkMode(org.openjdk.jmh.annotations.Mode.SingleShotTime)
  @Fork(5)
  @Warmup(iterations = 0)
  @Measurement(iterations = 1)
  public void firstStep(Layer cold) {
    Recurrent network = cold.layer.recurrent();
    network.stepper(1).step(network.stream(1), cold.x, cold.y);
  }
}
