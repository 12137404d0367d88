package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of different lengths side by side, padded, with the tokens that are asked for.
 *
 * @param steps T, the longest length
 * @param tokens {@code [T, B]}
 * @param lengths {@code [B]}
 * @param targets {@code [T, B]}, masked past each length, or {@code [B]}
 * @param readout which of the two
 */
public record Batch(int steps, int[] tokens, int[] lengths, int[] targets, Readout readout) {
  /** Sequences with a target for each of their tokens. */
  public static Batch everyStep(List<int[]> sequences, List<int[]> targets) {
    return everyStep(sequences, targets, 1);
  }

  /** As {@link #everyStep(List, List)}, of {@code least} steps where no sequence is longer. */
  public static Batch everyStep(List<int[]> sequences, List<int[]> targets, int least) {
    int steps = Math.max(least, longest(sequences));
    return of(
        sequences, steps, padded(targets, steps, SoftmaxCrossEntropy.MASKED), Readout.EVERY_STEP);
  }

  /** Sequences with one target each, at their end. */
  public static Batch lastStep(List<int[]> sequences, int[] targets) {
    return of(sequences, longest(sequences), targets, Readout.LAST_STEP);
  }

  private static Batch of(List<int[]> sequences, int steps, int[] targets, Readout readout) {
    int[] lengths = sequences.stream().mapToInt(one -> one.length).toArray();
    return new Batch(steps, padded(sequences, steps, 0), lengths, targets, readout);
  }

  private static int longest(List<int[]> rows) {
    return rows.stream().mapToInt(row -> row.length).max().orElse(1);
  }

  /** {@code [T, B]} from B rows. */
  private static int[] padded(List<int[]> rows, int steps, int padding) {
    int count = rows.size();
    int[] padded = new int[steps * count];
    Arrays.fill(padded, padding);
    for (int b = 0; b < count; b++) {
      int[] row = rows.get(b);
      for (int t = 0; t < row.length; t++) {
        padded[t * count + b] = row[t];
      }
    }
    return padded;
  }

  /**
   * Trains a model on the whole batch for {@link Learning#EPOCHS} steps of Adam.
   *
   * @param clipNorm largest global norm of the gradients
   * @return the loss before each step
   */
  public double[] train(Model model, double clipNorm, TrialContext trial) {
    Session session = model.session(steps, lengths.length, readout, true);
    Training training =
        new Training(model.parameters(), new Adam(trial.get(Learning.LEARNING_RATE)), clipNorm);
    double[] losses = new double[trial.get(Learning.EPOCHS)];
    for (int epoch = 0; epoch < losses.length; epoch++) {
      losses[epoch] = training.step(() -> loss(session), session::backward);
      trial.progress((epoch + 1.0) / (losses.length + 1));
    }
    return losses;
  }

  /** The loss in nats of a model. */
  public double loss(Model model) {
    return loss(testing(model));
  }

  /** The fraction of targets that a model gives. */
  public double accuracy(Model model) {
    Session session = testing(model);
    loss(session);
    return (double) session.correct() / session.count();
  }

  private Session testing(Model model) {
    return model.session(steps, lengths.length, readout, false);
  }

  /** The loss in nats of a session of this shape. */
  public double loss(Session session) {
    session.forward(tokens, null, lengths, null);
    return session.crossEntropy(targets);
  }
}
