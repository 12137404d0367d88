package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Setting;

/** The text that notebook 001 trains its character models on: eight sayings in lower case. */
public final class Proverbs {
  /** The text, without the newline at its end. */
  public static final String TEXT =
      """
      the quick brown fox jumps over the lazy dog.
      a journey of a thousand miles begins with a single step.
      to be or not to be that is the question.
      all that glitters is not gold.
      the only thing we have to fear is fear itself.
      in the beginning was the word and the word was with god.
      to infinity and beyond.
      may the force be with you.\
      """
          .stripIndent();

  /** Steps of a window, which has to fit into the text. */
  public static final Setting<Integer> WINDOW =
      Learning.SEQ_LENGTH.require(steps -> steps < 300, "must be at least 1 and below 300.");

  private Proverbs() {}
}
