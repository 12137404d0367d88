package dev.unroll.experiments.task;

import dev.unroll.report.run.InputException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The characters of a text, numbered in the order of their code points. */
public final class Vocabulary {
  private final int[] codePoints;
  private final Map<Integer, Integer> tokens = new HashMap<>();

  /** A vocabulary of these code points, in this order. */
  public Vocabulary(int[] codePoints) {
    this.codePoints = codePoints.clone();
    for (int i = 0; i < codePoints.length; i++) {
      tokens.put(codePoints[i], i);
    }
  }

  /** The characters that occur in {@code text}. */
  public static Vocabulary of(String text) {
    return new Vocabulary(text.codePoints().sorted().distinct().toArray());
  }

  /** How many characters there are. */
  public int size() {
    return codePoints.length;
  }

  /**
   * The text as tokens.
   *
   * @param owner whose text it is, for the message
   * @throws InputException when a character is not in the vocabulary
   */
  public int[] encode(String owner, String text) {
    return text.codePoints()
        .map(
            codePoint -> {
              Integer token = tokens.get(codePoint);
              if (token == null) {
                throw new InputException(
                    owner
                        + " has the character '"
                        + Character.toString(codePoint)
                        + "' (U+%04X), which the model was not trained on: leave it out."
                            .formatted(codePoint));
              }
              return token;
            })
        .toArray();
  }

  /** One character. */
  public String decode(int token) {
    return Character.toString(codePoints[token]);
  }

  /** Tokens as text. */
  public String decode(int[] text) {
    StringBuilder decoded = new StringBuilder();
    Arrays.stream(text).forEach(token -> decoded.appendCodePoint(codePoints[token]));
    return decoded.toString();
  }

  /** All characters in order, as one text; {@link #of} gives the vocabulary back. */
  public String characters() {
    return new String(codePoints, 0, codePoints.length);
  }
}
