package dev.unroll.bench.serve;

import com.sun.management.ThreadMXBean;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.peer.Library;
import dev.unroll.bench.peer.Peer;
import dev.unroll.bench.peer.StreamServer;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.StreamRow;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The measuring process of {@code streams}: one layer, in every library, under each load. */
public final class StreamsFork {
  static final String ROW = "row";
  static final String FAILURE = "failure";

  private static final long SEED = 20_26;
  private static final long WARM_UP_NANOS = 600_000_000;

  /** How far libraries may be from ours with floats, whose outputs are at most 1. */
  private static final double TOLERANCE = 1e-5;

  /** The same for weights of fewer bits. */
  private static final double ROUNDED_TOLERANCE = .05;

  /** Fewer streams tell nothing of their native memory, which comes in pages. */
  private static final int COUNTABLE = 1_000;

  /**
   * A load.
   *
   * @param batch the most streams that are stepped together
   * @param waitMicros how long the first of them waits for others
   */
  record Load(int streams, int batch, double waitMicros) {}

  /**
   * What a process has to do.
   *
   * @param model the file that the layer is in; null for drawn weights
   * @param layer a part of its place there
   * @param cell of drawn weights
   * @param hidden of drawn weights, I = H
   * @param formats of our weights, with floats first
   * @param rate steps a second; 0 to take the share {@code load} of what ours can do
   * @param seconds for each library and load
   */
  record Task(
      @Nullable String model,
      String layer,
      String cell,
      int hidden,
      List<String> formats,
      double rate,
      double load,
      double seconds,
      List<Load> loads) {
    ServedLayer served() {
      return model == null
          ? ServedLayer.drawn(cell, hidden)
          : ServedLayer.of(Path.of(model), layer);
    }
  }

  private final Task task;
  private final ServedLayer layer;

  private StreamsFork(Task task) {
    this.task = task;
    layer = task.served();
    UnrollPeer.verified(layer.workload(), layer.operands()).close();
  }

  /**
   * Measures.
   *
   * @param args a {@link Task} as JSON
   */
  public static void main(String[] args) throws Exception {
    StreamsFork fork = new StreamsFork(Json.COMPACT.readValue(args[0], Task.class));
    for (Load load : fork.task.loads) {
      fork.measure(load);
    }
    System.exit(0); // the other libraries' threads do not end by themselves
  }

  /** What makes a server for batches of a size. */
  private interface Maker {
    Optional<StreamServer> make(int largest) throws Exception;
  }

  private Map<String, Maker> libraries() {
    Workload workload = layer.workload();
    Map<String, Maker> libraries = new LinkedHashMap<>();
    for (Library library : Library.values()) {
      Peer peer = library.peer().orElse(null);
      if (peer == null
          || peer.absent().isPresent()
          || !peer.supports(workload)
          || (peer instanceof UnrollPeer ours && !task.formats.contains(ours.format().label()))) {
        continue;
      }
      libraries.put(peer.label(), largest -> peer.serve(workload, layer.operands(), largest));
    }
    return libraries;
  }

  private void measure(Load load) {
    double rate = task.rate;
    for (Map.Entry<String, Maker> library : libraries().entrySet()) {
      try {
        Optional<StreamServer> server = library.getValue().make(load.batch);
        if (server.isPresent()) {
          try (StreamServer open = server.get()) {
            StreamRow row = measure(library.getKey(), open, load, rate);
            rate = row.rate();
            Message.send(ROW, row);
          }
        }
      } catch (Exception | LinkageError e) {
        Message.send(FAILURE, library.getKey() + " with " + load + ": " + e);
      }
    }
  }

  /**
   * Measures one library.
   *
   * @param rate steps a second; 0 before ours has said what it can do
   */
  private StreamRow measure(String library, StreamServer server, Load load, double rate)
      throws Exception {
    Shape shape = layer.workload().shape();
    Double bytes = open(server, load.streams);
    boolean rounded = library.startsWith(Comparison.OURS + " ");
    double difference =
        Agreement.require(layer, load, server, rounded ? ROUNDED_TOLERANCE : TOLERANCE);
    long waitNanos = (long) (load.waitMicros * 1e3);
    int inputs = shape.inputSize();
    OpenLoop loop =
        new OpenLoop(
            System::nanoTime,
            load.streams,
            load.batch,
            waitNanos,
            layer.operands().x(),
            inputs,
            shape.hiddenSize());
    Random random = new Random(SEED);
    loop.saturate(server, WARM_UP_NANOS);
    double guess = .5 * perSecond(loop, server, WARM_UP_NANOS / 4);
    loop.run(server, OpenLoop.arrivals(guess, WARM_UP_NANOS / 1e9, random));
    double capacity = perSecond(loop, server, (long) (.25e9 * task.seconds));
    double left = leftByAStep(loop, server);
    double arriving = rate > 0 ? rate : task.load * capacity;
    long[] due = OpenLoop.arrivals(arriving, task.seconds, random);
    System.gc(); // what came before, now rather than inside the run
    long collections = collections();
    OpenLoop.Outcome outcome = loop.run(server, due);
    collections = collections() - collections;
    return new StreamRow(
        task.model == null ? null : String.valueOf(Path.of(task.model).getFileName()),
        library,
        layer.workload().cell(),
        inputs,
        shape.hiddenSize(),
        load.streams,
        load.batch,
        load.waitMicros,
        capacity,
        arriving,
        outcome.nanos().length,
        (double) outcome.nanos().length / outcome.batches(),
        outcome.cut() || arriving > capacity,
        outcome.micros(.5),
        outcome.micros(.99),
        outcome.micros(.999),
        outcome.micros(1),
        collections,
        left,
        bytes,
        difference);
  }

  private static double perSecond(OpenLoop loop, StreamServer server, long nanos) throws Exception {
    long start = System.nanoTime();
    long steps = loop.saturate(server, nanos);
    return steps / ((System.nanoTime() - start) / 1e9);
  }

  private static double leftByAStep(OpenLoop loop, StreamServer server) throws Exception {
    long before = allocated();
    long steps = loop.saturate(server, WARM_UP_NANOS / 20);
    return (double) (allocated() - before) / steps;
  }

  /** Opens the streams and tells how many bytes each took, where it can be told. */
  private static @Nullable Double open(StreamServer server, int streams) throws Exception {
    long java = allocated();
    long resident = resident();
    server.open(streams);
    // The heap is touched from the start, so that what is added is native memory.
    double taken = allocated() - java + Math.max(0, resident() - resident);
    return streams < COUNTABLE ? null : taken / streams;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  /** Bytes of this process in memory; 0 where the system does not tell. */
  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(kib -> Long.parseLong(kib) << 10)
        .findFirst()
        .orElse(0L);
  }
}
