package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.unroll.conventions.ByLayer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Whole lives of teams, drawn from seeds: tasks that end and tasks of which some threads fail,
 * while one thread interrupts the daemons and another closes the team as soon as it may. {@code
 * -Dteam.lives=100000} tries more.
 */
@Order(ByLayer.LAST)
class TeamStressTest {
  private static final int LIVES = Integer.getInteger("team.lives", 150);
  private static final int AT_A_TIME = 50;
  private static final int TASKS = 30;
  private static final int STEPS = 6;

  @Test
  void everyTaskEndsAsItsThreadsDoAndCloseEndsThemAll() {
    for (int first = 0; first < LIVES; first += AT_A_TIME) {
      int from = first;
      assertTimeoutPreemptively(
          Duration.ofMinutes(2),
          () -> {
            for (int seed = from; seed < from + AT_A_TIME; seed++) {
              live(seed);
            }
          });
    }
  }

  private static void live(int seed) throws InterruptedException {
    RandomGenerator random = new SplittableRandom(seed);
    Team team = new Team(2 + random.nextInt(3));
    Thread[] threads = new Thread[team.threads()];
    team.run(worker -> threads[worker] = Thread.currentThread());
    List<Thread> daemons = Arrays.asList(threads).subList(1, threads.length);
    AtomicBoolean over = new AtomicBoolean();
    int patience = random.nextInt(40_000);
    Thread closer = Thread.ofPlatform().daemon().start(() -> close(team, patience));
    Thread interrupter =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  while (!over.get()) {
                    daemons.forEach(Thread::interrupt);
                    Thread.onSpinWait();
                  }
                });
    boolean open = true;
    for (int i = 0; i < TASKS && open; i++) {
      open = runOrIsRefused(team, random, "life " + seed + ", task " + i);
    }
    closer.join();
    assertThat(runOrIsRefused(team, random, "life " + seed)).isFalse();
    for (Thread daemon : daemons) {
      daemon.join();
    }
    over.set(true);
    interrupter.join();
  }

  /** Refused while a task runs, and only then. */
  private static void close(Team team, int patience) {
    for (int i = 0; i < patience; i++) {
      Thread.onSpinWait();
    }
    while (true) {
      Throwable refused = catchThrowable(team::close);
      if (refused == null) {
        return;
      }
      assertThat(refused).hasMessageContaining("is running a task");
      Thread.onSpinWait();
    }
  }

  /**
   * Whether the team was open; a task is run by all its threads or, where it is closed, by none.
   */
  private static boolean runOrIsRefused(Team team, RandomGenerator random, String what) {
    @Nullable RuntimeException[] failures = new RuntimeException[team.threads()];
    int[] failsAt = new int[team.threads()];
    for (int worker = 0; worker < failures.length; worker++) {
      failures[worker] = random.nextInt(6) == 0 ? new IllegalArgumentException(what) : null;
      failsAt[worker] = random.nextInt(STEPS);
    }
    boolean interrupt = random.nextInt(4) == 0;
    if (interrupt) {
      Thread.currentThread().interrupt();
    }
    AtomicInteger begun = new AtomicInteger();
    int[] steps = new int[team.threads()];
    Throwable thrown =
        catchThrowable(
            () ->
                team.run(
                    worker -> {
                      begun.incrementAndGet();
                      for (int step = 0; step < STEPS; step++) {
                        RuntimeException failure = failures[worker];
                        if (failure != null && step == failsAt[worker]) {
                          throw failure;
                        }
                        steps[worker] = step + 1;
                        team.barrier();
                      }
                    }));
    assertThat(Thread.interrupted()).as(what).isEqualTo(interrupt);
    if (begun.get() == 0) {
      assertThat(thrown).as(what).hasMessage("This team is closed: create a new one.");
      return false;
    }
    assertThat(begun).as(what).hasValue(team.threads());
    List<RuntimeException> planned = new ArrayList<>();
    for (RuntimeException failure : failures) {
      if (failure != null) {
        planned.add(failure);
      }
    }
    if (planned.isEmpty()) {
      assertThat(thrown).as(what).isNull();
      assertThat(steps).as(what).containsOnly(STEPS);
    } else if (planned.contains(thrown)) {
      assertThat(thrown).as(what).isSameAs(failures[0]);
    } else {
      assertThat(thrown).as(what).isInstanceOf(IllegalStateException.class);
      assertThat(planned).as(what).contains((RuntimeException) thrown.getCause());
    }
    return true;
  }
}
