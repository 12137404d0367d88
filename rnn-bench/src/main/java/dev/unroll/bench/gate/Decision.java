package dev.unroll.bench.gate;

import org.jspecify.annotations.Nullable;

/**
 * What the gate says of one benchmark.
 *
 * @param name the benchmark
 * @param verdict in one word
 * @param pairs how many pairs it rests on
 * @param ratio time of the candidate by time of the base; 1 where it was not measured
 * @param low lower end of the ratio's 95 % interval
 * @param high its upper end
 * @param baseBytes what a call allocates on the base
 * @param candidateBytes and on the candidate
 * @param detectable the slowdown, as a ratio, that so many pairs as noisy as these show in 8 of 10
 *     gates; null where nothing was measured
 * @param fails whether the gate fails for it
 * @param note what else a reader has to know
 */
record Decision(
    String name,
    Verdict verdict,
    int pairs,
    double ratio,
    double low,
    double high,
    long baseBytes,
    long candidateBytes,
    @Nullable Double detectable,
    boolean fails,
    @Nullable String note) {

  /** The outcomes. */
  enum Verdict {
    /** Faster beyond the margin. */
    IMPROVED("improved"),
    /** Slower beyond the margin, or broken. */
    REGRESSED("REGRESSED"),
    /** A call allocates more bytes, or fewer: counted, not estimated. */
    REALLOCATED("ALLOCATES OTHERWISE"),
    /** Neither, and the interval leaves no room for more than a little. */
    WITHIN_NOISE("within noise"),
    /** The pairs do not tell. */
    INCONCLUSIVE("inconclusive"),
    /** Only one side has it, so nothing was compared. */
    NOT_COMPARED("NOT COMPARED"),
    /** Slower, and a commit says that this is meant. */
    ACCEPTED("accepted");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** The same with another verdict, which does not fail. */
  Decision as(Verdict other, String why) {
    return new Decision(
        name, other, pairs, ratio, low, high, baseBytes, candidateBytes, detectable, false, why);
  }
}
