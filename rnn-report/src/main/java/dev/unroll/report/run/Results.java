package dev.unroll.report.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Where runs lie, each kind of run in a folder of its own: a user's below {@code results/runs},
 * which git ignores, and the committed ones below {@code results/reference}.
 */
public final class Results {
  /** The project's folder, as seen from where the program was started. */
  public static final Path HOME =
      Path.of(Objects.requireNonNullElse(System.getenv("UNROLL_HOME"), ""));

  /** The folder of all results. */
  public static final Path ALL = HOME.resolve("results");

  /** From the project's folder to the committed runs, as a link. */
  public static final String REFERENCE_LINK = "results/reference/";

  private static final Path REFERENCE = HOME.resolve(REFERENCE_LINK);

  private Results() {}

  /** The folder of a user's own runs of a kind, such as {@code bench}. */
  public static Path own(String kind) {
    return ALL.resolve("runs").resolve(kind);
  }

  /** The folder of the committed runs of a kind. */
  public static Path reference(String kind) {
    return REFERENCE.resolve(kind);
  }

  /** The folders of the runs of a kind: a user's own first. */
  public static List<Path> both(String kind) {
    return List.of(own(kind), reference(kind));
  }

  /** Whether a path lies among the committed runs. */
  public static boolean inReference(Path path) {
    return path.toAbsolutePath().normalize().startsWith(REFERENCE.toAbsolutePath().normalize());
  }

  /**
   * Refuses to throw away the only copy of a committed run.
   *
   * @throws InputException if {@code run} lies among them and no commit holds it as it is
   */
  public static void requireCommitted(Path run) {
    if (inReference(run)
        && !Provenance.git("status", "--porcelain", "--", run.toAbsolutePath().toString())
            .map(String::isEmpty)
            .orElse(false)) {
      throw new InputException(
          run
              + " is a reference run, and no commit holds it as it is: commit it before --force"
              + " throws it away.");
    }
  }
}
