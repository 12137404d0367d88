package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.guest.Guests;
import dev.unroll.kernel.Lanes;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model.Readout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("widths")
class ShardedSessionTest {
  private static final int VOCAB = 7;
  private static final int STEPS = 4;

  /** Seven shards of two, the last of one. */
  private static final int BATCH = 13;

  private static final int SHARD = 2;

  /** Losses, weights, and the sequences' states: all that a training leaves. */
  private record Trained(List<Double> losses, float[] weights, List<float[]> state) {
    void requireEqual(String what, Trained other) {
      assertThat(losses).as(what).isEqualTo(other.losses);
      assertThat(weights).as(what).isEqualTo(other.weights);
      for (int i = 0; i < state.size(); i++) {
        assertThat(state.get(i)).as(what).isEqualTo(other.state.get(i));
      }
    }
  }

  /** One process of a training of its own copy of the model. */
  private static final class Peer {
    final Model model;
    final State state;
    final Optimizer optimizer = new Adam(.01);
    final List<Double> losses = new ArrayList<>();
    final int[] tokens = new int[STEPS * BATCH];
    final int[] targets = new int[STEPS * BATCH];
    final int[] lengths = new int[BATCH];

    Peer(Cell cell) {
      RecurrentConfig recurrent = RecurrentConfig.of(cell, 3, 5).withNumLayers(2).withDropout(.3);
      model =
          new Model(Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB), Initializer.random(31));
      state = State.zeros(recurrent, BATCH);
    }

    /** Makes step {@code n}, whose data follow from its number; some rows do not count. */
    void draw(int n) {
      RandomGenerator random = Initializer.random(n);
      Arrays.setAll(tokens, i -> random.nextInt(VOCAB));
      Arrays.setAll(targets, i -> random.nextInt(VOCAB + 1) - 1);
      Arrays.setAll(lengths, b -> 1 + random.nextInt(STEPS));
    }

    void step(ShardedSession session, int n) {
      draw(n);
      session.setDropoutPass(n);
      losses.add(session.crossEntropy(tokens, state, n % 2 == 0 ? null : lengths, state, targets));
      GradientClipping.byGlobalNorm(model.parameters(), .1);
      optimizer.step(model.parameters());
    }

    ShardedSession session(Team team, Peers peers) {
      ShardedSession session =
          new ShardedSession(model, STEPS, BATCH, Readout.EVERY_STEP, SHARD, team, peers);
      session.setDropoutSeed(3);
      return session;
    }

