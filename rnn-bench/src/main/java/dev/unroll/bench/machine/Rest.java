package dev.unroll.bench.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the threads of other processes have come to rest, which their processor time says. It is
 * read from the clock that POSIX has for each process, since what {@link ProcessHandle} tells goes
 * on in steps of 10 ms.
 */
public final class Rest {
  /** How long to wait where the processor time is not known; pools spin for some 25 ms. */
  public static final long PAUSE_MILLIS = 40;

  /**
   * Longer than a tick of the scheduler, 10 ms at most: while a thread of another process runs, its
   * time is brought up to date only there, so in less it may seem to rest though it spins.
   */
  static final long LOOK_MILLIS = 12;

  /** The share of one processor that all together may use at rest. */
  private static final double MOST_BUSY = 0.05;

  static final long PATIENCE_NANOS = 2_000_000_000;

  private static final @Nullable MethodHandle CLOCK_OF =
      find("clock_getcpuclockid", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
  private static final @Nullable MethodHandle TIME_OF =
      find("clock_gettime", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

  private Rest() {}

  @SuppressWarnings("restricted")
  private static @Nullable MethodHandle find(String name, ValueLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find(name)
        .map(
            function ->
                linker.downcallHandle(
                    function, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments)))
        .orElse(null);
  }

  /** Whether this system tells the processor time of other processes. */
  public static boolean isTold() {
    return processorNanos(ProcessHandle.current().pid()).isPresent();
  }

  /**
   * Waits until the processes use hardly any processor time; {@value #PAUSE_MILLIS} ms where that
   * is not told.
   *
   * @param pids of processes; those that have ended are at rest
   * @return false if they were still busy after two seconds
   */
  public static boolean await(List<Long> pids) throws InterruptedException {
    if (!isTold()) {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    }
    return await(
        () -> used(pids),
        () -> {
          Thread.sleep(LOOK_MILLIS);
          return System.nanoTime();
        });
  }

  /** A clock that is looked at now and then. */
  interface Looks {
    long next() throws InterruptedException;
  }

  /** The same, by any processor time and any clock, both in nanoseconds. */
  static boolean await(LongSupplier used, Looks looks) throws InterruptedException {
    long start = looks.next();
    long then = start;
    long before = used.getAsLong();
    while (then - start < PATIENCE_NANOS) {
      long now = looks.next();
      long usedNow = used.getAsLong();
      if (usedNow - before <= MOST_BUSY * (now - then)) {
        return true;
      }
      then = now;
      before = usedNow;
    }
    return false;
  }

  private static long used(List<Long> pids) {
    return pids.stream().mapToLong(pid -> processorNanos(pid).orElse(0)).sum();
  }

  /** The processor time of all threads of a process so far. */
  static OptionalLong processorNanos(long pid) {
    if (CLOCK_OF == null || TIME_OF == null) {
      return OptionalLong.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment clock = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2); // seconds, nanoseconds
      boolean told =
          (int) CLOCK_OF.invokeExact((int) pid, clock) == 0
              && (int) TIME_OF.invokeExact(clock.get(ValueLayout.JAVA_INT, 0), time) == 0;
      return told
          ? OptionalLong.of(
              time.getAtIndex(ValueLayout.JAVA_LONG, 0) * 1_000_000_000
                  + time.getAtIndex(ValueLayout.JAVA_LONG, 1))
          : OptionalLong.empty();
    } catch (Throwable e) {
      throw new IllegalStateException("clock_gettime cannot be called", e);
    }
  }
}
