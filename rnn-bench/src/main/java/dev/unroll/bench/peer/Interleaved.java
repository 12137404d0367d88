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
 * Times several players in turns: in each round every one gets one short turn, in random order, so
 * that a noisy moment hits all alike. A turn begins with calls that are not timed. A round's figure
 * is the median of a turn's calls, a player's figure the median of its rounds.
 */
final class Interleaved {
  /** Java is compiled as it runs. */
  static final long JAVA_WARM_UP_NANOS = 1_200_000_000;

  static final long WARM_UP_NANOS = 400_000_000;

  private static final int WARM_UP_CALLS = 4;
  private static final long UNTIMED_NANOS = 2_000_000;
  private static final long TIMED_NANOS = 20_000_000;
  private static final int LEAST_ROUNDS = 5;
  private static final int MOST_ROUNDS = 41;
  private static final int RESAMPLES = 2000;

  private Interleaved() {}

  /** Who takes turns. */
  interface Player {
    /** Takes a turn and tells the median time of its calls, in microseconds. */
    double turn() throws Exception;
  }

  /**
   * Goes round.
   *
   * @param budgetSeconds for all rounds; at least {@value #LEAST_ROUNDS} are done
   * @param seed of the order of turns
   * @return microseconds of each round, [player][round]
   */
  static double[][] rounds(List<Player> players, double budgetSeconds, long seed) throws Exception {
    Random order = new Random(seed);
    List<Integer> turns = new ArrayList<>();
    List<List<Double>> rounds = new ArrayList<>();
    for (int i = 0; i < players.size(); i++) {
      turns.add(i);
      rounds.add(new ArrayList<>());
    }
    long start = System.nanoTime();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (round >= LEAST_ROUNDS && System.nanoTime() - start > budgetSeconds * 1e9) {
        break;
      }
      Collections.shuffle(turns, order);
      for (int turn : turns) {
        rounds.get(turn).add(players.get(turn).turn());
      }
    }
    return rounds.stream().map(Interleaved::array).toArray(double[][]::new);
  }

  /** Calls a layer for so long, and some times at least. */
  static void warmUp(Peer.Layer layer, long nanos) throws Exception {
    calls(layer, nanos, WARM_UP_CALLS);
  }

  /** A turn of a layer in this process. */
  static double turn(Peer.Layer layer) throws Exception {
    calls(layer, UNTIMED_NANOS, 1);
    return median(array(calls(layer, TIMED_NANOS, 1)));
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
   * The ratio of two players' medians with its 95 % interval, by resampling whole rounds: what the
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

  private static double[] array(List<Double> values) {
    double[] array = new double[values.size()];
    Arrays.setAll(array, values::get);
    return array;
  }
}
