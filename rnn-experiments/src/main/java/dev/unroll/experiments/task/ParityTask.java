package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.random.RandomGenerator;

/**
 * Parity as tracking of a state: at each step of a random bit string, whether the ones so far are
 * odd in number. It is the smallest problem that a fixed number of additions and comparisons cannot
 * do at every length.
 */
public final class ParityTask implements Task {
  private final int steps;
  private final int batch;
  private final RandomGenerator random;
  private final int[] tokens;
  private final int[] targets;

  /** Batches of one shape. */
  public ParityTask(int steps, int batch, RandomGenerator random) {
    this.steps = steps;
    this.batch = batch;
    this.random = random;
    tokens = new int[steps * batch];
    targets = new int[steps * batch];
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
    return Readout.EVERY_STEP;
  }

  @Override
  public void next() {
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = random.nextInt(2);
      targets[i] = i < batch ? tokens[i] : tokens[i] ^ targets[i - batch];
    }
  }

  @Override
  public void forward(Session session) {
    session.forward(tokens);
  }

  @Override
  public double loss(Session session) {
    return session.crossEntropy(targets);
  }

  /** The fraction of sequences whose last step, which has seen every bit, is right. */
  @Override
  public double score(Session session) {
    return score(session, steps - 1);
  }

  /** The fraction of sequences that are right at {@code step}, counted from 0. */
  public double score(Session session, int step) {
    int right = 0;
    for (int i = step * batch; i < (step + 1) * batch; i++) {
      right += session.predictions()[i] == targets[i] ? 1 : 0;
    }
    return (double) right / batch;
  }

  /** The bits {@code [T, B]}. */
  public int[] tokens() {
    return tokens;
  }

  /** The parity of the bits so far {@code [T, B]}. */
  public int[] targets() {
    return targets;
  }
}
