package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Adam;
import dev.unroll.train.EarlyStopping;
import dev.unroll.train.Model;
import dev.unroll.train.ModelStream;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Predicting the next token of sequences that begin with a start token and end with an end token: a
 * recurrent model of it, and counts as the bar.
 *
 * @param vocabSize tokens, start and end among them
 * @param start the start token
 * @param training sequences to learn from, start and end token included
 * @param validation sequences to choose by
 * @param test sequences that nothing is chosen by
 */
public record NextToken(
    int vocabSize, int start, List<int[]> training, List<int[]> validation, List<int[]> test) {
  private static final double CLIP_NORM = 5;

  /** Looks at the validation sequences in one training. */
  private static final int LOOKS = 100;

  /**
   * The loss on the test sequences, in nats a token, of a Kneser-Ney model of n-grams.
   *
   * @param order n
   */
  public double counted(int order) {
    KneserNey model = new KneserNey(joined(training, order), vocabSize, order);
    return counted(model, test);
  }

  /** As {@link #counted(int)}, with the order up to {@code longest} that suits the validation. */
  public double countedBest(int longest) {
    int best = 1;
    double lowest = Double.POSITIVE_INFINITY;
    for (int order = 1; order <= longest; order++) {
      KneserNey model = new KneserNey(joined(training, order), vocabSize, order);
      double loss = counted(model, validation);
      if (loss < lowest) {
        lowest = loss;
        best = order;
      }
    }
    return counted(best);
  }

  /** One after the other, with as many start tokens between as the longest context has. */
  private int[] joined(List<int[]> sequences, int order) {
    int[] before = new int[Math.max(0, order - 2)];
    Arrays.fill(before, start);
    return sequences.stream()
        .flatMap(sequence -> Stream.of(before, sequence))
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  private double counted(KneserNey model, List<int[]> sequences) {
    int[] text = joined(sequences, model.order());
    double sum = 0;
    int tokens = 0;
    for (int place = 0; place < text.length; place++) {
      int token = text[place];
      if (token != start) {
        // No sequence begins within another.
        text[place] = start;
        double possible = 1 - model.probability(text, place);
        text[place] = token;
        sum -= StrictMath.log(model.probability(text, place) / possible);
        tokens++;
      }
    }
    return sum / tokens;
  }

  /**
   * The loss on the test sequences, in nats a token, of a model that counts which token follows
   * which at each place. What it has not seen there it takes from all places together, as if that
   * had been seen once.
   */
  public double placed() {
    KneserNey anywhere = new KneserNey(joined(training, 2), vocabSize, 2);
    int places =
        Stream.concat(training.stream(), test.stream()).mapToInt(s -> s.length).max().orElse(1);
    int[][][] counts = new int[places][vocabSize][vocabSize];
    int[][] totals = new int[places][vocabSize];
    for (int[] sequence : training) {
      for (int t = 1; t < sequence.length; t++) {
        counts[t][sequence[t - 1]][sequence[t]]++;
        totals[t][sequence[t - 1]]++;
      }
    }
    double sum = 0;
    int tokens = 0;
    for (int[] sequence : test) {
      for (int t = 1; t < sequence.length; t++) {
        int last = sequence[t - 1];
        double seen = counts[t][last][sequence[t]] + anywhere.probability(sequence, t);
        sum -= StrictMath.log(seen / (totals[t][last] + 1));
        tokens++;
      }
    }
    return sum / tokens;
  }

  /**
   * Trains a model of a cell on batches drawn from the training sequences, as {@link Learning}'s
   * settings say, and keeps the parameters that suit the validation sequences best.
   *
   * @param cell the cell
   * @param trial the trial, with its settings
   */
  public Model train(String cell, TrialContext trial) {
    Model model = Learning.model(trial, vocabSize, Learning.layer(trial, cell), vocabSize);
    int samples = trial.get(Learning.SAMPLES);
    int steps = trial.get(Learning.STEPS);
    int longest = training.stream().mapToInt(sequence -> sequence.length - 1).max().orElse(1);
    Training descent =
        new Training(model.parameters(), new Adam(trial.get(Learning.LEARNING_RATE)), CLIP_NORM);
    EarlyStopping best = new EarlyStopping(model.parameters(), Integer.MAX_VALUE, 0);
    Batch kept = batch(validation, 1);
    SplittableRandom random = trial.random("batches");
    Session session = model.session(longest, samples, kept.readout(), true);
    for (int step = 1; step <= steps; step++) {
      Batch batch =
          batch(random.ints(samples, 0, training.size()).mapToObj(training::get).toList(), longest);
      double loss = descent.step(() -> batch.loss(session), session::backward);
      if (step % Math.max(1, steps / LOOKS) == 0 || step == steps) {
        best.update(kept.loss(model));
      }
      trial.progress(step / (steps + 1.0), Numbers.format("loss %.3f", loss));
    }
    best.restore();
    return model;
  }

  /** The loss on the test sequences, in nats a token, of {@code model}. */
  public double loss(Model model) {
    return batch(test, 1).loss(model);
  }

  private static Batch batch(List<int[]> sequences, int steps) {
    return Batch.everyStep(
        sequences.stream().map(one -> Arrays.copyOf(one, one.length - 1)).toList(),
        sequences.stream().map(one -> Arrays.copyOfRange(one, 1, one.length)).toList(),
        steps);
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
