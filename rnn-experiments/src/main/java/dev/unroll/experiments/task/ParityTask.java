package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import java.util.random.RandomGenerator;

/**
 * Parity as tracking of a state: at each step of a random bit string, whether the ones so far are
 * odd in number. It is the smallest problem that a fixed number of additions and comparisons cannot
 * do at every length.
 */
public final class ParityTask extends TokenTask {
  /** Batches of one shape. */
  public ParityTask(int steps, int batch, RandomGenerator random) {
    super(steps, batch, Readout.EVERY_STEP, random);
  }

  @Override
  public void next() {
    drawTokens(2);
    for (int i = 0; i < tokens.length; i++) {
      targets[i] = i < batch() ? tokens[i] : tokens[i] ^ targets[i - batch()];
    }
  }
}
