package dev.unroll.experiments.task;

import java.util.Arrays;

/**
 * A text in two parts, as tokens: one to learn from, and its end to be tested on.
 *
 * @param name where it comes from
 * @param training the first part
 * @param heldOut the rest
 * @param steps characters that a stream is read at a time
 * @param batch streams side by side
 */
public record HeldOutText(String name, int[] training, int[] heldOut, int steps, int batch) {
  /** The text of {@code corpus}, of which {@code fraction} is held out. */
  public static HeldOutText of(
      Corpus corpus, Vocabulary vocabulary, double fraction, int steps, int batch) {
    int[] tokens = vocabulary.encode(corpus.name(), corpus.text());
    int cut = (int) Math.round(tokens.length * (1 - fraction));
    return new HeldOutText(
        corpus.name(),
        Arrays.copyOf(tokens, cut),
        Arrays.copyOfRange(tokens, cut, tokens.length),
        steps,
        batch);
  }

  /** The part to learn from. */
  public Streams trainingStreams() {
    return new Streams("The training part of " + name, training, steps, batch);
  }

  /** As many streams as the held-out part has room for; the state is carried over all of it. */
  public Streams heldOutStreams() {
    int room = Math.clamp((heldOut.length - 1) / steps, 1, batch);
    return new Streams("The held-out part of " + name, heldOut, steps, room);
  }

  /** The held-out loss in nats of a model that knows only how frequent each token is. */
  public double unigram(int vocabSize) {
    double[] counts = new double[vocabSize];
    Arrays.fill(counts, 1);
    for (int token : training) {
      counts[token]++;
    }
    double total = Arrays.stream(counts).sum();
    double sum = 0;
    for (int token : heldOut) {
      sum -= StrictMath.log(counts[token] / total);
    }
    return sum / heldOut.length;
  }
}
