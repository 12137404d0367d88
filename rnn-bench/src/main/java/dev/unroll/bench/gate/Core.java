package dev.unroll.bench.gate;

import dev.unroll.cell.Cells;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;

/**
 * A build of rnn-core, which is what a gate compares.
 *
 * @param path a jar or a folder of classes
 */
record Core(Path path) {
  /**
   * Takes a build.
   *
   * @throws IllegalArgumentException if there is none
   */
  Core {
    path = path.toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          "there is no %s: give rnn-core's jar or its folder of classes"
              .formatted(path.getFileName()));
    }
  }

  /** The one that this program runs with. */
  static Core own() {
    try {
      return new Core(
          Path.of(
              Objects.requireNonNull(Cells.class.getProtectionDomain().getCodeSource())
                  .getLocation()
                  .toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException("rnn-core is in a strange place: " + e.getMessage(), e);
    }
  }

  /** This program's class path with this build in the place of its own. */
  String classPath() {
    Path own = own().path;
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      boolean isCore = Path.of(entry).toAbsolutePath().normalize().equals(own);
      entries.add(isCore ? path.toString() : entry);
    }
    return String.join(File.pathSeparator, entries);
  }

  /** A hash of its classes, whenever they were built. */
  String fingerprint() {
    CRC32 sum = new CRC32();
    try {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            sum.update(Files.readAllBytes(file));
          }
        }
      } else {
        try (ZipFile jar = new ZipFile(path.toFile())) {
          jar.stream()
              .filter(entry -> entry.getName().endsWith(".class"))
              .map(entry -> entry.getName() + " " + entry.getCrc())
              .sorted()
              .forEach(line -> sum.update(line.getBytes(StandardCharsets.UTF_8)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
    return Long.toHexString(sum.getValue());
  }
}
