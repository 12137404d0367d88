package dev.unroll.experiments.task;

import java.util.Arrays;

/**
 * An interpolated Kneser-Ney model of n-grams (Kneser and Ney 1995; Chen and Goodman 1999, section
 * 3): below the highest order a token counts once for each different token that it follows, and
 * what a discount takes from the counts goes to the order below, down to an even guess.
 *
 * <p>The n-grams of each order are numbered in the order of their prefix and last token, so that
 * those with one prefix lie side by side.
 */
public final class KneserNey {
  private final int vocabSize;
  private final int order;

  /** By order, from 1: prefix times the vocabulary plus last token, rising. */
  private final long[][] grams;

  /** How often each n-gram counts. */
  private final int[][] counts;

  /** By order and prefix: the sum of the counts, and how many are not zero. */
  private final int[][] totals;

  private final int[][] types;
  private final double[] discounts;

  /**
   * Counts a text.
   *
   * @param text tokens below {@code vocabSize}
   * @param order n, at least 1
   */
  public KneserNey(int[] text, int vocabSize, int order) {
    this.vocabSize = vocabSize;
    this.order = order;
    grams = new long[order + 1][];
    counts = new int[order + 1][];
    totals = new int[order + 1][];
    types = new int[order + 1][];
    discounts = new double[order + 1];
    int[] prefixes = new int[text.length]; // of the n-gram that begins at each place, by order
    grams[0] = new long[1];
    for (int n = 1; n <= order; n++) {
      int[] shorter = prefixes;
      prefixes = number(text, shorter, n);
      if (n > 1) {
        counts[n - 1] = continuations(shorter, prefixes, n);
      }
    }
    counts[order] = new int[grams[order].length];
    for (int place = 0; place + order <= text.length; place++) {
      counts[order][prefixes[place]]++;
    }
    for (int n = 1; n <= order; n++) {
      sum(n);
    }
  }

  /** Numbers the n-grams and returns that of each place. */
  private int[] number(int[] text, int[] prefixes, int n) {
    int places = Math.max(0, text.length - n + 1);
    long[] keys = new long[places];
    Arrays.setAll(keys, place -> gram(prefixes[place], text[place + n - 1]));
    grams[n] = Arrays.stream(keys).sorted().distinct().toArray();
    int[] numbers = new int[places];
    Arrays.setAll(numbers, place -> Arrays.binarySearch(grams[n], keys[place]));
    return numbers;
  }

  private long gram(int prefix, int token) {
    return (long) prefix * vocabSize + token;
  }

  /** For each n-gram of one order less, in how many different n-grams it is the end. */
  private int[] continuations(int[] shorter, int[] longer, int n) {
    int[] continuations = new int[grams[n - 1].length];
    boolean[] seen = new boolean[grams[n].length];
    for (int place = 0; place < longer.length; place++) {
      if (!seen[longer[place]]) {
        seen[longer[place]] = true;
        continuations[shorter[place + 1]]++;
      }
    }
    return continuations;
  }

  private void sum(int n) {
    totals[n] = new int[grams[n - 1].length];
    types[n] = new int[grams[n - 1].length];
    int once = 0;
    int twice = 0;
    for (int i = 0; i < counts[n].length; i++) {
      int prefix = (int) (grams[n][i] / vocabSize);
      totals[n][prefix] += counts[n][i];
      types[n][prefix] += counts[n][i] > 0 ? 1 : 0;
      once += counts[n][i] == 1 ? 1 : 0;
      twice += counts[n][i] == 2 ? 1 : 0;
    }
    // Where nothing occurs once the estimate would be 0 and unseen tokens impossible.
    discounts[n] = once == 0 ? .5 : once / (once + 2.0 * twice);
  }

  /**
   * The probability of a token after those before it in a text.
   *
   * @param text tokens
   * @param place of the token; as many before it are looked at as there are, up to n - 1
   */
  public double probability(int[] text, int place) {
    double probability = 1.0 / vocabSize;
    for (int n = 1; n <= Math.min(order, place + 1); n++) {
      int prefix = find(text, place - n + 1, n - 1);
      if (prefix < 0 || totals[n][prefix] == 0) {
        break; // what has not been seen has not been seen in a longer context either
      }
      int gram = Arrays.binarySearch(grams[n], gram(prefix, text[place]));
      double kept = gram < 0 ? 0 : Math.max(0, counts[n][gram] - discounts[n]);
      probability = (kept + discounts[n] * types[n][prefix] * probability) / totals[n][prefix];
    }
    return probability;
  }

  /** The number of the n-gram that begins at a place, or a negative one. */
  private int find(int[] text, int from, int n) {
    int number = 0;
    for (int i = 0; i < n && number >= 0; i++) {
      number = Arrays.binarySearch(grams[i + 1], gram(number, text[from + i]));
    }
    return number;
  }

  /** The mean of what it costs to tell each token of a text, in nats. */
  public double loss(int[] text) {
    double sum = 0;
    for (int place = 0; place < text.length; place++) {
      sum -= StrictMath.log(probability(text, place));
    }
    return sum / text.length;
  }

  /** n. */
  public int order() {
    return order;
  }

  /**
   * The model of the order, from 1 to {@code longest}, that tells {@code other} at the lowest cost.
   */
  public static KneserNey best(int[] text, int[] other, int vocabSize, int longest) {
    KneserNey best = new KneserNey(text, vocabSize, 1);
    double lowest = best.loss(other);
    for (int n = 2; n <= longest; n++) {
      KneserNey model = new KneserNey(text, vocabSize, n);
      double loss = model.loss(other);
      if (loss < lowest) {
        best = model;
        lowest = loss;
      }
    }
    return best;
  }
}
