package dev.unroll.bench.gate;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a call's time is taken by. */
enum Clock {
  /** The time that passes, also while other programs have the core. */
  WALL("time"),
  /**
   * The processor's time of the measuring thread, a mean a slice: other programs are not in it, but
   * what they do to caches is. Benchmarks of several threads have none and keep the other.
   */
  CPU("processor time");

  private final String words;

  Clock(String words) {
    this.words = words;
  }

  /** The slices of a benchmark by planted slowdown. */
  Map<Integer, List<long[]>> slices(Turn.Measured measured) {
    Map<Integer, List<long[]>> own = measured.cpu();
    return this == WALL || own == null ? measured.slices() : Objects.requireNonNull(own);
  }

  @Override
  public String toString() {
    return words;
  }
}
