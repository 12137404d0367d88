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
 */
record Gate(int first, int second, double minutes, double limit) {
  /** Measures and judges, a second time with more pairs before it says that something is slower. */
  List<Decision> decide(Pairs pairs, Judge judge) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + (long) (minutes * 60e9);
    pairs.gather(first, deadline, 0);
    List<Decision> decisions = judge.decide(evidence(pairs));
    if (Judge.settled(decisions)) {
      return decisions;
    }
    System.out.println("Not settled: a second look.");
    pairs.gather(second, deadline, 0);
    return judge.decide(evidence(pairs));
  }

  private static List<Judge.Evidence> evidence(Pairs pairs) {
    return pairs.benchmarks().stream().map(b -> Judge.evidence(pairs.measured(), b, 0)).toList();
  }
}
