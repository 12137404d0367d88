package dev.unroll.experiments;

/**
 * Something the user gave cannot be used. The message is one sentence for the user: it names the
 * input, what was expected and what to do.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error with the sentence to show. */
  public InputException(String message) {
    super(message);
  }
}
