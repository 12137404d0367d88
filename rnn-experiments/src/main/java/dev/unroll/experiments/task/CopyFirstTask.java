package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import java.util.random.RandomGenerator;

/**
 * Remember the first token of a random sequence and tell it at the end (notebook 001's memory
 * test).
 */
public final class CopyFirstTask extends TokenTask {
  private final int vocabSize;

  /** Batches of one shape. */
  public CopyFirstTask(int steps, int batch, int vocabSize, RandomGenerator random) {
    super(steps, batch, Readout.LAST_STEP, random);
    this.vocabSize = vocabSize;
  }

  @Override
  public void next() {
    drawTokens(vocabSize);
    System.arraycopy(tokens, 0, targets, 0, batch());
  }
}
