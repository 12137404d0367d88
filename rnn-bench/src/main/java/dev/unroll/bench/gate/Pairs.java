package dev.unroll.bench.gate;

import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Progress;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Measures pairs: A B, then B A, then A B ... */
final class Pairs {
  private final Sides sides;
  private final PairLog log;
  private final boolean candidateFirst;

  /**
   * Prepares to measure. Who begins is drawn by lot.
   *
   * @param log holds the pairs measured before, and takes each as it comes
   */
  Pairs(Sides sides, PairLog log) {
    this.sides = sides;
    this.log = log;
    this.candidateFirst =
        log.pairs().isEmpty()
            ? ThreadLocalRandom.current().nextBoolean()
            : log.pairs().getFirst().candidateFirst();
  }

  /** All pairs so far. */
  List<Pair> measured() {
    return log.pairs();
  }

  /** What is compared. */
  List<? extends Benchmark> benchmarks() {
    return sides.benchmarks(measured());
  }

  /**
   * Measures pairs until there are so many, or until the next would end after the deadline.
   *
   * @param deadline of {@link System#nanoTime}
   * @param plants percent that the candidate's calls are slowed down by, each on its own
   * @return whether there are so many; else the time is over
   */
  boolean gather(int goal, long deadline, int... plants) throws IOException, InterruptedException {
    int begun = log.pairs().size();
    long pairNanos = 0;
    // Without a goal the time decides, and is told here.
    try (@Nullable Progress progress =
        goal == Integer.MAX_VALUE ? null : new Progress("gate", "pairs", goal, begun)) {
      for (int index = begun; index < goal; index++) {
        long before = System.nanoTime();
        if (before + pairNanos > deadline) {
          System.out.printf("The time is over: %d pairs.%n", index);
          return false;
        }
        log.add(sides.measure(candidateFirst == (index % 2 == 0), index == 0, plants));
        pairNanos = System.nanoTime() - before;
        String took = Numbers.format("pair %d took %.1f s", index + 1, pairNanos / 1e9);
        if (progress == null) {
          System.out.println(
              Numbers.format("%s, %.0f min left", took, (deadline - System.nanoTime()) / 60e9));
        } else {
          progress.finished(1, took);
        }
      }
    }
    return true;
  }
}
