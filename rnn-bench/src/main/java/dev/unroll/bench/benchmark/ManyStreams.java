package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.StreamServer;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.run.WeightFormat;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A step of some of many streams, which take turns, and how its time is spread: the percentiles are
 * JMH's, without arrivals, which are the command {@code streams}'s. A call that steps several
 * streams is one sample. I = H, one thread; data and checks as in {@link SequenceLength}.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh ManyStreams -p hidden=128 -p streams=10000"</pre>
 */
@BenchmarkMode(Mode.SampleTime)
public class ManyStreams extends Timed {
  /** Streams that go on, and the layer they go through. */
  @State(Scope.Benchmark)
  public static class Served {
    /** The cell's name in the registry. */
    @Param("lstm")
    public String cell;

    /** I and H. */
    @Param({"64", "128", "256", "512"})
    public int hidden;

    /** Streams that there are. */
    @Param({"1", "100", "10000"})
    public int streams;

    /** Streams that are stepped at once. */
    @Param("1")
    public int batch;

    /** Of the weights. */
    @Param("F32")
    public WeightFormat format;

    private StreamServer server;
    private int[] together;
    private float[] x;
    private float[] y;
    private int next;

    /** Made by JMH. */
    public Served() {}

    /** Checks the layer and opens the streams. */
    @Setup
    public void open() throws Exception {
      batch = Math.min(batch, streams);
      Workload workload =
          new Workload(
              cell, dev.unroll.bench.layer.Mode.FORWARD, Shape.square(batch, 4, hidden), 1);
      Operands operands = Operands.of(workload, 1);
      UnrollPeer.verified(workload, operands).close();
      server = new UnrollPeer(format).serve(workload, operands, batch).orElseThrow();
      server.open(streams);
      together = new int[batch];
      x = Arrays.copyOf(operands.x(), batch * hidden);
      y = new float[batch * hidden];
    }
  }

  /** Made by JMH. */
  public ManyStreams() {}

  /** A step of the streams whose turn it is. */
  @Benchmark
  public void step(Served served) throws Exception {
    for (int i = 0; i < served.batch; i++) {
      served.together[i] = served.next;
      served.next = served.next + 1 == served.streams ? 0 : served.next + 1;
    }
    served.server.step(served.together, served.batch, served.x, served.y);
  }
}
