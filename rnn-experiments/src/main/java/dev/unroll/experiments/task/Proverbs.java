package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  /** Windows of that many characters side by side, each with the characters that follow. */
  public static Batch batch(int steps) {
    int[] text = Vocabulary.of(TEXT).encode("the text", TEXT);
    List<int[]> windows = new ArrayList<>();
    List<int[]> next = new ArrayList<>();
    for (int start = 0; start < text.length - steps - 1; start += steps) {
      windows.add(Arrays.copyOfRange(text, start, start + steps));
      next.add(Arrays.copyOfRange(text, start + 1, start + steps + 1));
    }
    return Batch.everyStep(windows, next);
  }
}
