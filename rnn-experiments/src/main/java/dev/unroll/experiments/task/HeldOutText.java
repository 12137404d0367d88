package dev.unroll.experiments.task;

import java.util.Arrays;

/**
 * A text in three parts, as tokens: one to learn from, one to choose by, and its end to be tested
 * on.
 *
 * @param name where it comes from
 * @param training the first part
 * @param validation the second: what decides when to stop and which settings are taken
 * @param test the rest, which nothing is chosen by
 * @param steps characters that a stream is read at a time
 * @param batch streams side by side
 */
public record HeldOutText(
    String name, int[] training, int[] validation, int[] test, int steps, int batch) {
  /**
   * The text of {@code corpus}.
   *
   * @param fraction how much of the text is in each of the last two parts
   */
  public static HeldOutText of(
      Corpus corpus, Vocabulary vocabulary, double fraction, int steps, int batch) {
    int[] tokens = vocabulary.encode(corpus.name(), corpus.text());
    int part = (int) Math.round(tokens.length * fraction);
    int cut = tokens.length - 2 * part;
    return new HeldOutText(
        corpus.name(),
        Arrays.copyOf(tokens, cut),
        Arrays.copyOfRange(tokens, cut, cut + part),
        Arrays.copyOfRange(tokens, cut + part, tokens.length),
        steps,
        batch);
  }

  /**
   * Checks that every part can be read.
   *
   * @throws dev.unroll.report.run.InputException when one is too short for one window
   */
  public void requireLongEnough() {
    trainingStreams();
    validationStreams();
    testStreams();
  }

  /** The part to learn from. */
  public Streams trainingStreams() {
    return new Streams("The training part of " + name, training, steps, batch);
  }

  /** The part to choose by, as {@link #testStreams}. */
  public Streams validationStreams() {
    return heldOut("validation", validation);
  }

  /** As many streams as the last part has room for; the state is carried over all of it. */
  public Streams testStreams() {
    return heldOut("test", test);
  }

  private Streams heldOut(String part, int[] tokens) {
    int room = Math.clamp((tokens.length - 1) / steps, 1, batch);
    return new Streams("The " + part + " part of " + name, tokens, steps, room);
  }
}
