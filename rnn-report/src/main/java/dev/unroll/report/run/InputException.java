package dev.unroll.report.run;

/**
 * Something the user gave, or the machine has, cannot be used. The message is one sentence for the
 * user: it names the input, what was expected and what to do.
 */
public final class InputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** An error with the sentence to show. */
  public InputException(String message) {
    super(message);
  }
}
