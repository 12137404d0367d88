package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.random.RandomGenerator;

/** Strings of a {@link FormalLanguage}, asked about at a range of lengths. */
public final class FormalLanguageTask extends TokenTask {
  private final FormalLanguage language;
  private final int shortest;
  private final int[] string;
  private final int[] asked;

  /**
   * Batches of one shape.
   *
   * @param shortest length that is asked about, at least 1
   * @param longest length
   */
  public FormalLanguageTask(
      FormalLanguage language, int shortest, int longest, int batch, RandomGenerator random) {
    super(language.steps(longest), batch, Readout.EVERY_STEP, random);
    this.language = language;
    this.shortest = shortest;
    string = new int[steps()];
    asked = new int[steps()];
  }

  @Override
  public void next() {
    for (int b = 0; b < batch(); b++) {
      language.write(shortest, string, asked, random);
      for (int t = 0; t < steps(); t++) {
        tokens[t * batch() + b] = string[t];
        targets[t * batch() + b] = asked[t];
      }
    }
  }

  /** The fraction of all answers that are right. */
  @Override
  public double score(Session session) {
    return right(session);
  }
}
