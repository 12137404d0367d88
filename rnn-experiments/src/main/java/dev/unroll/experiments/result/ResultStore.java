package dev.unroll.experiments.result;

import dev.unroll.experiments.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of one run. Each finished trial is one line appended to metrics.jsonl; whatever moment
 * the program is killed at, at most the last line is torn, and opening the folder again drops it.
 * result.json is written last, so that its presence means that the run is finished.
 */
public final class ResultStore implements AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final String METRICS = "metrics.jsonl";
  private static final String RESULT = "result.json";

  private final Path directory;
  private final FileChannel metrics;
  private final List<TrialRecord> records;

  private ResultStore(Path directory, FileChannel metrics, List<TrialRecord> records) {
    this.directory = directory;
    this.metrics = metrics;
    this.records = records;
  }

  /**
   * Opens the folder for the run that {@code identity} describes, or goes on with it.
   *
   * @param directory made where it does not exist
   * @param identity experiment, seeds and configuration, as config.json holds them
   * @param force whether a run that lies there already is thrown away first
   * @throws InputException when the folder holds another run, or another program writes to it
   */
  public static ResultStore open(Path directory, ObjectNode identity, boolean force)
      throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new InputException(
          directory + " is a file, but results need a folder: move it or give another --out.");
    }
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(METRICS),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (lock(channel) == null) {
        throw new InputException(
            "Another program is writing to " + directory + ": wait for it or give another --out.");
      }
      if (force) {
        clear(directory);
        channel.truncate(0);
      }
      identify(directory, identity);
      return new ResultStore(directory, channel, read(directory, channel));
    } catch (IOException | RuntimeException problem) {
      channel.close();
      throw problem;
    }
  }

  private static @org.jspecify.annotations.Nullable FileLock lock(FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException alreadyOurs) {
      return null;
    }
  }

  private static void clear(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith(METRICS)) {
          Files.delete(file);
        }
      }
    }
  }

  private static void identify(Path directory, ObjectNode identity) throws IOException {
    Path file = directory.resolve(CONFIG);
    // Through text and back: numbers compare as they will after being read.
    JsonNode ours = Json.PRETTY.readTree(Json.PRETTY.writeValueAsString(identity));
    if (!Files.exists(file)) {
      AtomicFile.write(file, Json.PRETTY.writeValueAsString(identity));
    } else if (!ours.equals(Json.PRETTY.readTree(Files.readString(file)))) {
      throw new InputException(
          directory
              + " holds a run with other settings (see its config.json): add --force to replace it"
              + " or --out to keep both.");
    }
  }

  private static List<TrialRecord> read(Path directory, FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {
      // until all is read
    }
    byte[] bytes = buffer.array();
    List<TrialRecord> records = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        try {
          records.add(Json.COMPACT.readValue(line, TrialRecord.class));
        } catch (JacksonException damaged) {
          throw new InputException(
              directory.resolve(METRICS)
                  + " is damaged in line "
                  + (records.size() + 1)
                  + ": delete that line, or add --force to run again from the start.");
        }
        start = i + 1;
      }
    }
    channel.truncate(start);
    channel.position(start);
    return records;
  }

  /** The folder. */
  public Path directory() {
    return directory;
  }

  /** Whether the run came to its end. */
  public boolean finished() {
    return Files.exists(directory.resolve(RESULT));
  }

  /** The trials that are finished, in the order they stand in the file. */
  public synchronized List<TrialRecord> records() {
    return List.copyOf(records);
  }

  /** Adds one finished trial: one write of one whole line. */
  public synchronized void append(TrialRecord record) throws IOException {
    ByteBuffer line = ByteBuffer.wrap(line(record).getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      metrics.write(line);
    }
    records.add(record);
  }

  /**
   * Puts metrics.jsonl into the order of {@code trials}, so that it does not tell which thread was
   * quicker, and returns the records in that order, as they read back from the file.
   */
  public synchronized List<TrialRecord> sort(List<Trial> trials) throws IOException {
    Map<String, TrialRecord> byKey = new HashMap<>();
    records.forEach(record -> byKey.put(record.trial().toString(), record));
    List<TrialRecord> sorted = new ArrayList<>();
    for (Trial trial : trials) {
      TrialRecord record = byKey.get(trial.key().toString());
      if (record == null) {
        throw new IllegalStateException("Trial " + trial.label() + " is missing");
      }
      sorted.add(
          Json.COMPACT.readValue(Json.COMPACT.writeValueAsString(record), TrialRecord.class));
    }
    AtomicFile.write(
        directory.resolve(METRICS),
        sorted.stream().map(ResultStore::line).collect(Collectors.joining()));
    return sorted;
  }

  private static String line(TrialRecord record) {
    return Json.COMPACT.writeValueAsString(record) + "\n";
  }

  /** Writes result.json: the run is finished. */
  public void finish(Result result) throws IOException {
    AtomicFile.write(directory.resolve(RESULT), Json.PRETTY.writeValueAsString(result));
  }

  /** Reads the result of a finished run. */
  public static Result read(Path directory) throws IOException {
    Path file = directory.resolve(RESULT);
    try {
      return Json.PRETTY.readValue(Files.readString(file), Result.class);
    } catch (JacksonException damaged) {
      throw new InputException(
          file
              + " is not a result as this version writes it: run the experiment again with"
              + " --force.");
    }
  }

  /** The folders of finished runs under {@code root}, by name. */
  public static List<Path> finishedUnder(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders.filter(folder -> Files.exists(folder.resolve(RESULT))).sorted().toList();
    }
  }

  @Override
  public void close() throws IOException {
    metrics.close();
  }
}
