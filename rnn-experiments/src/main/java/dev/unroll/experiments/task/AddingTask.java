package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The adding problem (Hochreiter and Schmidhuber 1997, in the form of Le, Jaitly and Hinton 2015):
 * at each step a number from U(0, 1) and a mark, which is 1 at one step of either half; the sum of
 * the two marked numbers is to be told at the end. Always answering 1 has a mean squared error of
 * 1/6.
 */
public final class AddingTask implements Task {
  /** Features of a step: the number and the mark. */
  public static final int INPUT_SIZE = 2;

  /** The mean squared error of the answer 1: twice the variance of U(0, 1). */
  public static final double BASELINE = 1 / 6.0;

  private final int steps;
  private final int batch;
  private final RandomGenerator random;

  /** {@code [T, B, 2]}. */
  private final float[] features;

  /** {@code [B]}. */
  private final float[] targets;

  private double loss;

  /**
   * Batches of one shape.
   *
   * @throws IllegalArgumentException if there is no step for either mark
   */
  public AddingTask(int steps, int batch, RandomGenerator random) {
    if (steps < 2) {
      throw new IllegalArgumentException(
          "The adding problem at T = " + steps + " has no room for two marks: give 2 or more.");
    }
    this.steps = steps;
    this.batch = batch;
    this.random = random;
    features = new float[steps * batch * INPUT_SIZE];
    targets = new float[batch];
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

  @Override
  public void next() {
    Arrays.fill(features, 0f);
    for (int row = 0; row < steps * batch; row++) {
      features[row * INPUT_SIZE] = random.nextFloat();
    }
    for (int b = 0; b < batch; b++) {
      int first = random.nextInt(steps / 2) * batch + b;
      int second = random.nextInt(steps / 2, steps) * batch + b;
      features[first * INPUT_SIZE + 1] = 1f;
      features[second * INPUT_SIZE + 1] = 1f;
      targets[b] = features[first * INPUT_SIZE] + features[second * INPUT_SIZE];
    }
  }

  @Override
  public void forward(Session session) {
    session.forward(features);
  }

  @Override
  public double loss(Session session) {
    loss = session.meanSquaredError(targets, null);
    return loss;
  }

  /** How much of the {@link #BASELINE} is gone: 1 for exact sums, negative for worse answers. */
  @Override
  public double score(Session session) {
    return 1 - loss / BASELINE;
  }

  /** The input {@code [T, B, 2]}: number, mark. */
  public float[] features() {
    return features;
  }

  /** The sums {@code [B]}. */
  public float[] targets() {
    return targets;
  }
}
