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
import dev.unroll.experiments.task.Reviews;
import dev.unroll.report.chart.CellNames;
import dev.unroll.train.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Exercise 4 of notebook 001: praise or blame from a whole text (many to one). */
final class Sentiment {
  private static final String MAJORITY = "majority class";
  private static final String BAG = "bag of words";

  /** A file of {@code label<tab>text} lines, or empty for generated reviews. */
  private static final Setting<String> REVIEWS = Setting.text("reviews");

  private static final Setting<Integer> COUNT = Setting.count("count", 10, MOST_DRAWN);
  private static final Setting<Double> HELD_OUT_FRACTION = fraction("held_out_fraction");
  private static final Setting<Integer> MAX_WORDS = Setting.count("max_words", 1);

  static final Experiment EXPERIMENT =
      new Contest("accuracy", "fraction of reviews", true)
          .over(
              Experiment.of("sentiment", Sentiment::trial)
                  .settings(
                      new Settings()
                          .with(REVIEWS, "")
                          .with(COUNT, 600)
                          .with(HELD_OUT_FRACTION, .3)
                          .with(MAX_WORDS, 40)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 32)
                          .with(EPOCHS, 100)
                          .with(LEARNING_RATE, .01))
                  .quick(
                      full ->
                          full.with(COUNT, 200)
                              .with(EMBEDDING_SIZE, 8)
                              .with(HIDDEN_SIZE, 16)
                              .with(EPOCHS, 20))
                  .reads(
                      all ->
                          all.get(REVIEWS).isEmpty()
                              ? ""
                              : Integer.toHexString(
                                  Reviews.read(Path.of(all.get(REVIEWS))).hashCode())),
              Axis.of("model", all -> List.of(MAJORITY, BAG, "rnn_tanh", "lstm"))
                  .labelled(CellNames::label),
              new Match("rnn_tanh", MAJORITY),
              new Match("lstm", MAJORITY),
              new Match("lstm", BAG));

  private Sentiment() {}

  private static Measured trial(TrialContext trial) {
    Reviews all =
        trial.get(REVIEWS).isEmpty()
            ? Reviews.generate(trial.get(COUNT), trial.random("reviews"))
            : Reviews.read(Path.of(trial.get(REVIEWS)));
    List<Integer> order = new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
    Collections.shuffle(order, Random.from(trial.random("split")));
    int cut = Math.max(1, (int) (all.size() * trial.get(HELD_OUT_FRACTION)));
    Reviews heldOut = all.only(order.subList(0, cut));
    Reviews training = all.only(order.subList(cut, order.size()));
    double score =
        switch (trial.text("model")) {
          case MAJORITY -> majority(training, heldOut);
          case BAG -> bag(training, heldOut);
          default -> train(trial, training, heldOut);
        };
    return new Measured().put("score", score);
  }

  private static double majority(Reviews training, Reviews heldOut) {
    double praise = training.labels().stream().mapToInt(label -> label).average().orElse(0);
    int guess = praise >= .5 ? 1 : 0;
    return (double) Collections.frequency(heldOut.labels(), guess) / heldOut.size();
  }

  /** Naive Bayes on which words occur, with one count for each word unseen. */
  private static double bag(Reviews training, Reviews heldOut) {
    List<Map<String, Integer>> counts = List.of(new HashMap<>(), new HashMap<>());
    double[] totals = new double[2];
    double[] prior = {1, 1};
    for (int i = 0; i < training.size(); i++) {
      int label = training.labels().get(i);
      prior[label]++;
      for (String word : training.texts().get(i)) {
        counts.get(label).merge(word, 1, Integer::sum);
        totals[label]++;
      }
    }
    int right = 0;
    for (int i = 0; i < heldOut.size(); i++) {
      double[] score = {StrictMath.log(prior[0]), StrictMath.log(prior[1])};
      for (String word : heldOut.texts().get(i)) {
        for (int label = 0; label < 2; label++) {
          int count = counts.get(label).getOrDefault(word, 0);
          score[label] += StrictMath.log((count + 1) / (totals[label] + 1));
        }
      }
      right += (score[1] > score[0] ? 1 : 0) == heldOut.labels().get(i) ? 1 : 0;
    }
    return (double) right / heldOut.size();
  }

  private static double train(TrialContext trial, Reviews training, Reviews heldOut) {
    // 0 stands for every word that was not trained on.
    Map<String, Integer> words = new HashMap<>();
    training
        .texts()
        .forEach(text -> text.forEach(word -> words.putIfAbsent(word, words.size() + 1)));
    Model model = model(trial, words.size() + 1, layer(trial, trial.text("model")), 2);
    batch(training, words, trial.get(MAX_WORDS)).train(model, 5, trial);
    return batch(heldOut, words, trial.get(MAX_WORDS)).accuracy(model);
  }

  private static Batch batch(Reviews reviews, Map<String, Integer> words, int most) {
    return Batch.lastStep(
        reviews.texts().stream()
            .map(
                text ->
                    text.stream()
                        .limit(most)
                        .mapToInt(word -> words.getOrDefault(word, 0))
                        .toArray())
            .toList(),
        reviews.labels().stream().mapToInt(label -> label).toArray());
  }
}
