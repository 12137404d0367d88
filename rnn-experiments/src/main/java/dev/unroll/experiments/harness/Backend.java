package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where trials run: threads of this virtual machine, or something larger. */
public interface Backend extends AutoCloseable {
  /**
   * What the trials of a run have in common.
   *
   * @param experiment whose trials they are
   * @param quick whether its settings are those of the quick form
   * @param overrides what the user laid over them, by name
   * @param settings both together
   * @param directory the run's folder, for files of a trial's own
   */
  record Sweep(
      Experiment experiment,
      boolean quick,
      Map<String, String> overrides,
      Settings settings,
      Path directory) {}

  /**
   * One trial to run.
   *
   * @param trial which
   * @param chosen what trials before it have chosen for it; null where nothing was to be chosen
   */
  record Request(Trial trial, @Nullable Double chosen) {}

  /** Hears of the trials; from any thread. */
  interface Listener {
    /** A trial is at {@code fraction} of its work; {@code message} may be empty. */
    void progress(Trial trial, double fraction, String message);

    /** How the trials go all in all, in few words. */
    void status(String message);

    /** A trial has come to its end, or has found that it cannot. */
    void finished(Trial trial, Attempt attempt) throws IOException;

    /** A trial went wrong and leaves nothing; the others go on. */
    void failed(Trial trial, String why);
  }

  /**
   * How many of a run's trials run at a time, as far as that can be told.
   *
   * @throws dev.unroll.report.run.InputException if they cannot run here
   */
  int width(Experiment experiment, List<Trial> trials);

  /** The bytes of memory that a trial may use. */
  long memory();

  /**
   * Runs trials, in any order, and tells of each as soon as it is finished; returns when all are.
   *
   * @throws dev.unroll.report.run.InputException if some did not finish; what was told of is kept
   */
  void run(Sweep sweep, List<Request> requests, Listener listener) throws IOException;

  @Override
  default void close() {}
}
