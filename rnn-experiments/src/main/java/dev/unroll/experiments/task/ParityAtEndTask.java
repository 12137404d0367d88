package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.random.RandomGenerator;

/**
 * Parity of bit strings of many lengths, asked for at the end only (the protocol of Grazzi et al.
 * 2025, after Beck et al. 2024).
 */
public final class ParityAtEndTask implements Task {
  private final int shortest;
  private final ParityTask bits;
  private final RandomGenerator random;
  private final int[] lengths;
  private final int[] targets;

  /**
   * Batches whose sequences each have a length from {@code shortest} to {@code longest}, all alike
   * likely.
   */
  public ParityAtEndTask(int shortest, int longest, int batch, RandomGenerator random) {
    this.shortest = shortest;
    this.random = random;
    bits = new ParityTask(longest, batch, random);
    lengths = new int[batch];
    targets = new int[batch];
  }

  @Override
  public int steps() {
    return bits.steps();
  }

  @Override
  public int batch() {
    return lengths.length;
  }

  @Override
  public Readout readout() {
    return Readout.LAST_STEP;
  }

  @Override
  public void next() {
    bits.next();
    for (int b = 0; b < lengths.length; b++) {
      lengths[b] = random.nextInt(shortest, steps() + 1);
      targets[b] = bits.targets()[(lengths[b] - 1) * lengths.length + b];
    }
  }

  @Override
  public void forward(Session session) {
    session.forward(bits.tokens(), null, lengths, null);
  }

  @Override
  public double loss(Session session) {
    return session.crossEntropy(targets);
  }

  @Override
  public double score(Session session) {
    return TokenTask.right(session);
  }

  /** The bits {@code [longest, B]}, also past each length. */
  public int[] tokens() {
    return bits.tokens();
  }

  /** The length of each sequence {@code [B]}. */
  public int[] lengths() {
    return lengths;
  }

  /** The parity of each sequence {@code [B]}. */
  public int[] targets() {
    return targets;
  }
}
