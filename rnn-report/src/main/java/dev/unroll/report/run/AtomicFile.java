package dev.unroll.report.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;

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
    Path folder = whole.resolveSibling("");
    Files.createDirectories(folder);
    deleteLeftovers(folder, whole.getFileName().toString());
    Path temporary = beside(whole);
    try {
      Files.write(temporary, bytes);
      Files.move(
          temporary, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException problem) {
      throw undone(problem, temporary, whole);
    }
  }

  /** The hidden file beside another that is to take its place. */
  static Path beside(Path file) {
    return file.resolveSibling(
        ".%s.%d.tmp".formatted(file.getFileName(), ProcessHandle.current().pid()));
  }

  /** What programs wrote beside a file that were killed before it took the file's place. */
  private static void deleteLeftovers(Path folder, String name) throws IOException {
    Pattern form = Pattern.compile(Pattern.quote("." + name + ".") + "(\\d{1,18})\\.tmp");
    try (DirectoryStream<Path> hidden =
        Files.newDirectoryStream(
            folder,
            path -> {
              var its = form.matcher(path.getFileName().toString());
              return its.matches() && ProcessHandle.of(Long.parseLong(its.group(1))).isEmpty();
            })) {
      for (Path leftover : hidden) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  /** Takes back what was written beside a file; the problem, with the file's name. */
  static IOException undone(IOException problem, Path temporary, Path file) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException another) {
      problem.addSuppressed(another);
    }
    return named(problem, file);
  }

  /** The problem with a file, which a full disk does not name. */
  public static IOException named(IOException problem, Path file) {
    if (problem instanceof FileSystemException) {
      return problem;
    }
    IOException named = new FileSystemException(file.toString(), null, problem.getMessage());
    named.initCause(problem);
    return named;
  }
}
