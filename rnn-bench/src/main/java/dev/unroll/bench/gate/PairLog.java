package dev.unroll.bench.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The pairs measured so far, a line of JSON each, so that what is stopped goes on later. The first
 * line says what is being measured; pairs of something else are not mixed with it.
 */
final class PairLog {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final List<Pair> pairs = new ArrayList<>();

  /** What the pairs of a file are of. */
  record Header(String subject) {}

  /**
   * Opens a file, or begins one.
   *
   * @param subject what is measured, such as a fingerprint of the build
   * @throws IllegalArgumentException if the file holds pairs of something else
   */
  PairLog(Path file, String subject) {
    this.file = file;
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        Files.writeString(file, JSON.writeValueAsString(new Header(subject)) + "\n");
        return;
      }
      String text = Files.readString(file);
      // A line without its end was cut off: that pair is measured again.
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      if (whole.length() < text.length()) {
        Files.writeString(file, whole);
      }
      List<String> lines = whole.lines().toList();
      if (lines.isEmpty()
          || !JSON.readValue(lines.getFirst(), Header.class).subject().equals(subject)) {
        throw new IllegalArgumentException(
            "%s holds pairs of another build or setting: move it away, or give another --output"
                .formatted(file));
      }
      for (String line : lines.subList(1, lines.size())) {
        pairs.add(JSON.readValue(line, Pair.class));
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s is not a file of pairs (%s): move it away, or give another --output"
              .formatted(file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read or write " + file, e);
    }
  }

  List<Pair> pairs() {
    return List.copyOf(pairs);
  }

  void add(Pair pair) {
    try {
      Files.writeString(file, JSON.writeValueAsString(pair) + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    pairs.add(pair);
  }
}
