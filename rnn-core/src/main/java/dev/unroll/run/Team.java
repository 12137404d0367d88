package dev.unroll.run;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads that run one task together: the caller and {@code threads - 1} daemons.
 *
 * <p>Work is split by rows, columns or tiles, never inside a sum, so results do not depend on the
 * number of threads. Between tasks the daemons spin for a moment, then sleep. A team runs one task
 * at a time, started by one thread at a time. Running a task allocates nothing.
 *
 * <p>After a task has failed, the team can run the next one. An interrupt ends neither a task nor a
 * daemon; the caller's interrupt status stays set.
 */
public final class Team implements AutoCloseable {
  /** What every thread of a team runs. */
  public interface Task {
    /**
     * Runs one thread's share.
     *
     * @param worker 0 to threads - 1; 0 is the calling thread
     */
    void run(int worker);
  }

  /** What a team has in the place of a task when it runs none. */
  private enum Rest implements Task {
    IDLE,
    CLOSED;

    @Override
    public void run(int worker) {}
  }

  private static final Team SINGLE = new Team(1);
  private static final int SPINS = 20_000;

  /** Some tens of microseconds, which two threads that share a core then lose at each step. */
  private static final int SPINS_BEFORE_YIELD = 1_000;

  private final Thread[] daemons;
  private final Counter epoch = new Counter();
  private final AtomicReference<Task> task = new AtomicReference<>(Rest.IDLE);
  private volatile @Nullable Throwable failure;
  private final Counter finished = new Counter();
  private final Counter arrived = new Counter();

  /**
   * Starts the threads.
   *
   * @param threads at least 1
   * @throws IllegalArgumentException if threads is below 1
   */
  public Team(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("A team of " + threads + " threads: use at least 1.");
    }
    daemons = new Thread[threads - 1];
    for (int i = 0; i < daemons.length; i++) {
      int worker = i + 1;
      daemons[i] = Thread.ofPlatform().daemon().name("unroll-" + worker).start(() -> serve(worker));
    }
  }

  /** {@return the team of the calling thread alone; closing it does nothing} */
  public static Team single() {
    return SINGLE;
  }

  /** {@return the number of threads, the caller among them} */
  public int threads() {
    return daemons.length + 1;
  }

  /**
   * Runs a task on every thread and waits for all.
   *
   * <p>If shares fail, the first failure counts: the caller's own is thrown as it is, another
   * thread's as the cause of an IllegalStateException.
   *
   * @param work what each thread does
   * @throws IllegalStateException if the team is closed or already running a task, or if another
   *     thread's share failed (the cause)
   */
  public void run(Task work) {
    if (daemons.length == 0) {
      work.run(0);
      return;
    }
    Task before = task.compareAndExchange(Rest.IDLE, work);
    if (before != Rest.IDLE) {
      throw new IllegalStateException(
          before == Rest.CLOSED
              ? "This team is closed: create a new one."
              : "This team is running a task: wait until it has ended, or create another team.");
    }
    failure = null;
    finished.value = 0;
    arrived.value = 0;
    wake();
    Throwable first;
    try {
      work.run(0);
    } catch (Throwable thrown) {
      if (keep(thrown)) {
        throw thrown;
      }
    } finally {
      int spins = 0;
      while (finished.value < daemons.length) {
        spins = pause(spins);
      }
      first = failure;
      task.set(Rest.IDLE);
    }
    if (first != null) {
      throw failed(first);
    }
  }

  private static IllegalStateException failed(Throwable cause) {
    return new IllegalStateException("A thread of the team failed: " + cause, cause);
  }

  /**
   * Keeps a failure if there was none; others may only follow from it, as that of a thread at the
   * barrier.
   */
  private synchronized boolean keep(Throwable thrown) {
    boolean first = failure == null;
    if (first) {
      failure = thrown;
    }
    return first;
  }

  private void wake() {
    epoch.increment();
    for (Thread daemon : daemons) {
      LockSupport.unpark(daemon);
    }
  }

  /**
   * Waits until every thread of the running task has called this as often as the caller: a spinning
   * barrier, for tasks whose steps are microseconds.
   *
   * @throws IllegalStateException if another thread's share failed (the cause)
   */
  public void barrier() {
    if (daemons.length == 0) {
      return;
    }
    int threads = daemons.length + 1;
    int ticket = arrived.increment();
    int goal = Math.ceilDiv(ticket, threads) * threads;
    int spins = 0;
    while (arrived.value < goal) {
      Throwable thrown = failure;
      if (thrown != null) {
        throw failed(thrown);
      }
      spins = pause(spins);
    }
  }

  /** Spins for a while, then gives the core away: there may be fewer cores than threads. */
  @SuppressWarnings("ThreadPriorityCheck") // only speed depends on what yield does
  private static int pause(int spins) {
    if (spins < SPINS_BEFORE_YIELD) {
      Thread.onSpinWait();
      return spins + 1;
    }
    Thread.yield();
    return spins;
  }

  private void serve(int worker) {
    int seen = 0;
    while (true) {
      int spins = 0;
      while (epoch.value == seen) {
        if (++spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
          Thread.interrupted(); // cleared: an interrupted thread cannot park
        }
      }
      seen = epoch.value;
      Task work = task.get();
      if (work == Rest.CLOSED) {
        return;
      }
      try {
        work.run(worker);
      } catch (Throwable thrown) {
        keep(thrown);
      } finally {
        finished.increment();
      }
    }
  }

  /**
   * Ends the threads; a team of one stays usable, and a closed team may be closed again.
   *
   * @throws IllegalStateException if the team is running a task
   */
  @Override
  public void close() {
    if (daemons.length == 0) {
      return;
    }
    Task before = task.compareAndExchange(Rest.IDLE, Rest.CLOSED);
    if (before == Rest.IDLE) {
      wake();
    } else if (before != Rest.CLOSED) {
      throw new IllegalStateException("This team is running a task: close it when run has ended.");
    }
  }
}
