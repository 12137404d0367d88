package dev.unroll.experiments.result;

import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.JsonLines;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of one run. Each finished trial is one line appended to metrics.jsonl. result.json is
 * written last, so that its presence means that the run is finished.
 */
public final class ResultStore implements AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final String METRICS = "metrics.jsonl";
  private static final String RESULT = "result.json";

  private final Path directory;
  private final JsonLines<TrialRecord> metrics;
  private final List<TrialRecord> records;

  private ResultStore(Path directory, JsonLines<TrialRecord> metrics, List<TrialRecord> records) {
    this.directory = directory;
    this.metrics = metrics;
    this.records = records;
  }

  /**
   * Opens the folder for the run that {@code identity} describes, or continues it.
   *
   * @param directory made where it does not exist
   * @param identity experiment, seeds and configuration, as config.json holds them
   * @param force whether a run that lies there already is thrown away first
   * @throws InputException when the folder holds another run, or another program writes to it, or a
   *     run that is only there would be thrown away
   */
  public static ResultStore open(Path directory, ObjectNode identity, boolean force)
      throws IOException {
    if (force && Files.exists(directory.resolve(METRICS))) {
      Results.requireCommitted(directory);
      // Opening it first refuses a run that another program is writing to.
      JsonLines.open(directory.resolve(METRICS), TrialRecord.class).close();
      new RunFolder(directory).discard();
    }
    new RunFolder(directory).make();
    JsonLines<TrialRecord> metrics = JsonLines.open(directory.resolve(METRICS), TrialRecord.class);
    try {
      new RunFolder(directory).deleteDiscarded();
      deleteLeftovers(directory);
      identify(directory, identity);
      return new ResultStore(directory, metrics, metrics.read());
    } catch (IOException | RuntimeException | Error problem) {
      metrics.close();
      throw problem;
    }
  }

  /** The temporary files of programs that were killed: this one is alone here. */
  private static void deleteLeftovers(Path directory) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "*.tmp")) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
  }

  private static void identify(Path directory, ObjectNode identity) throws IOException {
    Path file = directory.resolve(CONFIG);
    // Through text and back: numbers compare as they will after being read.
    JsonNode ours = Json.PRETTY.readTree(Json.PRETTY.writeValueAsString(identity));
    if (!Files.exists(file)) {
      AtomicFile.write(file, Json.PRETTY.writeValueAsString(identity));
    } else if (!ours.equals(new RunFolder(directory).read(CONFIG, JsonNode.class))) {
      throw new InputException(
          directory
              + " holds a run with other settings (see its config.json): add --force to replace it"
              + " or --out to keep both.");
    }
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

  /** Adds one finished trial. */
  public synchronized void append(TrialRecord record) throws IOException {
    metrics.append(record);
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
    metrics.replace(sorted);
    return sorted;
  }

  /** Writes result.json: the run is finished. */
  public void finish(Result result) throws IOException {
    AtomicFile.write(directory.resolve(RESULT), Json.PRETTY.writeValueAsString(result));
  }

  /**
   * Reads the result of a finished run.
   *
   * @throws InputException when its file is damaged
   */
  public static Result read(Path directory) {
    return new RunFolder(directory).read(RESULT, Result.class);
  }

  /** The folders of finished runs under {@code root}, by name. */
  public static List<Path> finishedUnder(Path root) {
    return RunFolder.allWith(RESULT, root).stream().map(RunFolder::path).toList();
  }

  /** The folders under {@code root} of runs that have trials and are not finished, by name. */
  public static List<Path> begunUnder(Path root) {
    return RunFolder.allWith(METRICS, root).stream()
        .filter(folder -> !folder.has(RESULT))
        .map(RunFolder::path)
        .toList();
  }

  /** {@return how many trials the run has} */
  public static long trials(Path directory) throws IOException {
    try (Stream<String> lines = Files.lines(directory.resolve(METRICS))) {
      return lines.count();
    }
  }

  @Override
  public void close() throws IOException {
    metrics.close();
  }
}
