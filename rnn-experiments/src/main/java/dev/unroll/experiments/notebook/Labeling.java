package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Batch;
import dev.unroll.experiments.task.TaggedText;
import dev.unroll.experiments.task.TaggedText.Sentence;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Notebook 001's sequence labelling (many to many), in one direction and in both. */
final class Labeling {
  private static final String MAJORITY = "commonest tag of each word";
  private static final String FORWARD = "tanh RNN";
  private static final String BOTH = "tanh RNN in both directions";
  private static final Setting<Integer> SENTENCES = Setting.count("sentences", 1, MOST_DRAWN);

  static final Experiment EXPERIMENT =
      new Contest("accuracy", "fraction of words", true)
          .over(
              Experiment.of("labeling", Labeling::trial)
                  .settings(
                      new Settings()
                          .with(SENTENCES, 300)
                          .with(HELD_OUT, 300)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 32)
                          .with(EPOCHS, 100)
                          .with(LEARNING_RATE, .01))
                  .quick(
                      full ->
                          full.with(SENTENCES, 100)
                              .with(HELD_OUT, 100)
                              .with(HIDDEN_SIZE, 16)
                              .with(EPOCHS, 30)),
              Axis.of("model", all -> List.of(MAJORITY, FORWARD, BOTH)),
              new Match(FORWARD, MAJORITY),
              new Match(BOTH, FORWARD));

  private Labeling() {}

  private static Measured trial(TrialContext trial) {
    SplittableRandom random = trial.random("data");
    List<Sentence> training = draw(trial.get(SENTENCES), random);
    List<Sentence> heldOut = draw(trial.get(HELD_OUT), random);
    return new Measured()
        .put(
            "score",
            trial.text("model").equals(MAJORITY)
                ? majority(training, heldOut)
                : train(trial, training, heldOut));
  }

  private static List<Sentence> draw(int count, SplittableRandom random) {
    return Stream.generate(() -> TaggedText.draw(random)).limit(count).toList();
  }

  private static double majority(List<Sentence> training, List<Sentence> heldOut) {
    int[][] counts = new int[TaggedText.vocabularySize()][TaggedText.TAGS.size()];
    for (Sentence sentence : training) {
      for (int t = 0; t < sentence.words().size(); t++) {
        counts[sentence.words().get(t)][sentence.tags().get(t)]++;
      }
    }
    int right = 0;
    int all = 0;
    for (Sentence sentence : heldOut) {
      for (int t = 0; t < sentence.words().size(); t++) {
        int[] count = counts[sentence.words().get(t)];
        int most = Arrays.stream(count).max().orElse(0);
        right += count[sentence.tags().get(t)] == most ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  private static double train(TrialContext trial, List<Sentence> training, List<Sentence> heldOut) {
    Model model =
        model(
            trial,
            TaggedText.vocabularySize(),
            layer(trial, "rnn_tanh").withBidirectional(trial.text("model").equals(BOTH)),
            TaggedText.TAGS.size());
    batch(training).train(model, 5, trial);
    return batch(heldOut).accuracy(model);
  }

  private static Batch batch(List<Sentence> sentences) {
    return Batch.everyStep(
        sentences.stream().map(one -> array(one.words())).toList(),
        sentences.stream().map(one -> array(one.tags())).toList());
  }

  private static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
