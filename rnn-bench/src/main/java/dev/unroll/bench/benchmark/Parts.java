package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import dev.unroll.run.ForwardPart;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Where a layer's time goes, on one thread: the whole forward pass beside each of its parts alone
 * ({@link ForwardPart}), and a whole training step beside its forward half. What the parts leave of
 * the whole are copies of states and what the parts cost each other in the caches; what the forward
 * half leaves of a training step is the backward pass. Data and checks as in {@link
 * SequenceLength}.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh Parts -p cell=lstm -p batch=64"</pre>
 */
@State(Scope.Benchmark)
public class Parts extends Timed {
  /** What is timed. */
  public enum Part {
    /** The whole pass of inference. */
    FORWARD,
    /** Its products with weight_ih for all steps, with the biases. */
    INPUT_PRODUCT,
    /** Its products with weight_hh for all steps. */
    RECURRENT_PRODUCT,
    /** Its cell's equations for all steps. */
    POINTWISE,
    /** A whole training step: forward, backward, all gradients, the weights packed anew. */
    TRAINING_STEP,
    /** The forward half of it, which keeps what the backward pass needs. */
    TRAINING_FORWARD;

    Mode mode() {
      return this == TRAINING_STEP || this == TRAINING_FORWARD ? Mode.TRAINING : Mode.FORWARD;
    }
  }

  /** The cell's name in the registry; without a product with the state it has not all parts. */
  @Param({"rnn_tanh", "rnn_relu", "lstm", "gru", "slstm"})
  public String cell;

  /** What is timed. */
  @Param public Part part;

  /** T. */
  @Param("100")
  public int steps;

  /** B. */
  @Param({"1", "16", "64"})
  public int batch;

  /** I and H. */
  @Param("128")
  public int hidden;

  /** N, of a cell that has heads. */
  @Param("1")
  public int heads;

  private Runnable work;

  /** Made by JMH. */
  public Parts() {}

  /** Builds the part and checks what it computes. */
  @Setup
  public void verify() {
    Workload workload =
        new Workload(cell, part.mode(), Shape.square(batch, steps, hidden), 1, heads);
    Operands operands = Operands.of(workload, 1);
    UnrollLayer layer = UnrollPeer.verified(workload, operands);
    switch (part) {
      case INPUT_PRODUCT -> layer.restrictTo(ForwardPart.INPUT_PRODUCT);
      case RECURRENT_PRODUCT -> layer.restrictTo(ForwardPart.RECURRENT_PRODUCT);
      case POINTWISE -> layer.restrictTo(ForwardPart.POINTWISE);
      case FORWARD, TRAINING_STEP, TRAINING_FORWARD -> {}
    }
    work = part == Part.TRAINING_FORWARD ? layer::runForward : layer::run;
  }

  /** One call of the part. */
  @Benchmark
  public void call() {
    work.run();
  }
}
