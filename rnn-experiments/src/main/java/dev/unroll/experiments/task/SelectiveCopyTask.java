package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Selective copying (Gu and Dao 2023, as Feng et al. 2024 use it): some data tokens at random steps
 * among T steps of noise, and after them as many steps that ask for the data in their order. Unlike
 * in copying, what to keep is told by the token, not by its place.
 */
public final class SelectiveCopyTask extends TokenTask {
  private final int length;
  private final int data;
  private final int vocabSize;

  /**
   * Batches of one shape.
   *
   * @param length T, the steps that hold data and noise
   * @param data how many of them hold data
   * @param vocabSize tokens: the data's, then the noise, then the one that asks
   * @throws IllegalArgumentException if there is no room for the data, or no two kinds of it
   */
  public SelectiveCopyTask(int length, int data, int batch, int vocabSize, RandomGenerator random) {
    super(length + data, batch, Readout.EVERY_STEP, random);
    if (data < 1 || data > length || vocabSize < 4) {
      throw new IllegalArgumentException(
          "Selective copying of %d tokens out of %d steps with a vocabulary of %d cannot be: give 1 to T tokens and a vocabulary of 4 or more."
              .formatted(data, length, vocabSize));
    }
    this.length = length;
    this.data = data;
    this.vocabSize = vocabSize;
    Arrays.fill(targets, SoftmaxCrossEntropy.MASKED);
    Arrays.fill(tokens, length * batch, tokens.length, vocabSize - 1);
  }

  @Override
  public void next() {
    int batch = batch();
    for (int b = 0; b < batch; b++) {
      int put = 0;
      for (int t = 0; t < length; t++) {
        // Each set of steps is as likely as any other: data left over steps left.
        boolean holds = random.nextInt(length - t) < data - put;
        int token = holds ? random.nextInt(vocabSize - 2) : vocabSize - 2;
        tokens[t * batch + b] = token;
        if (holds) {
          targets[(length + put) * batch + b] = token;
          put++;
        }
      }
    }
  }

  /** The fraction of the data that was told right; a guess gets one in vocabSize - 2. */
  @Override
  public double score(Session session) {
    return right(session);
  }
}
