package dev.unroll.bench.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run's folder, {@code results/bench/<date>-<kind>}. Files are written whole or not at all, so
 * that a run that is stopped leaves what it had.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
  /** Where runs lie, below the folder the program is started in. */
  public static final Path ROOT = Path.of("results", "bench");

  /** The file of a run's {@link Provenance}. */
  public static final String PROVENANCE = "run.json";

  /** JMH's own results. */
  public static final String JMH = "jmh.json";

  /** The comparisons with other libraries. */
  public static final String PEERS = "peers.json";

  /** The times of the same work in several processes. */
  public static final String STEADY = "steady.json";

  /** What the gate's own test found. */
  public static final String SELF_TEST = "self-test.json";

  /** The machine's ceilings. */
  public static final String ROOFLINE = "roofline.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * Makes a new run's folder.
   *
   * @param kind what is run, such as quick
   * @throws IllegalArgumentException if the folder cannot be made
   */
  public static RunFolder create(String kind) {
    String date =
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss"));
    RunFolder folder = new RunFolder(ROOT.resolve(date + "-" + kind));
    try {
      Files.createDirectories(folder.path());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot make the results folder %s (%s): start the command from the project's root, or make the folder writable"
              .formatted(folder.path(), e.getMessage()),
          e);
    }
    return folder;
  }

  /**
   * Finds a run by its folder's path or name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static RunFolder find(String name) {
    for (Path path : List.of(Path.of(name), ROOT.resolve(name))) {
      if (Files.isRegularFile(path.resolve(PROVENANCE))) {
        return new RunFolder(path);
      }
    }
    throw new IllegalArgumentException(
        "no run '%s': give a folder with a %s, such as those below %s"
            .formatted(name, PROVENANCE, ROOT));
  }

  /** All runs in a folder, newest first. */
  public static List<RunFolder> all(Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(folder -> Files.isRegularFile(folder.resolve(PROVENANCE)))
          .map(RunFolder::new)
          .sorted((a, b) -> b.name().compareTo(a.name()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder of all runs. */
  public Path root() {
    return Objects.requireNonNull(path.toAbsolutePath().normalize().getParent());
  }

  /** The folder's own name. */
  public String name() {
    return path.toAbsolutePath().normalize().getFileName().toString();
  }

  /** Whether the run has such a file. */
  public boolean has(String file) {
    return Files.isRegularFile(path.resolve(file));
  }

  /** Writes a value as JSON. */
  public void writeJson(String file, Object value) {
    write(path.resolve(file), JSON.writeValueAsString(value) + "\n");
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if the file is missing or not what is expected
   */
  public <T> T readJson(String file, TypeReference<T> type) {
    try {
      return JSON.readValue(path.resolve(file).toFile(), type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "cannot read %s: %s".formatted(path.resolve(file), e.getOriginalMessage()), e);
    }
  }

  /** Writes a text file of the run. */
  public void write(String file, String text) {
    write(path.resolve(file), text);
  }

  /** Writes a text file whole or not at all. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file whole or not at all. */
  public static void write(Path file, byte[] bytes) {
    try {
      Path parent = file.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      Path temporary = Files.createTempFile(parent, ".", ".part");
      Files.write(temporary, bytes);
      // A temporary file is private; a result is as readable as its folder.
      if (!temporary.toFile().setReadable(true, false)) {
        throw new IOException("cannot set its permissions");
      }
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
