package dev.unroll.bench.result;

import static java.util.stream.Collectors.joining;

import dev.unroll.report.command.Destination;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where runs lie, and what their files are called. */
public final class Runs {
  /** The runs of benchmarks, by the name of their folder. */
  public static final String BENCH = "bench";

  /** The runs of the gate, by the name of their folder. */
  public static final String GATE = "gate";

  /** JMH's own results. */
  public static final String JMH = "jmh.json";

  /** What each cell costs, from JMH's results. */
  public static final String CELLS = "cells.json";

  /** The comparisons with other libraries. */
  public static final String PEERS = "peers.json";

  /** Weights of fewer bits beside floats. */
  public static final String BYTES = "bytes.json";

  /** Many streams, under several loads. */
  public static final String STREAMS = "streams.json";

  /** The times of the same work in several processes. */
  public static final String STEADY = "steady.json";

  /** What the gate's own test found. */
  public static final String SELF_TEST = "self-test.json";

  /** The machine's ceilings. */
  public static final String ROOFLINE = "roofline.json";

  private Runs() {}

  /** Makes the folder of a new run, {@code DATE-KIND}. */
  public static RunFolder next(Path root, String kind) {
    return next(root, kind, LocalDateTime.now(ZoneId.systemDefault()));
  }

  /** Takes the next second for which there is no run, as when the clock was set back. */
  static RunFolder next(Path root, String kind, LocalDateTime first) {
    new RunFolder(root).make();
    DateTimeFormatter format = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss");
    for (LocalDateTime date = first; ; date = date.plusSeconds(1)) {
      Path folder = root.resolve(date.format(format) + "-" + kind);
      try {
        return new RunFolder(Files.createDirectory(folder));
      } catch (FileAlreadyExistsException taken) {
        // the next one
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }
  }

  /**
   * Finds a run by its folder's path, or by its name below {@code roots}.
   *
   * @throws InputException if there is none
   */
  public static RunFolder find(String name, List<Path> roots) {
    return Stream.concat(Stream.of(Path.of(name)), roots.stream().map(root -> root.resolve(name)))
        .map(RunFolder::new)
        .filter(folder -> folder.has(Run.FILE))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "There is no run '%s': give a folder that holds a %s, such as those below %s."
                        .formatted(
                            name,
                            Run.FILE,
                            roots.stream().map(Path::toString).collect(joining(" and ")))));
  }

  /**
   * A run that goes on, by its folder's path or by its name below the destination.
   *
   * @throws InputException if there is none, or if it is a reference run by mistake
   */
  public static RunFolder begun(String name, Destination destination) {
    RunFolder folder = find(name, List.of(destination.root(BENCH)));
    destination.allowed(folder.path());
    return folder;
  }

  /** The run {@code name} that goes on or, where that is null, the made folder of a new one. */
  public static RunFolder begunOrNew(@Nullable String name, Destination destination, String kind) {
    return name == null ? next(destination.root(BENCH), kind) : begun(name, destination);
  }

  /** All runs in a folder, newest first. */
  public static List<RunFolder> all(Path root) {
    return RunFolder.allWith(Run.FILE, root).reversed();
  }
}
