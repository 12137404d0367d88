package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an executor answers, as text.
 *
 * @param attempt what became of the trial; null where it went wrong
 * @param files what the trial wrote, by the files' names
 * @param error why the trial went wrong
 * @param refused why this executor may run no trial
 */
record Reply(
    @Nullable Attempt attempt,
    Map<String, byte[]> files,
    @Nullable String error,
    @Nullable String refused) {
  static Reply of(Attempt attempt, Path directory) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> written = Files.list(directory)) {
      for (Path file : written.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return new Reply(attempt, files, null, null);
  }

  static Reply error(Throwable problem) {
    return new Reply(null, Map.of(), problem.toString(), null);
  }

  static Reply refused(String sentence) {
    return new Reply(null, Map.of(), null, sentence);
  }
}
