package dev.unroll.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs seeded trials: a fixed number of them, {@code -Dfuzz.trials=N} or, with {@code
 * -Dfuzz.minutes=N}, as many as there is time for. What fails names its seed, at which {@code
 * -Dfuzz.seed=S} begins.
 */
public final class Fuzz {
  private static final int AT_A_TIME = 20;

  /** Of so many trials, each of which takes well below a second. */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private Fuzz() {}

  /** Something that is tried. */
  public interface Trial {
    /**
     * Tries it.
     *
     * @param random of this trial's seed
     */
    void run(RandomGenerator random) throws Exception;
  }

  /**
   * Runs trials.
   *
   * @param name what is tried
   * @param trials how many, unless the command says otherwise
   * @param trial one of them; a throwable, or none of its end, fails the test
   */
  @SuppressWarnings("SystemOut") // how many there were is the result of a long form
  public static void run(String name, int trials, Trial trial) {
    long first = Long.getLong("fuzz.seed", 0);
    long end = first + Long.getLong("fuzz.trials", trials);
    long nanos = Duration.ofMinutes(Long.getLong("fuzz.minutes", 0)).toNanos();
    long start = System.nanoTime();
    AtomicLong seed = new AtomicLong(first);
    while (nanos == 0 ? seed.get() < end : System.nanoTime() - start < nanos) {
      assertTimeoutPreemptively(
          LONGEST,
          () -> {
            for (int i = 0; i < AT_A_TIME; i++, seed.getAndIncrement()) {
              try {
                trial.run(new SplittableRandom(seed.get()));
              } catch (Throwable thrown) {
                throw new AssertionError(at(name, seed) + ": " + thrown, thrown);
              }
            }
          },
          () -> at(name, seed) + " (it did not end)");
    }
    if (nanos > 0 || end != first + trials) {
      System.out.printf("%s: %,d trials.%n", name, seed.get() - first);
    }
  }

  private static String at(String name, AtomicLong seed) {
    return name + ": failed at -Dfuzz.seed=" + seed;
  }

  /**
   * Does something and requires that its thread allocates no more than that.
   *
   * @param most bytes
   * @param work what to do
   */
  public static void within(long most, Work work) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("bytes allocated")
        .isLessThanOrEqualTo(most);
  }

  /** Something that may throw. */
  public interface Work {
    /** Does it. */
    void run() throws Exception;
  }

  /** Requires that a refusal is a sentence and not what some library said. */
  public static void requireSentence(@Nullable String message) {
    assertThat(message).isNotNull().matches("(?s)\\S.*\\s.*\\.").doesNotContain("\tat ");
  }
}
