package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.TaggedText;
import dev.unroll.experiments.task.TaggedText.Sentence;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Seed 001's sequence labelling (many to many), in one direction and in both. */
final class Labeling extends Contest<Labeling.Config> {
  private static final String MAJORITY = "commonest tag of each word";
  private static final String FORWARD = "tanh RNN";
  private static final String BOTH = "tanh RNN in both directions";

  /**
   * The settings.
   *
   * @param sentences sentences to train on
   * @param heldOut sentences to test on
   * @param embeddingSize width of the embedding
   * @param hiddenSize H of each direction
   * @param epochs training steps, each on all sentences
   * @param learningRate Adam's
   */
  record Config(
      int sentences,
      int heldOut,
      int embeddingSize,
      int hiddenSize,
      int epochs,
      double learningRate) {
    Config {
      Configs.require(sentences >= 1, "sentences must be at least 1.");
      Configs.require(heldOut >= 1, "held_out must be at least 1.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(epochs >= 1, "epochs must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
    }
  }

  Labeling() {
    super(
        "labeling",
        "does a tagger need to look ahead?",
        5,
        new Config(300, 300, 16, 32, 100, .01),
        new Config(100, 100, 16, 16, 30, .01),
        "accuracy",
        "fraction of words",
        true);
  }

  /** Sentences side by side, padded: words and tags {@code [T, B]}. */
  private record Batch(int steps, int[] words, int[] tags, int[] lengths) {
    static Batch draw(int count, SplittableRandom random) {
      List<Sentence> sentences =
          IntStream.range(0, count).mapToObj(i -> TaggedText.draw(random)).toList();
      int steps = sentences.stream().mapToInt(one -> one.words().size()).max().orElse(1);
      int[] words = new int[steps * count];
      int[] tags = new int[steps * count];
      Arrays.fill(tags, SoftmaxCrossEntropy.MASKED);
      int[] lengths = new int[count];
      for (int b = 0; b < count; b++) {
        Sentence sentence = sentences.get(b);
        lengths[b] = sentence.words().size();
        for (int t = 0; t < lengths[b]; t++) {
          words[t * count + b] = sentence.words().get(t);
          tags[t * count + b] = sentence.tags().get(t);
        }
      }
      return new Batch(steps, words, tags, lengths);
    }

    int count() {
      return lengths.length;
    }
  }

  @Override
  List<String> models(Config config) {
    return List.of(MAJORITY, FORWARD, BOTH);
  }

  @Override
  List<Match> matches(Config config) {
    return List.of(new Match(FORWARD, MAJORITY), new Match(BOTH, FORWARD));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    SplittableRandom random = context.random("data");
    Batch training = Batch.draw(config.sentences(), random);
    Batch heldOut = Batch.draw(config.heldOut(), random);
    double score =
        trial.text("model").equals(MAJORITY)
            ? majority(training, heldOut)
            : train(config, training, heldOut, trial.text("model").equals(BOTH), context);
    return figures().put("score", score);
  }

  private static double majority(Batch training, Batch heldOut) {
    int[][] counts = new int[TaggedText.vocabularySize()][TaggedText.TAGS.size()];
    for (int i = 0; i < training.tags().length; i++) {
      if (training.tags()[i] >= 0) {
        counts[training.words()[i]][training.tags()[i]]++;
      }
    }
    int right = 0;
    int all = 0;
    for (int i = 0; i < heldOut.tags().length; i++) {
      if (heldOut.tags()[i] >= 0) {
        int[] count = counts[heldOut.words()[i]];
        int most = Arrays.stream(count).max().orElse(0);
        right += count[heldOut.tags()[i]] == most ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  private static double train(
      Config config, Batch training, Batch heldOut, boolean both, TrialContext context) {
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named("rnn_tanh"), config.embeddingSize(), config.hiddenSize())
            .withBidirectional(both);
    Model model =
        new Model(
            new Model.Config(TaggedText.vocabularySize(), recurrent, TaggedText.TAGS.size()),
            context.random("weights"));
    Session session =
        model.session(training.steps(), training.count(), Readout.EVERY_STEP, true, Team.single());
    Training steps = new Training(model.parameters(), new Adam(config.learningRate()), 5);
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      steps.step(
          () -> {
            session.forward(training.words(), null, training.lengths(), null);
            return session.crossEntropy(training.tags());
          },
          session::backward);
      context.progress((epoch + 1.0) / config.epochs());
    }
    Session test =
        model.session(heldOut.steps(), heldOut.count(), Readout.EVERY_STEP, false, Team.single());
    test.forward(heldOut.words(), null, heldOut.lengths(), null);
    test.crossEntropy(heldOut.tags());
    return (double) test.correct() / test.count();
  }

  @Override
  Result.Story story(Outcome<Config> outcome, Map<String, Figure> scores) {
    return new Result.Story(
        "Does a tagger need to look ahead?",
        Numbers.format(
            "%d generated sentences of 5 to 8 words with a tag for each word, %d others to test on;"
                + " some words are adjective or noun by what follows (the light box, the light"
                + " falls), others noun or verb by what went before. Padded steps are masked.",
            outcome.config().sentences(), outcome.config().heldOut()),
        "Seed 001 defines a labelling RNN and a bidirectional one, and runs neither: each position"
            + " now has information from both directions.",
        "Accuracy on unseen sentences: "
            + String.join(
                ", ",
                scores.entrySet().stream()
                    .map(one -> Numbers.format("%s %.3f", one.getKey(), one.getValue().mean()))
                    .toList())
            + ".",
        "One direction resolves what the words before decide and has to guess the rest; the other"
            + " direction brings exactly the words that follow. The sentences are generated, so"
            + " that the best possible score is 1.");
  }
}
