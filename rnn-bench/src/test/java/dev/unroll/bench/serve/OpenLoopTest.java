package dev.unroll.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.peer.StreamServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** The load, on a clock of its own. */
class OpenLoopTest {
  private static final int INPUTS = 2;
  private static final float[] FRAMES = {1, 10, 2, 20, 3, 30};

  /** Nanoseconds that a look at the clock takes. */
  private static final long LOOK = 10;

  /** What the clock shows. */
  private long now;

  private final List<List<Integer>> batches = new ArrayList<>();

  private long look() {
    now += LOOK;
    return now;
  }

  /** Takes some time for each step, and once much longer. */
  private final class Server implements StreamServer {
    private final long nanos;
    private final int stall;
    final List<Float> inputs = new ArrayList<>();

    Server(long nanos, int stall) {
      this.nanos = nanos;
      this.stall = stall;
    }

    @Override
    public void open(int streams) {}

    @Override
    public void step(int[] streams, int count, float[] x, float[] y) {
      batches.add(Arrays.stream(streams).limit(count).boxed().toList());
      for (int i = 0; i < count * INPUTS; i++) {
        inputs.add(x[i]);
      }
      now += batches.size() == stall ? 1_000 * nanos : nanos;
    }

    @Override
    public void close() {}
  }

  private OpenLoop loop(int streams, int batch, long wait) {
    return new OpenLoop(this::look, streams, batch, wait, FRAMES, INPUTS, 1);
  }

  private static long[] every(long nanos, int count) {
    long[] due = new long[count];
    Arrays.setAll(due, i -> (i + 1) * nanos);
    return due;
  }

  @Test
  void streamsTakeTurnsAndNoStepIsLost() throws Exception {
    Server server = new Server(100, 0);
    OpenLoop.Outcome outcome = loop(3, 1, 0).run(server, every(1_000, 7));
    assertThat(batches.stream().flatMap(List::stream)).containsExactly(0, 1, 2, 0, 1, 2, 0);
    assertThat(server.inputs).startsWith(1f, 10f, 2f, 20f, 3f, 30f, 1f, 10f);
    assertThat(outcome.batches()).isEqualTo(7);
    assertThat(outcome.cut()).isFalse();
    assertThat(outcome.nanos()).hasSize(7);
    assertThat(outcome.micros(0)).isGreaterThanOrEqualTo(.1);
    assertThat(outcome.micros(1)).isLessThanOrEqualTo((100 + 3 * LOOK) / 1e3);
  }

  /** One stall is charged to every step that was due meanwhile, not to one alone. */
  @Test
  void whatWaitsForAStallCounts() throws Exception {
    OpenLoop.Outcome outcome = loop(10, 1, 0).run(new Server(100, 50), every(1_000, 1_000));
    assertThat(outcome.nanos()).isSorted();
    assertThat(outcome.micros(1)).isBetween(100., 101.); // the stall, 1000 steps long
    // Due while it lasted: 100 steps; after it the server gains 900 ns a step on the arrivals.
    long waited = Arrays.stream(outcome.nanos()).filter(nanos -> nanos > 1_000).count();
    assertThat(waited).isBetween(105L, 120L);
    assertThat(outcome.micros(.5)).isLessThan(.2);
  }

  @Test
  void aBatchHasNoStreamTwiceAndEndsWhenItsTimeIsUp() throws Exception {
    loop(10, 4, 2_500).run(new Server(100, 0), every(1_000, 9));
    assertThat(batches).containsExactly(List.of(0, 1, 2), List.of(3, 4, 5), List.of(6, 7, 8));
    batches.clear();
    loop(10, 4, 10_000).run(new Server(100, 0), every(1_000, 10));
    assertThat(batches).containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9));
    batches.clear();
    loop(2, 4, 10_000).run(new Server(100, 0), every(1_000, 4));
    assertThat(batches).containsExactly(List.of(0, 1), List.of(0, 1));
  }

  /** What has arrived is not kept waiting for more. */
  @Test
  void withoutWaitingABatchIsWhatIsThere() throws Exception {
    loop(10, 4, 0).run(new Server(2_000, 0), every(1_000, 8));
    assertThat(batches.getFirst()).containsExactly(0);
    assertThat(batches.get(1)).containsExactly(1, 2);
  }

  @Test
  void aServerThatFallsBehindIsCutShort() throws Exception {
    OpenLoop.Outcome outcome = loop(10, 1, 0).run(new Server(10_000, 0), every(1_000, 1_000));
    assertThat(outcome.cut()).isTrue();
    assertThat(outcome.nanos().length).isBetween(300, 420);
  }

  @Test
  void percentilesAreStepsThatWereTaken() {
    long[] nanos = new long[1_000];
    Arrays.setAll(nanos, i -> (i + 1) * 1_000L);
    OpenLoop.Outcome outcome = new OpenLoop.Outcome(nanos, 1, false);
    assertThat(outcome.micros(.5)).isEqualTo(500);
    assertThat(outcome.micros(.999)).isEqualTo(999);
    assertThat(outcome.micros(1)).isEqualTo(1_000);
  }

  @Test
  void arrivalsHaveTheRateAndExponentialGaps() {
    long[] due = OpenLoop.arrivals(50_000, 2, new Random(1));
    assertThat(due).hasSize(100_000).isSorted();
    assertThat(due[due.length - 1]).isCloseTo(2_000_000_000L, Percentage.withPercentage(2));
    long longer = 0;
    for (int i = 1; i < due.length; i++) {
      longer += due[i] - due[i - 1] > 20_000 ? 1 : 0;
    }
    assertThat((double) longer / due.length).isCloseTo(Math.exp(-1), Percentage.withPercentage(2));
  }
}
