package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.unroll.conventions.ByLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that meet, fail and end together. In a thread of its own, since waiting is spinning. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Order(ByLayer.FIRST)
class TeamTest {
  private static final int REPETITIONS = 200;
  private static final int STEPS = 20;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void threadsMeetAtEachBarrier(int threads) {
    try (Team team = new Team(threads)) {
      for (int i = 0; i < REPETITIONS; i++) {
        assertThatThreadsMeet(team);
      }
    }
  }

  /** After a barrier everyone is at this step or the next. */
  private static void assertThatThreadsMeet(Team team) {
    int[] steps = new int[team.threads()];
    team.run(
        worker -> {
          for (int step = 1; step <= STEPS; step++) {
            steps[worker] = step;
            team.barrier();
            for (int other : steps) {
              assertThat(other).isBetween(step, step + 1);
            }
          }
        });
    assertThat(steps).containsOnly(STEPS);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "2, 1", "3, 0", "3, 2", "4, 1"})
  void aFailureReleasesAndReachesEveryoneAndLeavesTheTeamUsable(int threads, int failing) {
    try (Team team = new Team(threads)) {
      for (int i = 0; i < REPETITIONS; i++) {
        RuntimeException failure = new IllegalArgumentException("worker " + failing);
        int failingStep = i % STEPS;
        Throwable[] thrown = new Throwable[threads];
        Throwable atCaller =
            catchThrowable(
                () ->
                    team.run(
                        worker -> {
                          try {
                            for (int step = 0; step < STEPS; step++) {
                              if (worker == failing && step == failingStep) {
                                throw failure;
                              }
                              team.barrier();
                            }
                          } catch (RuntimeException e) {
                            thrown[worker] = e;
                            throw e;
                          }
                        }));
        for (int worker = 0; worker < threads; worker++) {
          assertIsOrHasCause(thrown[worker], failure, worker == failing);
        }
        assertIsOrHasCause(atCaller, failure, failing == 0);
        assertThatThreadsMeet(team);
      }
    }
  }

  private static void assertIsOrHasCause(Throwable thrown, Throwable failure, boolean own) {
    if (own) {
      assertThat(thrown).isSameAs(failure);
    } else {
      assertThat(thrown)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(failure.getMessage())
          .cause()
          .isSameAs(failure);
    }
  }

  @Test
  void theFirstFailureCounts() {
    RuntimeException first = new IllegalArgumentException("first");
    try (Team team = new Team(3)) {
      for (int i = 0; i < REPETITIONS; i++) {
        assertThatIllegalStateException()
            .isThrownBy(
                () ->
                    team.run(
                        worker -> {
                          if (worker == 1) {
                            throw first;
                          }
                          Throwable released = catchThrowable(team::barrier);
                          throw new UnsupportedOperationException("later", released);
                        }))
            .withCause(first);
      }
    }
  }

  @Test
  void closingOrRunningIsRefusedWhileATaskRuns() throws InterruptedException {
    Team team = new Team(2);
    CountDownLatch running = new CountDownLatch(2);
    CountDownLatch refused = new CountDownLatch(1);
    CompletableFuture<Void> run =
        inAnotherThread(
            () ->
                team.run(
                    worker -> {
                      running.countDown();
                      await(refused);
                    }));
    running.await();
    assertRunning(team);
    refused.countDown();
    run.join();
    assertThatThreadsMeet(team);
    team.close();
  }

  @Test
  void closingOrRunningIsRefusedInsideATask() {
    try (Team team = new Team(3)) {
      for (int i = 0; i < REPETITIONS; i++) {
        team.run(worker -> assertRunning(team));
      }
      assertThatThreadsMeet(team);
    }
  }

  private static void assertRunning(Team team) {
    assertThatIllegalStateException()
        .isThrownBy(team::close)
        .withMessage("This team is running a task: close it when run has ended.");
    assertThatIllegalStateException()
        .isThrownBy(() -> team.run(worker -> {}))
        .withMessageStartingWith("This team is running a task: wait");
  }

  @Test
  void whenRunAndCloseMeetOneOfThemIsRefusedAndNobodyWaits() {
    for (int i = 0; i < 5 * REPETITIONS; i++) {
      Team team = new Team(2);
      AtomicInteger shares = new AtomicInteger();
      CyclicBarrier start = new CyclicBarrier(2);
      CompletableFuture<Void> run =
          inAnotherThread(
              () -> {
                await(start);
                team.run(worker -> shares.incrementAndGet());
              });
      await(start);
      Throwable closeRefused = catchThrowable(team::close);
      Throwable runRefused = catchThrowable(run::join);
      assertThat(shares).hasValue(runRefused == null ? 2 : 0);
      if (closeRefused != null) {
        assertThat(closeRefused).hasMessageContaining("is running a task");
        assertThat(runRefused).isNull();
      }
      if (runRefused != null) {
        assertThat(runRefused).hasMessageContaining("This team is closed");
      }
      team.close();
    }
  }

  @Test
  void closeEndsTheThreadsOnceAndForAll() throws InterruptedException {
    Team team = new Team(3);
    List<Thread> daemons = daemons(team);
    team.close();
    team.close();
    for (Thread daemon : daemons) {
      daemon.join();
    }
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                team.run(
                    worker -> {
                      throw new AssertionError("ran");
                    }))
        .withMessage("This team is closed: create a new one.");
  }

  @Test
  void aTeamOfOneStaysUsable() {
    Team team = new Team(1);
    team.close();
    assertThatThreadsMeet(team);
    assertThatThreadsMeet(Team.single());
  }

  /** Its status is cleared before it sleeps; set, it would keep the thread from sleeping. */
  @Test
  void anInterruptedDaemonSleepsAgain() {
    try (Team team = new Team(3)) {
      for (int i = 0; i < STEPS; i++) {
        List<Thread> daemons = daemons(team);
        daemons.forEach(Thread::interrupt);
        for (Thread daemon : daemons) {
          while (daemon.isInterrupted() || daemon.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
          }
        }
        assertThatThreadsMeet(team);
      }
    }
  }

  @Test
  void anInterruptedCallerStaysInterrupted() {
    try (Team team = new Team(2)) {
      Thread.currentThread().interrupt();
      assertThatThreadsMeet(team);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void needsAThread() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Team(0))
        .withMessage("A team of 0 threads: use at least 1.");
  }

  private static List<Thread> daemons(Team team) {
    Thread[] threads = new Thread[team.threads()];
    team.run(worker -> threads[worker] = Thread.currentThread());
    return new ArrayList<>(Arrays.asList(threads)).subList(1, threads.length);
  }

  private static CompletableFuture<Void> inAnotherThread(Runnable work) {
    return CompletableFuture.runAsync(work, Thread.ofPlatform().daemon()::start);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
