package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The copying memory problem (Hochreiter and Schmidhuber 1997, as set up by Arjovsky, Shah and
 * Bengio 2016): ten symbols out of eight, then T - 1 blanks, a delimiter and ten blanks; the answer
 * is T + 10 blanks and then the ten symbols. Without memory the best mean cross-entropy is 10 ln 8
 * / (T + 20).
 */
public final class CopyMemoryTask extends TokenTask {
  /** Symbols to be remembered in a sequence. */
  public static final int SYMBOLS = 10;

  /** Different symbols; the blank and the delimiter come on top. */
  public static final int ALPHABET = 8;

  /** Tokens: the alphabet, the blank, the delimiter. */
  public static final int VOCAB_SIZE = ALPHABET + 2;

  private static final int BLANK = ALPHABET;
  private static final int DELIMITER = ALPHABET + 1;

  /**
   * Batches of one shape.
   *
   * @param delay the problem's T, at least 1; the sequence has T + 20 steps
   */
  public CopyMemoryTask(int delay, int batch, RandomGenerator random) {
    super(delay + 2 * SYMBOLS, batch, Readout.EVERY_STEP, random);
  }

  /** The mean cross-entropy of the best answer without memory, in nats a step. */
  public static double baseline(int delay) {
    return SYMBOLS * StrictMath.log(ALPHABET) / (delay + 2 * SYMBOLS);
  }

  @Override
  public void next() {
    Arrays.fill(tokens, BLANK);
    Arrays.fill(targets, BLANK);
    int recall = (steps() - SYMBOLS) * batch();
    for (int i = 0; i < SYMBOLS * batch(); i++) {
      tokens[i] = random.nextInt(ALPHABET);
      targets[recall + i] = tokens[i];
    }
    Arrays.fill(tokens, recall - batch(), recall, DELIMITER);
  }

  /** The fraction of the ten symbols that were told right; a guess gets an eighth. */
  @Override
  public double score(Session session) {
    return right(session, targets.length - SYMBOLS * batch());
  }
}
