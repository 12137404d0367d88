package dev.unroll.report.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;

/**
 * The folder of one run. Its files are written whole or not at all, so that a run that is stopped
 * leaves what it had.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
  /** The folders below {@code root} that hold {@code file}, by name. */
  public static List<RunFolder> allWith(String file, Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .map(RunFolder::new)
          .filter(folder -> !folder.name().startsWith("."))
          .filter(folder -> folder.has(file))
          .sorted((a, b) -> a.name().compareTo(b.name()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + root, e);
    }
  }

  /**
   * Makes the folder where it does not exist.
   *
   * @throws InputException if it cannot be made
   */
  public RunFolder make() {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new InputException(
          path + " is a file, but results need a folder: move it or choose another folder.");
    }
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new InputException(
          "The results folder %s cannot be made (%s): start the command from the project's root, or make the folder above it writable."
              .formatted(path, e.getMessage()));
    }
    return this;
  }

  /**
   * Deletes the folder. It is moved aside in one step first, so that whoever is stopped then leaves
   * none that is partly old; {@link #deleteDiscarded} deletes what that leaves.
   */
  public void discard() throws IOException {
    deleteDiscarded();
    Files.move(
        path,
        parent().resolve(aside() + ProcessHandle.current().pid()),
        StandardCopyOption.ATOMIC_MOVE);
    deleteDiscarded();
  }

  private String aside() {
    return "." + name() + ".discarded.";
  }

  /** Deletes what was discarded, also by programs that were killed before they had done so. */
  public void deleteDiscarded() throws IOException {
    List<Path> discarded;
    try (Stream<Path> siblings = Files.list(parent())) {
      discarded =
          siblings.filter(sibling -> sibling.getFileName().toString().startsWith(aside())).toList();
    }
    for (Path folder : discarded) {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path one : deepestFirst) {
      Files.delete(one);
    }
  }

  /** The folder that it lies in. */
  public Path parent() {
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

  /**
   * Reads a JSON file.
   *
   * @throws InputException if the file is missing or not what is expected
   */
  public <T> T read(String file, TypeReference<T> type) {
    return read(file, Json.PRETTY.getTypeFactory().constructType(type));
  }

  /** Reads a JSON file; see {@link #read(String, TypeReference)}. */
  public <T> T read(String file, Class<T> type) {
    return read(file, Json.PRETTY.constructType(type));
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // both callers give the type of what they want
  private <T> T read(String file, JavaType type) {
    String problem;
    try {
      T value = Json.PRETTY.readValue(path.resolve(file).toFile(), type);
      if (value != null) {
        return value;
      }
      problem = "it holds null";
    } catch (JacksonException e) {
      problem = e.getOriginalMessage();
    }
    throw new InputException(
        "%s cannot be read (%s): restore it, or make the run again."
            .formatted(path.resolve(file), problem));
  }

  /** Writes a value as indented JSON. */
  public void writeJson(String file, Object value) {
    write(file, Json.PRETTY.writeValueAsString(value));
  }

  /** Writes a text file. */
  public void write(String file, String text) {
    try {
      AtomicFile.write(path.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path.resolve(file), e);
    }
  }
}
