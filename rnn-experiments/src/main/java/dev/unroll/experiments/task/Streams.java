package dev.unroll.experiments.task;

import dev.unroll.report.run.InputException;

/**
 * A text cut into {@code batch} streams that are read side by side, {@code steps} characters at a
 * time, so that the state can be carried from one window to the next.
 */
public final class Streams {
  private final int[] text;
  private final int steps;
  private final int batch;
  private final int streamLength;
  private final int[] tokens;
  private final int[] targets;
  private int window;

  /**
   * Streams over {@code text}.
   *
   * @param owner whose text it is, for the message
   * @throws InputException when the text is too short for one window
   */
  public Streams(String owner, int[] text, int steps, int batch) {
    long least = (long) batch * steps + 1;
    if (text.length < least) {
      throw new InputException(
          "%s has %d characters, but seq_length %d and batch_size %d need at least %d: give a longer text or smaller values."
              .formatted(owner, text.length, steps, batch, least));
    }
    this.text = text;
    this.steps = steps;
    this.batch = batch;
    streamLength = (text.length - 1) / batch;
    tokens = new int[steps * batch];
    targets = new int[steps * batch];
  }

  /** Windows until the text begins again. */
  public int windows() {
    return streamLength / steps;
  }

  /** Characters that are read at a time. */
  public int steps() {
    return steps;
  }

  /** Streams side by side. */
  public int batch() {
    return batch;
  }

  /**
   * Reads the next window into {@link #tokens()} and {@link #targets()}.
   *
   * @return whether the streams began again, so that a carried state has to be cleared
   */
  public boolean next() {
    window = window == windows() ? 0 : window;
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        int at = b * streamLength + window * steps + t;
        tokens[t * batch + b] = text[at];
        targets[t * batch + b] = text[at + 1];
      }
    }
    window++;
    return window == 1;
  }

  /** The input {@code [T, B]}. */
  public int[] tokens() {
    return tokens;
  }

  /** The next characters {@code [T, B]}. */
  public int[] targets() {
    return targets;
  }
}
