package dev.unroll.bench.gate;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.JsonLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pairs measured so far, a line of JSON each, so that a gate that is stopped goes on later.
 * Each line says what it is of; pairs of something else are not mixed with it.
 */
final class PairLog implements AutoCloseable {
  private final String subject;
  private final JsonLines<Line> lines;
  private final List<Pair> pairs = new ArrayList<>();

  /** A pair, and what it is of. */
  record Line(String subject, Pair pair) {}

  /**
   * Opens a file, or begins one.
   *
   * @param subject what is measured, such as a fingerprint of the build
   * @throws InputException if the file holds something else
   */
  PairLog(Path file, String subject) throws IOException {
    this.subject = subject;
    this.lines = JsonLines.open(file, Line.class);
    try {
      for (Line line : lines.read()) {
        if (!line.subject().equals(subject)) {
          throw new InputException(
              "%s holds pairs of another build or setting: move it away, or give another --output."
                  .formatted(file));
        }
        pairs.add(line.pair());
      }
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  List<Pair> pairs() {
    return List.copyOf(pairs);
  }

  void add(Pair pair) throws IOException {
    lines.append(new Line(subject, pair));
    pairs.add(pair);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
