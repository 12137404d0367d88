package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Workload;
import java.util.Map;
import java.util.Optional;

/**
 * One library that can run a recurrent layer, in one form of its numbers; {@link Library} lists
 * them.
 */
public interface Peer {
  /** Why the library cannot be compared on this machine: a sentence without its full stop. */
  default Optional<String> absent() {
    return Optional.empty();
  }

  /** Name and version, as tables show them. */
  String label();

  /** How far its results may be from ours, relative to a tensor's largest value. */
  default double tolerance() {
    return Checks.TOLERANCE;
  }

  /** Whether the library offers this cell in this mode. */
  boolean supports(Workload workload);

  /**
   * Builds the layer with these weights and inputs, ready to run.
   *
   * @throws Exception whatever the library throws
   */
  Layer prepare(Workload workload, Operands operands) throws Exception;

  /**
   * Builds the layer with these weights for streams, on one thread.
   *
   * @param largest the most streams that a step takes
   * @return none where the library is not compared so
   * @throws Exception whatever the library throws
   */
  default Optional<StreamServer> serve(Workload workload, Operands operands, int largest)
      throws Exception {
    return Optional.empty();
  }

  /** The same library with weights of 8 bits, which some have for inference. */
  default Optional<Peer> withBytes() {
    return Optional.empty();
  }

  /**
   * A layer that holds its operands where the library wants them. What is timed is {@link #run}
   * alone; its results stay where the library puts them.
   */
  interface Layer extends AutoCloseable {
    /**
     * One forward pass, or one training step, over the whole batch of sequences.
     *
     * @throws Exception whatever the library throws
     */
    void run() throws Exception;

    /**
     * What the last {@link #run} computed, in PyTorch's layout: {@code y} [T, B, H] and, in
     * training, the gradients of {@code x}, {@code weight_ih}, {@code weight_hh}, {@code bias_ih}
     * and {@code bias_hh}.
     *
     * @throws Exception whatever the library throws
     */
    Map<String, float[]> results() throws Exception;

    /** Releases the layer. */
    @Override
    void close();
  }
}
