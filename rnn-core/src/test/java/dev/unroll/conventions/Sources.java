package dev.unroll.conventions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's files, found from wherever the tests run. */
public final class Sources {
  static final List<String> MODULES =
      List.of(
          "rnn-core",
          "rnn-report",
          "rnn-onnx",
          "rnn-bench",
          "rnn-experiments",
          "rnn-cli",
          "rnn-cluster");

  private Sources() {}

  /** The folder of the multi-module project: the nearest one upwards that holds {@code .mvn}. */
  public static Path root() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve(".mvn"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no folder with .mvn above " + Path.of("").toAbsolutePath());
  }

  /**
   * The Java files of a module's trees, {@code main} and so on, or of all, in a fixed order; not
   * its descriptor, which belongs to no package.
   */
  static List<Path> java(String module, String... trees) {
    Path src = root().resolve(module).resolve("src");
    return trees.length == 0
        ? javaBelow(src)
        : Stream.of(trees).flatMap(tree -> javaBelow(src.resolve(tree)).stream()).toList();
  }

  private static List<Path> javaBelow(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java") && !file.endsWith("module-info.java"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
