package dev.unroll.bench.gate;

import dev.unroll.report.number.Numbers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

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
   */
  void gather(int goal, long deadline, int... plants) throws IOException, InterruptedException {
    long pairNanos = 0;
    for (int index = log.pairs().size(); index < goal; index++) {
      long before = System.nanoTime();
      if (before + pairNanos > deadline) {
        System.out.printf("The time is over: %d pairs.%n", index);
        return;
      }
      log.add(sides.measure(candidateFirst == (index % 2 == 0), index == 0, plants));
      pairNanos = System.nanoTime() - before;
      System.out.println(
          Numbers.format(
              "Pair %d of %s (%.1f s)%s",
              index + 1,
              goal == Integer.MAX_VALUE ? "as many as the time allows" : goal,
              pairNanos / 1e9,
              left((goal - index - 1) * pairNanos, deadline)));
    }
  }

  /** How long it will still take, as the last pair took. */
  private static String left(long nanos, long deadline) {
    double minutes = Math.min(nanos, deadline - System.nanoTime()) / 60e9;
    return nanos <= 0 || minutes < 0.1 ? "" : Numbers.format(", %.1f min left", minutes);
  }
}
