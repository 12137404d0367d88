package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import java.util.random.RandomGenerator;

/**
 * The word problem of a group of permutations: each token is one of its elements, each as likely as
 * the others, and after each step the composition of all so far is asked for.
 */
public final class PermutationTask extends TokenTask {
  private final PermutationGroup group;

  /** Batches of one shape. */
  public PermutationTask(PermutationGroup group, int steps, int batch, RandomGenerator random) {
    super(steps, batch, Readout.EVERY_STEP, random);
    this.group = group;
  }

  @Override
  public void next() {
    drawTokens(group.size());
    for (int i = 0; i < tokens.length; i++) {
      targets[i] = i < batch() ? tokens[i] : group.product(tokens[i], targets[i - batch()]);
    }
  }
}
