package dev.unroll.experiments.task;

/** The text that seed 001 trains its character models on: eight sayings in lower case. */
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

  private Proverbs() {}
}
