package dev.unroll.report.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file whole or not at all: first beside it, then moved over it. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes {@code text} as UTF-8, ending in a newline. */
  public static void write(Path file, String text) throws IOException {
    String ended = text.endsWith("\n") ? text : text + "\n";
    write(file, ended.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes {@code bytes}; makes the folder where there is none. */
  public static void write(Path file, byte[] bytes) throws IOException {
    Path whole = file.toAbsolutePath();
    Files.createDirectories(whole.getParent());
    Path temporary = beside(whole);
    Files.write(temporary, bytes);
    Files.move(
        temporary, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The hidden file beside another that is to take its place. */
  static Path beside(Path file) {
    return file.resolveSibling(
        ".%s.%d.tmp".formatted(file.getFileName(), ProcessHandle.current().pid()));
  }
}
