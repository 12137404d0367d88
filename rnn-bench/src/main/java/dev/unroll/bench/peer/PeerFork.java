package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.roofline.Ceilings;
import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The measuring process of one library in {@code peers}. It says its name, or why it cannot be
 * compared, and then does what it is ordered to: prepare a workload, take a turn. All draw the same
 * operands. Ours checks its answers against double precision and writes them to a file, the others
 * compare theirs with them.
 */
public final class PeerFork {
  /** The order to make a {@link Preparation}. */
  static final String PREPARE = "prepare";

  /** The order to take a turn; the answer is a {@link Turn}. */
  static final String TURN = "turn";

  static final String NAME = "name";
  static final String ABSENT = "absent";
  static final String READY = "ready";

  /** The answer of a library that does not have the workload. */
  static final String NOT_OFFERED = "not offered";

  /** The answer of ours to a workload that does not fit into memory. */
  static final String TOO_LARGE = "too large";

  static final String FAILURE = "failure";

  static final long SEED = 20_26;

  /**
   * What to prepare.
   *
   * @param workload as {@link Planned} says
   * @param answers the file of ours
   */
  record Preparation(String workload, String answers) {}

  /**
   * What a turn found.
   *
   * @param micros the median time of a call
   * @param floorMicros of ours, the least time that this machine's ceilings allow; else 0
   * @param chainMicros likewise, the time of the shortest chain
   */
  record Turn(double micros, double floorMicros, double chainMicros) {}

  private final Peer peer;
  private final int threads;
  private final @Nullable Ceilings ceilings;
  private @Nullable Workload workload;
  private Peer.@Nullable Layer layer;

  private PeerFork(Peer peer, boolean ours, int threads) {
    this.peer = peer;
    this.threads = threads;
    ceilings = ours ? new Ceilings(threads) : null;
  }

  /**
   * Obeys orders.
   *
   * @param args the {@link Library}, and the number of threads
   */
  public static void main(String[] args) throws Exception {
    Library library = Library.valueOf(args[0]);
    Peer peer = library.peer().orElse(null);
    if (peer == null || peer.absent().isPresent()) {
      Message.send(
          ABSENT,
          peer == null ? library + " is not on the class path" : peer.absent().orElseThrow());
      return;
    }
    PeerFork fork = new PeerFork(peer, library == Library.UNROLL, Integer.parseInt(args[1]));
    Message.send(NAME, peer.label());
    while (true) {
      Message order = ForkedJvm.order();
      try {
        if (order.tag().equals(PREPARE)) {
          fork.prepare(order.as(Preparation.class));
        } else {
          Message.send(TURN, fork.turn());
        }
      } catch (Exception | LinkageError | OutOfMemoryError e) {
        Message.send(FAILURE, "%s on %s: %s".formatted(peer.label(), fork.workload, e));
      }
    }
  }

  private void prepare(Preparation order) throws Exception {
    if (layer != null) {
      layer.close();
      layer = null;
    }
    Workload next = Planned.parse(order.workload).on(threads);
    workload = next;
    if (!peer.supports(next)) {
      Message.send(NOT_OFFERED, "");
      return;
    }
    Operands operands;
    try {
      operands = Operands.of(next, SEED);
    } catch (IllegalArgumentException e) {
      Message.send(TOO_LARGE, String.valueOf(e.getMessage()));
      return;
    }
    Path answers = Path.of(order.answers);
    Peer.Layer made;
    if (ceilings != null) {
      made = UnrollPeer.verified(next, operands);
      layer = made;
      write(made.results(), answers);
    } else {
      made = peer.prepare(next, operands);
      layer = made;
      made.run();
      Checks.agree(next, read(answers), peer.label(), made.results(), peer.tolerance());
    }
    Interleaved.warmUp(
        made,
        peer instanceof UnrollPeer ? Interleaved.JAVA_WARM_UP_NANOS : Interleaved.WARM_UP_NANOS);
    System.gc(); // what preparing left behind, now rather than inside a turn
    Message.send(READY, "");
  }

  private Turn turn() throws Exception {
    if (layer == null || workload == null) {
      throw new IllegalStateException("a turn before anything was prepared");
    }
    double micros = Interleaved.turn(layer);
    if (ceilings == null) {
      return new Turn(micros, 0, 0);
    }
    ceilings.sampleForFloor();
    return new Turn(
        micros, ceilings.floorMicros(workload), ceilings.chainMicros(workload).orElse(0));
  }

  private static void write(Map<String, float[]> results, Path file) throws Exception {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    results.forEach((name, values) -> tensors.put(name, Tensor.of(values, values.length)));
    new Safetensors(tensors, Map.of()).write(file);
  }

  private static Map<String, float[]> read(Path file) throws Exception {
    Map<String, float[]> results = new LinkedHashMap<>();
    Safetensors.read(file).tensors().forEach((name, tensor) -> results.put(name, tensor.floats()));
    return results;
  }
}
