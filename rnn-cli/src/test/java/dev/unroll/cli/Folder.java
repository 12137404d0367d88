package dev.unroll.cli;

import dev.unroll.experiments.result.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A folder of results: what a reader sees of it, and copies of it. */
final class Folder {
  /** The paragraph of a report that tells times. */
  private static final Pattern TIMES = Pattern.compile("(?m)^.*Made by .*$");

  private Folder() {}

  /**
   * The files of a folder by their names, hidden ones left out. What may differ from run to run is
   * left out of provenance.json, which has to be whole, and of reports.
   */
  static Map<String, String> files(Path root) {
    Map<String, String> files = new TreeMap<>();
    for (Path file : all(root)) {
      String name = root.relativize(file).toString();
      if (!Files.isDirectory(file) && !name.startsWith(".") && !name.contains("/.")) {
        files.put(name, content(file));
      }
    }
    return files;
  }

  private static String content(Path file) {
    String name = file.getFileName().toString();
    if (name.equals("provenance.json")) {
      return "seeds " + Sessions.read(file.resolveSibling("")).seeds();
    }
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      return name.startsWith("report.") ? TIMES.matcher(text).replaceAll("") : text;
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  /** The hidden or temporary files that a program left. */
  static List<Path> leftovers(Path root) {
    return all(root).stream()
        .filter(
            file -> {
              String name = file.getFileName().toString();
              return name.startsWith(".") || name.endsWith(".tmp");
            })
        .toList();
  }

  /** Makes {@code to} as {@code from} is, or empty where that is not there. */
  static void copy(Path from, Path to) throws IOException {
    for (Path file : all(to).reversed()) {
      Files.delete(file);
    }
    Files.createDirectories(to);
    for (Path file : all(from)) {
      Path copy = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(copy);
      } else {
        Files.write(copy, Files.readAllBytes(file));
      }
    }
  }

  /** All files below a folder and itself, folders first; none where it is not there. */
  private static List<Path> all(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files.sorted(Comparator.comparing(Path::toString)).toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }
}
