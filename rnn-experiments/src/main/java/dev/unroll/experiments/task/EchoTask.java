package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import java.util.random.RandomGenerator;

/**
 * Tell the present token, at every step or only at the last: a control that has the shape of a task
 * of tracking or of memory and needs neither.
 */
public final class EchoTask extends TokenTask {
  private final int vocabSize;

  /** Batches of one shape. */
  public EchoTask(int steps, int batch, int vocabSize, Readout readout, RandomGenerator random) {
    super(steps, batch, readout, random);
    this.vocabSize = vocabSize;
  }

  @Override
  public void next() {
    drawTokens(vocabSize);
    System.arraycopy(tokens, tokens.length - targets.length, targets, 0, targets.length);
  }
}