    Trained trained() {
      return new Trained(losses, model.parameters().values(), state.parts());
    }
  }

  /** Channels between threads that stand for processes. */
  private record Queues(int rank, List<List<BlockingQueue<ByteBuffer>>> to) implements Peers {
    static List<Queues> of(int count) {
      List<List<BlockingQueue<ByteBuffer>>> all =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      IntStream.range(0, count)
                          .<BlockingQueue<ByteBuffer>>mapToObj(j -> new LinkedBlockingQueue<>())
                          .toList())
              .toList();
      return IntStream.range(0, count).mapToObj(rank -> new Queues(rank, all)).toList();
    }

    @Override
    public int count() {
      return to.size();
    }

    @Override
    public void send(int peer, ByteBuffer message) {
      byte[] copy = new byte[message.remaining()];
      message.duplicate().get(copy);
      to.get(peer).get(rank).add(ByteBuffer.wrap(copy));
    }

    @Override
    public ByteBuffer receive(int peer) {
      try {
        return to.get(rank).get(peer).take();
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }
  }

  private static List<Cell> cells() {
    return Guests.andOurs();
  }

  private static Trained onThreads(Cell cell, int... threads) {
    Peer peer = new Peer(cell);
    for (int n = 0; n < 4; n++) {
      try (Team team = new Team(threads[n % threads.length])) {
        peer.step(peer.session(team, Peers.none()), n);
      }
    }
    return peer.trained();
  }

  /** Each process with its own weights, and the states of all at the end. */
  private static List<Trained> onProcesses(Cell cell, int count, int threads)
      throws InterruptedException, ExecutionException {
    List<Peer> processes = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(count)) {
      List<Future<?>> running = new ArrayList<>();
      for (Queues peers : Queues.of(count)) {
        Peer peer = new Peer(cell);
        processes.add(peer);
        running.add(
            executor.submit(
                () -> {
                  try (Team team = new Team(threads)) {
                    ShardedSession session = peer.session(team, peers);
                    for (int n = 0; n < 4; n++) {
                      peer.step(session, n);
                    }
                    session.gather(peer.state);
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    return processes.stream().map(Peer::trained).toList();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void workersDoNotChangeABit(Cell cell) throws Exception {
    Trained one = onThreads(cell, 1);
    assertThat(one.losses).allSatisfy(loss -> assertThat(loss).isBetween(1.0, 3.0));
    for (int workers : new int[] {2, 3, 7}) {
      one.requireEqual(workers + " threads", onThreads(cell, workers));
      for (Trained process : onProcesses(cell, workers, 1)) {
        one.requireEqual(workers + " processes", process);
      }
    }
    one.requireEqual("2 processes of 2 threads", onProcesses(cell, 2, 2).getFirst());
  }

  /** Whoever is lost in mid-run, others go on with his shards. */
  @Test
  void workersMayChangeFromStepToStep() {
    Cell cell = Cells.named("lstm");
    onThreads(cell, 1).requireEqual("changing", onThreads(cell, 3, 2, 7, 1));
  }

  @Test
  void oneShardHasTheBitsOfTheWholeBatch() {
    for (Readout readout : Readout.values()) {
      Peer peer = new Peer(Cells.named("gru"));
      peer.draw(1);
      Model model = peer.model;
      Session whole = model.session(STEPS, BATCH, readout, true);
      whole.forward(peer.tokens, null, peer.lengths, null);
      double loss = whole.crossEntropy(peer.targets);
      whole.backward();
      float[] gradients = model.parameters().gradients().clone();
      for (int shard : new int[] {BATCH, 2 * BATCH, SHARD, 5, 1}) {
        ShardedSession sharded =
            new ShardedSession(model, STEPS, BATCH, readout, shard, Team.single(), Peers.none());
        double sum = sharded.crossEntropy(peer.tokens, null, peer.lengths, null, peer.targets);
        float[] close = model.parameters().gradients();
        if (shard >= BATCH) {
          assertThat(sum).isEqualTo(loss);
          assertThat(close).isEqualTo(gradients);
        }
        assertThat(sum).isCloseTo(loss, within(1e-12));
        assertThat(close).usingComparatorWithPrecision(1e-7f).containsExactly(gradients);
      }
    }
  }

  @Test
  void aBatchWithoutATargetHasNoLoss() {
    Peer peer = new Peer(Cells.named("gru"));
    peer.draw(1);
    Arrays.fill(peer.targets, SoftmaxCrossEntropy.MASKED);
    ShardedSession session = peer.session(Team.single(), Peers.none());
    assertThat(session.crossEntropy(peer.tokens, null, null, null, peer.targets)).isZero();
    assertThat(peer.model.parameters().gradients()).containsOnly(0f);
  }

  /** Without vectors, which an interpreter boxes, so that the count is exact. */
  @Test
  void allocatesNothing() {
    Assumptions.assumeFalse(Lanes.VECTOR, "plain Java only");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Peer peer = new Peer(Cells.named("lstm"));
    peer.draw(1);
    try (Team team = new Team(2)) {
      ShardedSession session = peer.session(team, Peers.none());
      long[] allocated = new long[2];
      Team.Task read = worker -> allocated[worker] = threads.getCurrentThreadAllocatedBytes();
      long least = Long.MAX_VALUE;
      for (int call = 0; call < 5; call++) {
        team.run(read);
        long before = allocated[0] + allocated[1];
        session.crossEntropy(peer.tokens, peer.state, peer.lengths, peer.state, peer.targets);
        team.run(read);
        least = Math.min(least, allocated[0] + allocated[1] - before);
      }
      assertThat(least).isZero();
    }
  }

  @Test
  void refusesWhatIsNoShardAndWhatIsTooShort() {
    Peer peer = new Peer(Cells.named("gru"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ShardedSession(
                    peer.model, STEPS, BATCH, Readout.EVERY_STEP, 0, Team.single(), Peers.none()))
        .withMessage("Shards of 0 sequences: use at least 1.");
    ShardedSession session = peer.session(Team.single(), Peers.none());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.crossEntropy(new int[3], null, null, null, peer.targets))
        .withMessageContaining("tokens");
  }
}
