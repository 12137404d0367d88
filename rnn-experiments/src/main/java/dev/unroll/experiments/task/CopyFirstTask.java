package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.random.RandomGenerator;

/**
 * Remember the first token of a random sequence and tell it at the end (notebook 001's memory
 * test).
 */
public final class CopyFirstTask implements Task {
  private final int steps;
  private final int batch;
  private final int vocabSize;
  private final RandomGenerator random;

  /** The input {@code [T, B]} of the last batch. */
  private final int[] tokens;

  /** The first token of each sequence {@code [B]}. */
  private final int[] targets;

  /** Batches of one shape. */
  public CopyFirstTask(int steps, int batch, int vocabSize, RandomGenerator random) {
    this.steps = steps;
    this.batch = batch;
    this.vocabSize = vocabSize;
    this.random = random;
    tokens = new int[steps * batch];
    targets = new int[batch];
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public Readout readout() {
    return Readout.LAST_STEP;
  }

  /** Draws the next batch into {@link #tokens()} and {@link #targets()}. */
  @Override
  public void next() {
    for (int i = 0; i < steps * batch; i++) {
      tokens[i] = random.nextInt(vocabSize);
    }
    System.arraycopy(tokens, 0, targets, 0, batch);
  }

  @Override
  public void forward(Session session) {
    session.forward(tokens);
  }

  @Override
  public double loss(Session session) {
    return session.crossEntropy(targets);
  }

  @Override
  public double score(Session session) {
    return (double) session.correct() / session.count();
  }

  /** The input {@code [T, B]}. */
  public int[] tokens() {
    return tokens;
  }

  /** What is to be told at the end {@code [B]}. */
  public int[] targets() {
    return targets;
  }
}
