package dev.unroll.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/** Writes a file whole or not at all: first hidden beside it, then moved over it. */
final class WholeFile {
  /** Threads that write one file share the name of what is beside it. */
  private static final Object WRITING = new Object();

  private WholeFile() {}

  /** What a file is to hold. */
  interface Content {
    /** Writes all of it. */
    void writeTo(FileChannel channel) throws IOException;
  }

  static void write(Path path, Content content) throws IOException {
    Path file = path.toAbsolutePath();
    Path folder = file.resolveSibling("");
    String prefix = "." + file.getFileName() + ".";
    Path beside = folder.resolve(prefix + ProcessHandle.current().pid() + ".tmp");
    synchronized (WRITING) {
      deleteLeftovers(folder, prefix);
      try {
        try (FileChannel channel =
            FileChannel.open(
                beside,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
          content.writeTo(channel);
          channel.force(true);
        }
        move(beside, file);
      } finally {
        Files.deleteIfExists(beside);
      }
    }
  }

  /** Deletes what programs left that were killed while they wrote the file. */
  private static void deleteLeftovers(Path folder, String prefix) throws IOException {
    Pattern name = Pattern.compile(Pattern.quote(prefix) + "(\\d{1,18})\\.tmp");
    try (DirectoryStream<Path> dead =
        Files.newDirectoryStream(
            folder,
            path -> {
              var its = name.matcher(path.getFileName().toString());
              return its.matches() && ProcessHandle.of(Long.parseLong(its.group(1))).isEmpty();
            })) {
      for (Path one : dead) {
        Files.deleteIfExists(one);
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
