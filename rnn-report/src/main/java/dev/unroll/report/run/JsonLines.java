package dev.unroll.report.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/**
 * A file that grows by one line of JSON for each record, for one program at a time. Whatever moment
 * the program is killed at, at most the last line is torn, and reading the file again drops it.
 *
 * @param <T> what a line holds
 */
public final class JsonLines<T> implements AutoCloseable {
  private final Path file;
  private final Class<T> type;
  private FileChannel channel;

  private JsonLines(Path file, Class<T> type, FileChannel channel) {
    this.file = file;
    this.type = type;
    this.channel = channel;
  }

  /**
   * Opens a file, which is made where it does not exist, and locks it.
   *
   * @throws InputException when another program has it open
   */
  public static <T> JsonLines<T> open(Path file, Class<T> type) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (!locked(channel)) {
      channel.close();
      throw new InputException(
          "Another program is writing to "
              + file.toAbsolutePath().getParent()
              + ": wait until it ends, or choose another folder.");
    }
    return new JsonLines<>(file, type, channel);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException alreadyOurs) {
      return false;
    }
  }

  /**
   * Reads all whole lines and drops a torn last one; new lines come after them.
   *
   * @throws InputException when a line is not what is expected
   */
  public List<T> read() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {
      // until all is read
    }
    byte[] bytes = buffer.array();
    List<T> records = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        records.add(record(bytes, start, i - start, records.size() + 1));
        start = i + 1;
      }
    }
    channel.truncate(start);
    channel.position(start);
    return records;
  }

  private T record(byte[] bytes, int start, int length, int line) {
    try {
      T record = Json.COMPACT.readValue(bytes, start, length, type);
      if (record != null) {
        return record;
      }
    } catch (JacksonException damaged) {
      // told below
    }
    throw new InputException(
        "%s is damaged in line %d: delete that line, or the file to begin again."
            .formatted(file, line));
  }

  /** Adds a record: one whole line, or nothing where that cannot be written. */
  public void append(T record) throws IOException {
    long end = channel.position();
    try {
      write(channel, line(record));
    } catch (IOException problem) {
      channel.truncate(end);
      throw AtomicFile.named(problem, file);
    }
  }

  /** Forgets all records. */
  public void clear() throws IOException {
    channel.truncate(0);
  }

  /**
   * Puts {@code records} in the place of all, whole or not at all. The file that takes the other's
   * place is locked before it does, so that no other program can come between.
   */
  public void replace(Collection<T> records) throws IOException {
    String lines = records.stream().map(JsonLines::line).collect(Collectors.joining());
    Path beside = AtomicFile.beside(file);
    FileChannel next =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (!locked(next)) {
        throw new IOException(beside + " is locked");
      }
      write(next, lines);
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException problem) {
      next.close();
      throw AtomicFile.undone(problem, beside, file);
    }
    channel.close();
    channel = next;
  }

  private static void write(FileChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static String line(Object record) {
    return Json.COMPACT.writeValueAsString(record) + "\n";
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
