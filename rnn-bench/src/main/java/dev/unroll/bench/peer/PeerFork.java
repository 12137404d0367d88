package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.roofline.Ceilings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The measuring process of {@code peers}: the other libraries take their threads once, so each
 * number of threads has a process of its own. It sends each comparison and each failure as it
 * comes, and why a library cannot be compared at all.
 */
public final class PeerFork {
  static final String RESULT = "comparison";
  static final String FAILURE = "failure";
  static final String NOTE = "note";
  static final String DONE = "done";

  private static final long SEED = 20_26;

  private final int threads;
  private final double seconds;
  private final Ceilings ceilings;
  private final List<Peer> others = new ArrayList<>();

  private PeerFork(int threads, double seconds) {
    this.threads = threads;
    this.seconds = seconds;
    this.ceilings = new Ceilings(threads);
    for (Peer peer : Peer.others()) {
      peer.absent().ifPresentOrElse(why -> Message.send(NOTE, why), () -> others.add(peer));
    }
  }

  /**
   * Measures workloads.
   *
   * @param args threads, seconds for each workload, then workloads as {@link Planned} says
   */
  public static void main(String[] args) throws Exception {
    PeerFork fork = new PeerFork(Integer.parseInt(args[0]), Double.parseDouble(args[1]));
    for (int i = 2; i < args.length; i++) {
      fork.measure(args[i]);
    }
    System.exit(0); // the other libraries' threads do not end by themselves
  }

  private void measure(String text) throws Exception {
    Planned planned = Planned.parse(text);
    Workload workload = planned.on(threads);
    Operands operands;
    try {
      operands = Operands.of(workload, SEED);
    } catch (IllegalArgumentException tooLarge) {
      Message.send(NOTE, "not measured: " + tooLarge.getMessage());
      Message.send(DONE, text);
      return;
    }
    List<String> labels = new ArrayList<>();
    List<Peer.Layer> layers = new ArrayList<>();
    try {
      Peer.Layer ours = UnrollPeer.verified(workload, operands);
      layers.add(ours);
      Map<String, float[]> expected = ours.results();
      for (Peer peer : others) {
        if (!peer.supports(workload)) {
          continue;
        }
        try {
          Peer.Layer layer = peer.prepare(workload, operands);
          layer.run();
          Checks.agree(workload, expected, peer.label(), layer.results(), peer.tolerance());
          labels.add(peer.label());
          layers.add(layer);
        } catch (Exception | LinkageError e) {
          Message.send(FAILURE, peer.label() + " on " + workload + ": " + e);
        }
      }
      compare(planned, labels, layers);
    } finally {
      layers.forEach(Peer.Layer::close);
    }
    Message.send(DONE, text);
  }

  /**
   * Measures layers in turns.
   *
   * @param labels of the others' layers, which follow ours
   */
  private void compare(Planned planned, List<String> labels, List<Peer.Layer> layers)
      throws Exception {
    Workload workload = planned.on(threads);
    double[][] rounds =
        new Interleaved(seconds, threads, SEED, true).measure(layers, ceilings::sampleForFloor);
    double ours = Interleaved.median(rounds[0]);
    Shape s = workload.shape();
    for (int i = 1; i < rounds.length; i++) {
      double[] ratio = Interleaved.ratio(rounds[i], rounds[0]);
      Comparison comparison =
          new Comparison(
              workload.cell(),
              workload.mode().label(),
              s.batch(),
              s.steps(),
              s.inputSize(),
              s.hiddenSize(),
              threads,
              labels.get(i - 1),
              ours,
              Interleaved.median(rounds[i]),
              ratio[0],
              ratio[1],
              ratio[2],
              ceilings.floorMicros(workload) / ours,
              planned.cutFrom().isEmpty() ? null : planned.cutFrom());
      Message.send(RESULT, comparison);
    }
  }
}
