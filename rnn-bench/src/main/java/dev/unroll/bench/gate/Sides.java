package dev.unroll.bench.gate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Two builds that can be measured one right after the other. */
interface Sides {
  /**
   * Measures one pair.
   *
   * @param candidateFirst who goes first
   * @param first whether it is the first pair of all
   * @param plants percent that the candidate's calls are slowed down by, each on its own
   */
  Pair measure(boolean candidateFirst, boolean first, int... plants)
      throws IOException, InterruptedException;

  /**
   * What is compared.
   *
   * @param pairs what was measured so far, for sides that learn from it
   */
  List<? extends Benchmark> benchmarks(List<Pair> pairs);

  /** How processes are bound to cores, in words. */
  String pinning();

  /** How a slowdown is planted, in words. */
  String planting();

  /**
   * Runs one side's turn of one benchmark under the JDK's flight recorder.
   *
   * @param recording the file that is written
   */
  void record(boolean candidate, String benchmark, Path recording)
      throws IOException, InterruptedException;
}
