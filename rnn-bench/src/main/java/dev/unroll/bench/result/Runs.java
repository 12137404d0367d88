package dev.unroll.bench.result;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Where runs lie, and what their files are called. */
public final class Runs {
  /** The folder of all runs, below the folder the program is started in. */
  public static final Path ROOT = Path.of("results", "bench");

  /** JMH's own results. */
  public static final String JMH = "jmh.json";

  /** The comparisons with other libraries. */
  public static final String PEERS = "peers.json";

  /** The times of the same work in several processes. */
  public static final String STEADY = "steady.json";

  /** What the gate's own test found. */
  public static final String SELF_TEST = "self-test.json";

  /** The machine's ceilings. */
  public static final String ROOFLINE = "roofline.json";

  private Runs() {}

  /** The folder of a new run, {@code DATE-KIND}, not made yet. */
  public static RunFolder next(Path root, String kind) {
    DateTimeFormatter format = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss");
    String date = LocalDateTime.now(ZoneId.systemDefault()).format(format);
    return new RunFolder(root.resolve(date + "-" + kind));
  }

  /**
   * Finds a run by its folder's path or name.
   *
   * @throws InputException if there is none
   */
  public static RunFolder find(String name) {
    return List.of(Path.of(name), ROOT.resolve(name)).stream()
        .map(RunFolder::new)
        .filter(folder -> folder.has(Run.FILE))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "There is no run '%s': give a folder that holds a %s, such as those below %s."
                        .formatted(name, Run.FILE, ROOT)));
  }

  /** All runs in a folder, newest first. */
  public static List<RunFolder> all(Path root) {
    return RunFolder.allWith(Run.FILE, root).reversed();
  }
}
