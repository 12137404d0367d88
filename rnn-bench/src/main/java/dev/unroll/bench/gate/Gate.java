package dev.unroll.bench.gate;

import java.io.IOException;
import java.util.List;

/**
 * How a gate decides.
 *
 * @param first pairs of the first look
 * @param second pairs of the second, the first's among them
 * @param minutes no pair is begun that would end later
 * @param limit the gate fails for what is proven to take this many times as long
 * @param clock what calls are timed by
 * @param find percent: pairs are added until a slowdown of so much would show in each benchmark; 0
 *     to add none
 */
record Gate(int first, int second, double minutes, double limit, Clock clock, double find) {
  /** Pairs that are added at a time. */
  private static final int MORE = 2;

  /** Measures and judges, a second time with more pairs before it says that something is slower. */
  List<Decision> decide(Pairs pairs, Judge judge) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + (long) (minutes * 60e9);
    boolean timeLeft = pairs.gather(first, deadline, 0);
    List<Decision> decisions = sighted(pairs, judge, timeLeft, deadline);
    if (Judge.settled(decisions) || System.nanoTime() > deadline) {
      return decisions;
    }
    System.out.println("Not settled: a second look.");
    timeLeft = pairs.gather(Math.max(second, 2 * pairs.measured().size()), deadline, 0);
    return sighted(pairs, judge, timeLeft, deadline);
  }

  /**
   * Adds pairs until they would show what is to be found. How noisy they are says when to stop, not
   * how slow the candidate is, so looking often raises no alarm.
   */
  private List<Decision> sighted(Pairs pairs, Judge judge, boolean timeLeft, long deadline)
      throws IOException, InterruptedException {
    List<Decision> decisions = judge.decide(evidence(pairs));
    while (timeLeft && find > 0 && !decisions.stream().allMatch(this::shows)) {
      timeLeft = pairs.gather(pairs.measured().size() + MORE, deadline, 0);
      decisions = judge.decide(evidence(pairs));
    }
    return decisions;
  }

  private boolean shows(Decision decision) {
    Double detectable = decision.detectable();
    return decision.pairs() == 0 || (detectable != null && detectable <= 1 + find / 100);
  }

  private List<Judge.Evidence> evidence(Pairs pairs) {
    return pairs.benchmarks().stream()
        .map(b -> Judge.evidence(pairs.measured(), b, 0, clock))
        .toList();
  }
}
