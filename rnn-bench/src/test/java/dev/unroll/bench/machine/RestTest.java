package dev.unroll.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RestTest {
  private static final long LOOK = Rest.LOOK_MILLIS * 1_000_000;

  private final AtomicLong now = new AtomicLong();

  /** Waits for two threads that work until then, and a third that uses one percent. */
  private boolean await(long busyUntil) throws InterruptedException {
    return Rest.await(
        () -> 2 * Math.min(now.get(), busyUntil) + now.get() / 100, () -> now.addAndGet(LOOK));
  }

  /** The kernel adds what a running thread used to its process only at a tick. */
  @Test
  void whoSpinsBetweenTwoTicksIsNotAtRest() throws InterruptedException {
    long tick = 10_000_000;
    long busyUntil = 25 * tick;
    assertThat(
            Rest.await(
                () -> Math.min(now.get(), busyUntil) / tick * tick, () -> now.addAndGet(LOOK)))
        .isTrue();
    assertThat(now.get()).isGreaterThanOrEqualTo(busyUntil);
  }

  @Test
  void waitsUntilHardlyAnythingRuns() throws InterruptedException {
    assertThat(await(13 * LOOK - LOOK / 2)).isTrue();
    // Busy until within the 13th look; the one after it is the first at rest.
    assertThat(now).hasValue(14 * LOOK);
  }

  @Test
  void losesItsPatienceWithWhoNeverRests() throws InterruptedException {
    assertThat(await(Long.MAX_VALUE / 4)).isFalse();
    assertThat(now.get() - Rest.PATIENCE_NANOS).isBetween(LOOK, 2 * LOOK);
  }

  @Test
  void theProcessorTimeOfAProcessGoesOnWithItsWork() {
    assumeTrue(Rest.isTold(), "this system does not tell the time of other processes");
    long self = ProcessHandle.current().pid();
    long before = Rest.processorNanos(self).orElseThrow();
    double sum = 0;
    for (int i = 0; i < 1_000_000; i++) {
      sum += Math.sqrt(i);
    }
    assertThat(sum).isPositive();
    assertThat(Rest.processorNanos(self).orElseThrow()).isGreaterThan(before + 100_000);
  }

  @Test
  void whoIsNotThereRests() throws InterruptedException {
    assertThat(Rest.await(List.of((long) Integer.MAX_VALUE))).isTrue();
  }
}
