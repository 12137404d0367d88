package dev.unroll.report.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A file of words for {@code java @FILE}. */
public final class ArgumentFile {
  private ArgumentFile() {}

  /** Writes it; a word may hold blanks, quotes and backslashes. */
  public static void write(Path file, List<String> words) throws IOException {
    AtomicFile.write(
        file,
        words.stream()
            .map(word -> '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n")
            .collect(Collectors.joining()));
  }
}
