package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Multi-query associative recall (Arora et al. 2023, Zoology): first some pairs, each a key and
 * then its value, no key and no value twice; after them every second step is one of the keys and
 * asks for its value, with blanks between. There each key is asked for once and sooner rather than
 * later; here each of these steps asks for any of them alike, so that a batch has more answers.
 *
 * <p>Tokens are the keys, then as many values, then the blank. Who only knows which values came is
 * right once in so many pairs.
 */
public final class KeyValueTask extends TokenTask {
  private final int pairs;
  private final int[] keys;
  private final int[] values;

  /**
   * Batches of one shape.
   *
   * @param pairs in each sequence
   * @param keys how many there are, and as many values
   * @throws IllegalArgumentException if there is no step left to ask, or a key would come twice
   */
  public KeyValueTask(int steps, int pairs, int keys, int batch, RandomGenerator random) {
    super(steps, batch, Readout.EVERY_STEP, random);
    if (pairs < 1 || 2 * pairs >= steps || pairs > keys) {
      throw new IllegalArgumentException(
          "Associative recall of %d pairs in %d steps with %d keys cannot be: give more than two steps a pair, and as many keys as pairs or more."
              .formatted(pairs, steps, keys));
    }
    this.pairs = pairs;
    this.keys = IntStream.range(0, keys).toArray();
    values = IntStream.range(keys, 2 * keys).toArray();
    Arrays.fill(tokens, 2 * keys);
    Arrays.fill(targets, SoftmaxCrossEntropy.MASKED);
  }

  /** Tokens, and answers as the readout has them, of so many keys. */
  public static int vocabSize(int keys) {
    return 2 * keys + 1;
  }

  @Override
  public void next() {
    int batch = batch();
    for (int b = 0; b < batch; b++) {
      draw(keys);
      draw(values);
      for (int p = 0; p < pairs; p++) {
        tokens[2 * p * batch + b] = keys[p];
        tokens[(2 * p + 1) * batch + b] = values[p];
      }
      for (int t = 2 * pairs; t < steps(); t += 2) {
        int asked = random.nextInt(pairs);
        tokens[t * batch + b] = keys[asked];
        targets[t * batch + b] = values[asked];
      }
    }
  }

  /** Puts as many as there are pairs, each as likely as any other, in front. */
  private void draw(int[] all) {
    for (int p = 0; p < pairs; p++) {
      int other = random.nextInt(p, all.length);
      int drawn = all[other];
      all[other] = all[p];
      all[p] = drawn;
    }
  }

  /** The fraction of all answers that are right. */
  @Override
  public double score(Session session) {
    return right(session);
  }
}
