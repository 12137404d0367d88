package dev.unroll.experiments.harness;

import dev.unroll.io.Safetensors;
import dev.unroll.train.Peers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a trial that several processes share needs to go on after some step, as files of a folder
 * that all of them see. The first process writes them, and tells the others which one counts.
 *
 * @param folder that all processes see
 * @param name what files of this trial begin with
 * @param every steps from one to the next; 0 for none at all
 */
public record Checkpoints(Path folder, String name, int every) {
  private static final String ENDING = ".safetensors";
  private static final int KEPT = 2;

  /** No checkpoints. */
  public static Checkpoints none() {
    return new Checkpoints(Path.of(""), "", 0);
  }

  /** Whether one is to be written after a step. */
  public boolean isDue(int step) {
    return every > 0 && step % every == 0;
  }

  /** The newest one, the same for all processes; empty where there is none. */
  public Optional<Safetensors> newest(Peers peers) throws IOException {
    if (every == 0) {
      return Optional.empty();
    }
    long step;
    if (peers.rank() == 0) {
      step = steps().stream().mapToLong(Long::longValue).max().orElse(0);
      for (int rank = 1; rank < peers.count(); rank++) {
        peers.send(rank, ByteBuffer.allocate(Long.BYTES).putLong(0, step));
      }
    } else {
      step = peers.receive(0).getLong();
    }
    return step == 0 ? Optional.empty() : Optional.of(Safetensors.read(file(step)));
  }

  /**
   * Writes one. The one before it stays: the end of a process that is lost may come to write while
   * those that begin again read.
   */
  public void write(int step, Safetensors content) throws IOException {
    Files.createDirectories(folder);
    content.write(file(step));
    List<Long> all = steps();
    for (long old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      Files.deleteIfExists(file(old));
    }
  }

  /** Deletes all. */
  public void clear() throws IOException {
    for (long step : steps()) {
      Files.deleteIfExists(file(step));
    }
  }

  private Path file(long step) {
    return folder.resolve(name + "-" + step + ENDING);
  }

  /** After which steps there is one, rising. */
  private List<Long> steps() throws IOException {
    if (every == 0 || !Files.isDirectory(folder)) {
      return List.of();
    }
    Pattern pattern = Pattern.compile(Pattern.quote(name) + "-(\\d{1,18})" + Pattern.quote(ENDING));
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> pattern.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(file -> Long.valueOf(file.group(1)))
          .sorted()
          .toList();
    }
  }
}
