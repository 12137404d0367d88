package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.guest.ForwardingStepCell;
import dev.unroll.kernel.Lanes;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that come in any company, on any thread, against whole passes, to the bit. */
@Tag("widths")
class StepperTest {
  private static final int INPUTS = 5;

  /** More than two blocks of a scan. */
  private static final int STEPS = 140;

  private final Random random = new Random(31);

  static List<RecurrentConfig> configs() {
    return StreamTest.configs();
  }

  private Recurrent network(RecurrentConfig config) {
    Recurrent network = new Recurrent(config);
    Initializer.recurrentDefault(network.parameters(), "", config.hiddenSize(), random);
    return network;
  }

  /** A stream, what it is going to see, and what it has to say to that. */
  private final class Sequence {
    final Stream stream;
    final float[] x = new float[STEPS * INPUTS];
    final float[] expected;
    int t;

    Sequence(Recurrent network) {
      stream = network.stream(1);
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      expected = network.forward(x, STEPS, 1);
    }

    boolean ended() {
      return t == STEPS;
    }
  }

  private List<Sequence> sequences(Recurrent network, int count) {
    List<Sequence> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Sequence(network));
    }
    return all;
  }

  /** The next step of some sequences, in their order. */
  private static void step(Stepper stepper, int outputs, List<Sequence> together) {
    int count = together.size();
    float[] x = new float[count * INPUTS];
    float[] y = new float[count * outputs];
    for (int i = 0; i < count; i++) {
      Sequence one = together.get(i);
      System.arraycopy(one.x, one.t * INPUTS, x, i * INPUTS, INPUTS);
    }
    if (count == 1) {
      stepper.step(together.getFirst().stream, x, y);
    } else {
      Stream[] streams = together.stream().map(one -> one.stream).toArray(Stream[]::new);
      stepper.step(streams, count, x, y);
    }
    for (int i = 0; i < count; i++) {
      Sequence one = together.get(i);
      assertThat(Arrays.copyOfRange(y, i * outputs, (i + 1) * outputs))
          .as("step %d of a stream, row %d of %d", one.t, i, count)
          .isEqualTo(Arrays.copyOfRange(one.expected, one.t * outputs, (one.t + 1) * outputs));
      one.t++;
    }
  }

  private void anyCompany(Recurrent network, int count) {
    Stepper stepper = network.stepper(count);
    List<Sequence> going = sequences(network, count);
    while (!going.isEmpty()) {
      Collections.shuffle(going, random);
      int some = 1 + random.nextInt(going.size());
      step(stepper, network.config().outputSize(), going.subList(0, some));
      going.removeIf(Sequence::ended);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void aStreamHasTheSameBitsInAnyCompany(RecurrentConfig config) {
    for (WeightFormat format : WeightFormat.values()) {
      anyCompany(network(config).withWeights(format), 9);
    }
  }

  /** More than go through a strip together. */
  @Test
  void largeBatches() {
    for (String cell : List.of("lstm", "gru", "min_lstm")) {
      anyCompany(network(RecurrentConfig.of(Cells.named(cell), INPUTS, 70)), 110);
    }
  }

  /** Each step of a stream is taken by whatever thread comes to it next. */
  @Test
  void streamsGoFromThreadToThread() throws Exception {
    for (String cell : List.of("gru", "min_gru")) {
      Recurrent network =
          network(RecurrentConfig.of(Cells.named(cell), INPUTS, 33).withNumLayers(2));
      Queue<Sequence> waiting = new ConcurrentLinkedQueue<>(sequences(network, 20));
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
          int most = 2 + 3 * thread;
          all.add(threads.submit(() -> serve(network, waiting, most)));
        }
        for (Future<?> one : all) {
          one.get();
        }
      }
      assertThat(waiting).isEmpty();
    }
  }

  private static void serve(Recurrent network, Queue<Sequence> waiting, int most) {
    Stepper stepper = network.stepper(most);
    List<Sequence> batch = new ArrayList<>();
    while (true) {
      for (Sequence one = waiting.poll(); one != null; one = waiting.poll()) {
        batch.add(one);
        if (batch.size() == most) {
          break;
        }
      }
      if (batch.isEmpty()) {
        return;
      }
      step(stepper, network.config().outputSize(), batch);
      batch.removeIf(Sequence::ended);
      waiting.addAll(batch);
      batch.clear();
    }
  }

  /** Threads that do not agree on whose turn it is: a step is taken as a whole or refused. */
  @Test
  void aClaimedStreamIsRefused() throws Exception {
    Recurrent counts = new Recurrent(RecurrentConfig.of(Cells.named("rnn_relu"), INPUTS, 2));
    float[] values = counts.parameters().values();
    int weightHh = counts.parameters().slice("weight_hh_l0").offset();
    values[weightHh] = 1;
    values[weightHh + 3] = 1;
    Arrays.fill(values, weightHh + 4, weightHh + 6, 1f); // bias_ih: h = relu(h + 1)
    counts.parameters().changed();
    int each = 20_000;
    Stream stream = counts.stream(1);
    CyclicBarrier start = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<?>> both = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        both.add(
            threads.submit(
                () -> {
                  start.await();
                  insist(counts.stepper(1), stream, each);
                  return null;
                }));
      }
      for (Future<?> one : both) {
        one.get();
      }
    }
    assertThat(stream.state().h()).containsExactly(2 * each, 2 * each);
  }

  private static void insist(Stepper stepper, Stream stream, int steps) {
    float[] x = new float[INPUTS];
    float[] y = new float[2];
    int refused = 0;
    for (int taken = 0; taken < steps; ) {
      try {
        stepper.step(stream, x, y);
        taken++;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageStartingWith("The stream is in use");
        assertThat(refused++).isLessThan(1_000_000);
      }
    }
  }

  /** A cell that does something else in the middle of a step. */
  private static final class Interrupted extends ForwardingStepCell {
    Runnable task = () -> {};

    Interrupted() {
      super("lstm");
    }

    @Override
    public void forward(
        int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
      task.run();
      super.forward(rows, gates, g0, ldg, states, before, after, ld);
    }
  }

  /** Whatever happens in a step, its stepper and streams are free afterwards. */
  @Test
  void aStepUnderWayIsLeftAlone() {
    Interrupted cell = new Interrupted();
    Recurrent network = network(RecurrentConfig.of(cell, INPUTS, 4));
    Stepper stepper = network.stepper(2);
    Stream stream = network.stream(1);
    Stream other = network.stream(1);
    Stream[] both = {stream, other};
    float[] x = new float[2 * INPUTS];
    float[] y = new float[8];
    List<Runnable> meanwhile =
        List.of(
            () -> stepper.step(network.stream(1), x, y),
            () -> network.stepper(1).step(stream, x, y),
            stream::reset,
            stream::snapshot,
            () -> other.restore(State.zeros(network.config(), 1)));
    for (Runnable task : meanwhile) {
      cell.task = task;
      assertThatIllegalStateException().isThrownBy(() -> stepper.step(both, 2, x, y));
      assertThat(stream.state().h()).containsOnly(0f);
      cell.task = () -> {};
    }
    stepper.step(both, 2, x, y);
    assertThat(y).isEqualTo(concat(stream.state().h(), other.state().h()));
  }

  private static float[] concat(float[] a, float[] b) {
    float[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  @Test
  void whatCannotBeSteppedIsRefused() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("gru"), INPUTS, 4);
    Recurrent network = network(config);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.stepper(0))
        .withMessageStartingWith("A stepper for 0 sequences");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(config.withBidirectional(true)).stepper(1))
        .withMessageContaining("cannot run one step at a time");
    Stepper stepper = network.stepper(2);
    float[] x = new float[3 * INPUTS];
    float[] y = new float[12];
    Stream one = network.stream(1);
    Stream two = network.stream(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.step(new Stream[] {one, two, network.stream(1)}, 3, x, y))
        .withMessage(
            "The streams have 3 sequences, but the stepper was made for 2: make one with"
                + " network.stepper(3), or take them in parts.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.step(new Stream[] {one}, 2, x, y))
        .withMessageStartingWith("streams has 1 elements");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.step(new Stream(config.withBias(false), 1), x, y))
        .withMessageStartingWith("The stream is of a network of another configuration");
    assertThatIllegalStateException()
        .isThrownBy(() -> stepper.step(new Stream[] {one, one}, 2, x, y))
        .withMessageContaining("twice in one batch");
    assertThatThrownBy(() -> stepper.step(new Stream[2], 2, x, y))
        .isInstanceOf(NullPointerException.class);
    assertThat(one.state().h()).containsOnly(0f);
    stepper.step(new Stream[] {one, two}, 0, x, y);
    assertThat(one.state().h()).containsOnly(0f);
    stepper.step(new Stream[] {one, two}, 2, x, y);
    assertThat(one.state().h()).doesNotContain(0f);
  }

  /** Any network of the same configuration goes on with a stream: new weights, or rounded ones. */
  @Test
  void streamsOutliveNetworks() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("min_gru"), INPUTS, 9);
    Recurrent first = network(config);
    Recurrent second = network(config);
    Stream stream = first.stream(1);
    float[] x = {1, 2, 3, 4, 5};
    float[] y = new float[9];
    first.stepper(1).step(stream, x, y);
    State between = stream.state().copy();
    second.stepper(1).step(stream, x, y);
    float[] expected = new float[9];
    second.forward(second.workspace(1, 1, false), x, between, null, expected, null);
    assertThat(y).isEqualTo(expected);
  }

  /** A snapshot goes on to the bit, wherever in a block of a scan it was taken. */
  @ParameterizedTest
  @MethodSource("configs")
  void aSnapshotGoesOn(RecurrentConfig config) {
    Recurrent network = network(config);
    Sequence sequence = new Sequence(network);
    Stepper stepper = network.stepper(1);
    for (int cut : new int[] {0, 10, 63, 64, 65, 90, 127, 128, 129}) {
      while (sequence.t < cut) {
        step(stepper, config.outputSize(), List.of(sequence));
      }
      Stream.Snapshot saved = sequence.stream.snapshot();
      Sequence other = new Sequence(network);
      step(stepper, config.outputSize(), List.of(other));
      System.arraycopy(sequence.x, 0, other.x, 0, other.x.length);
      System.arraycopy(sequence.expected, 0, other.expected, 0, other.expected.length);
      other.t = cut;
      other.stream.restore(saved);
      while (!other.ended()) {
        step(stepper, config.outputSize(), List.of(other));
      }
    }
  }

  @Test
  void whatIsNoSnapshotOfTheNetworkIsRefused() {
    Stream linear = new Stream(RecurrentConfig.of(Cells.named("min_gru"), INPUTS, 4), 1);
    Stream smaller = new Stream(RecurrentConfig.of(Cells.named("min_gru"), INPUTS, 3), 1);
    Stream steps = new Stream(RecurrentConfig.of(Cells.named("gru"), INPUTS, 4), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> linear.restore(steps.snapshot()))
        .withMessage("The snapshot is not one of a 'min_gru': it has no block of a scan.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> linear.restore(smaller.snapshot()))
        .withMessageStartingWith("from.h has 3 elements");
    Stream.Snapshot cut = new Stream.Snapshot(steps.state(), 0, new float[3][3]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> linear.restore(cut))
        .withMessageStartingWith("from.block has 3 elements");
  }

  /** A stream is its state, with a linear cell four times that, and what it takes to make it. */
  @Test
  void aStreamIsLittleMoreThanItsState() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (String cell : List.of("lstm", "gru", "min_gru")) {
      Recurrent network = network(RecurrentConfig.of(Cells.named(cell), INPUTS, 128));
      int floats = cell.equals("lstm") ? 256 : cell.equals("gru") ? 128 : 4 * 128;
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 5; i++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        network.stream(1);
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).as(cell).isBetween(4L * floats, 4L * floats + 640);
    }
  }

  /** Without vectors, which an interpreter boxes, so that the count is exact. */
  @Test
  void stepsAllocateNothing() {
    Assumptions.assumeFalse(Lanes.VECTOR, "plain Java only");
    for (Cell cell : Cells.all()) {
      RecurrentConfig config = RecurrentConfig.of(cell, INPUTS, 70).withNumLayers(2);
      Recurrent network = network(config);
      Stepper stepper = network.stepper(9);
      Stream[] streams = new Stream[9];
      Arrays.setAll(streams, i -> network.stream(1));
      float[] x = new float[9 * INPUTS];
      float[] y = new float[9 * config.outputSize()];
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int call = 0; call < 5; call++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        stepper.step(streams[call], x, y);
        stepper.step(streams, 4, x, y);
        stepper.step(streams, 9, x, y);
        streams[call].reset();
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).as(cell.name()).isZero();
    }
  }
}
