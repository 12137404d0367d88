package dev.unroll.bench.result;

import dev.unroll.bench.machine.Load;
import dev.unroll.report.run.RunFolder;
import java.util.ArrayList;
import java.util.List;

/** One start of a run, which keeps {@code run.json} as new as its results. */
public final class Session {
  private final RunFolder folder;
  private final Run begun;
  private final long start = System.nanoTime();
  private final long[] times = Load.times();

  /** Starts a run, or goes on with it, and prints what makes it doubtful. */
  public Session(RunFolder folder, Run run) {
    this.folder = folder;
    this.begun = run;
    folder.writeJson(Run.FILE, run);
    run.notes().forEach(note -> System.out.printf("Warning: %s.%n", note));
  }

  /** Goes on with the run of a folder, or starts one there. */
  public static Session in(RunFolder folder, String kind, List<String> args) {
    return new Session(folder, folder.has(Run.FILE) ? Run.of(folder) : Run.begin(kind, args));
  }

  /** Writes down how far the run is. */
  public void save() {
    folder.writeJson(Run.FILE, now(false, List.of()));
  }

  /**
   * Ends the run.
   *
   * @param more what else to say of it
   */
  public Run end(List<String> more) {
    Run done = now(true, more);
    folder.writeJson(Run.FILE, done);
    return done;
  }

  private Run now(boolean complete, List<String> more) {
    List<String> notes = new ArrayList<>(begun.with(Load.stolenSince(times)).notes());
    notes.addAll(more);
    long seconds = begun.seconds() + (System.nanoTime() - start) / 1_000_000_000;
    return new Run(begun.kind(), begun.command(), begun.provenance(), complete, seconds, notes);
  }
}
