package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.train.Model;
import dev.unroll.train.ModelStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Predicting the next token of sequences that begin with a start token and end with an end token: a
 * recurrent model of it, and counts of one or two tokens as baselines.
 *
 * @param vocabSize tokens, start and end among them
 * @param training sequences to learn from, start and end token included
 * @param heldOut sequences to be tested on
 */
public record NextToken(int vocabSize, List<int[]> training, List<int[]> heldOut) {

  /** Held-out nats a token of a model that knows how frequent each token is. */
  public double unigram() {
    double[] counts = new double[vocabSize];
    Arrays.fill(counts, 1);
    double total = vocabSize;
    for (int[] sequence : training) {
      for (int t = 1; t < sequence.length; t++) {
        counts[sequence[t]]++;
        total++;
      }
    }
    double sum = 0;
    int tokens = 0;
    for (int[] sequence : heldOut) {
      for (int t = 1; t < sequence.length; t++) {
        sum -= StrictMath.log(counts[sequence[t]] / total);
        tokens++;
      }
    }
    return sum / tokens;
  }

  /** Held-out nats a token of a model that knows how frequent each token is after each other. */
  public double bigram() {
    double[][] counts = new double[vocabSize][vocabSize];
    for (double[] row : counts) {
      // A tenth of a count for what was never seen suits sets as small as these.
      Arrays.fill(row, .1);
    }
    for (int[] sequence : training) {
      for (int t = 1; t < sequence.length; t++) {
        counts[sequence[t - 1]][sequence[t]]++;
      }
    }
    double sum = 0;
    int tokens = 0;
    for (int[] sequence : heldOut) {
      for (int t = 1; t < sequence.length; t++) {
        double[] row = counts[sequence[t - 1]];
        sum -= StrictMath.log(row[sequence[t]] / Arrays.stream(row).sum());
        tokens++;
      }
    }
    return sum / tokens;
  }

  /**
   * Trains a model of a cell on all sequences at once, as {@link Learning}'s settings say.
   *
   * @param cell the cell
   * @param trial the trial, with its settings
   */
  public Model train(String cell, TrialContext trial) {
    Model model = Learning.model(trial, vocabSize, Learning.layer(trial, cell), vocabSize);
    batch(training).train(model, 5, trial);
    return model;
  }

  /** Held-out nats a token of {@code model}. */
  public double loss(Model model) {
    return batch(heldOut).loss(model);
  }

  private static Batch batch(List<int[]> sequences) {
    return Batch.everyStep(
        sequences.stream().map(one -> Arrays.copyOf(one, one.length - 1)).toList(),
        sequences.stream().map(one -> Arrays.copyOfRange(one, 1, one.length)).toList());
  }

  /** Draws a sequence from the start token to the end token, both left out. */
  public static int[] draw(
      Model model, int start, int end, int most, double temperature, RandomGenerator random) {
    ModelStream stream = model.stream(1);
    List<Integer> drawn = new ArrayList<>();
    int token = start;
    while (drawn.size() < most) {
      token = CharModel.draw(stream.step(token), temperature, random);
      if (token == end) {
        break;
      }
      drawn.add(token);
    }
    return drawn.stream().mapToInt(Integer::intValue).toArray();
  }
}
