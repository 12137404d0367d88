package dev.unroll.report.command;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.Results;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a command that makes runs: where they go. */
public final class Destination {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The folder that the run's own folder goes to (default: below results/runs).")
  private @Nullable Path out;

  @Option(
      names = "--reference",
      description = "Make a run to commit: it goes below results/reference.")
  private boolean reference;

  /** Made by picocli. */
  public Destination() {}

  /**
   * The folder that runs of a kind go to.
   *
   * @throws InputException if they may not go there: {@code --out} leads to the committed runs, or
   *     {@code --reference} is given and no commit of the code is known
   */
  public Path root(String kind) {
    if (out != null && reference) {
      throw new InputException("--out and --reference are both given: keep one of the two.");
    }
    if (out != null) {
      return allowed(out);
    }
    if (!reference) {
      return Results.own(kind);
    }
    return allowed(Results.reference(kind));
  }

  /**
   * This folder, in which something will be written.
   *
   * @throws InputException if it belongs to the committed runs and --reference is not given, or
   *     that is given and no commit of the code is known
   */
  public Path allowed(Path folder) {
    if (reference) {
      Provenance.requireCommit();
    } else if (Results.inReference(folder)) {
      throw new InputException(
          folder + " is for runs to commit: choose another folder, or give --reference.");
    }
    return folder;
  }
}
