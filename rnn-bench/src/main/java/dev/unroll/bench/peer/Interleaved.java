package dev.unroll.bench.peer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.random.Well19937c;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * Times several peers in turns: in each round every peer gets one short slice, in random order, so
 * that a noisy moment hits all alike. A slice begins with untimed calls, long enough for the
 * threads of the peer before (which spin for some 25 ms) to go to sleep. A round's figure is the
 * median of its calls, a peer's figure the median of its rounds.
 */
final class Interleaved {
  private static final int LEAST_ROUNDS = 5;
  private static final int MOST_ROUNDS = 41;
  private static final int RESAMPLES = 2000;
  private static final long WARM_UP_NANOS = 400_000_000;

  /** Java is compiled as it runs. */
  private static final long JAVA_WARM_UP_NANOS = 1_200_000_000;

  private static final int WARM_UP_CALLS = 4;

  private final long sliceNanos;
  private final long settleNanos;
  private final long budgetNanos;
  private final Random order;
  private final boolean othersCompiled;

  /**
   * Chooses how long to measure.
   *
   * @param budgetSeconds for the rounds of one workload; at least {@value #LEAST_ROUNDS} are done
   * @param threads of the peers: above one, slices begin with a longer settling time
   * @param seed of the order of turns
   * @param othersCompiled whether all but the first peer come compiled
   */
  Interleaved(double budgetSeconds, int threads, long seed, boolean othersCompiled) {
    sliceNanos = 20_000_000;
    settleNanos = threads == 1 ? 2_000_000 : 40_000_000;
    budgetNanos = (long) (budgetSeconds * 1e9);
    order = new Random(seed);
    this.othersCompiled = othersCompiled;
  }

  /**
   * Times prepared peers.
   *
   * @param roundEnd called after each round
   * @return microseconds of each round, [peer][round]
   */
  double[][] measure(List<Peer.Layer> layers, Runnable roundEnd) throws Exception {
    for (int i = 0; i < (othersCompiled ? 1 : layers.size()); i++) {
      calls(layers.get(i), JAVA_WARM_UP_NANOS, WARM_UP_CALLS);
    }
    for (Peer.Layer layer : layers) {
      calls(layer, WARM_UP_NANOS, WARM_UP_CALLS);
    }
    System.gc(); // what preparing left behind, now rather than inside a slice
    List<Integer> turns = new ArrayList<>();
    List<List<Double>> rounds = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      turns.add(i);
      rounds.add(new ArrayList<>());
    }
    long start = System.nanoTime();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (round >= LEAST_ROUNDS && System.nanoTime() - start > budgetNanos) {
        break;
      }
      Collections.shuffle(turns, order);
      for (int turn : turns) {
        calls(layers.get(turn), settleNanos, 1);
        rounds.get(turn).add(median(calls(layers.get(turn), sliceNanos, 1)));
      }
      roundEnd.run();
    }
    return rounds.stream().map(Interleaved::array).toArray(double[][]::new);
  }

  private static List<Double> calls(Peer.Layer layer, long nanos, int least) throws Exception {
    List<Double> micros = new ArrayList<>();
    long start = System.nanoTime();
    long last = start;
    while (micros.size() < least || last - start < nanos) {
      layer.run();
      long now = System.nanoTime();
      micros.add((now - last) / 1e3);
      last = now;
    }
    return micros;
  }

  /**
   * The ratio of two peers' medians with its 95 % interval, by resampling whole rounds: what the
   * machine did in a round happened to both.
   *
   * @return {ratio, low, high}
   */
  static double[] ratio(double[] theirs, double[] ours) {
    Well19937c random = new Well19937c(1);
    double[] ratios = new double[RESAMPLES];
    double[] a = new double[ours.length];
    double[] b = new double[ours.length];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < ours.length; i++) {
        int pick = random.nextInt(ours.length);
        a[i] = theirs[pick];
        b[i] = ours[pick];
      }
      ratios[r] = median(a) / median(b);
    }
    return new double[] {
      median(theirs) / median(ours),
      StatUtils.percentile(ratios, 2.5),
      StatUtils.percentile(ratios, 97.5)
    };
  }

  static double median(double[] values) {
    return new Median().evaluate(values);
  }

  private static double median(List<Double> values) {
    return median(array(values));
  }

  private static double[] array(List<Double> values) {
    double[] array = new double[values.size()];
    Arrays.setAll(array, values::get);
    return array;
  }
}
