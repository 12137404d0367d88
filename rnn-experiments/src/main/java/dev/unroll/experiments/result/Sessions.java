package dev.unroll.experiments.result;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a run that may differ from one run to the next: the content of provenance.json.
 * A run that was interrupted has one session for each time it was started.
 *
 * @param seeds the seeds asked for
 * @param sessions the starts of the program that worked on the run, in order
 */
public record Sessions(List<Long> seeds, List<Session> sessions) {
  /** What a machine's facts name the processors of a cluster by. */
  public static final String CLUSTER = "cluster";

  private static final String FILE = "provenance.json";

  /** Checks that a file left nothing out. */
  public Sessions {
    Json.requireAll(seeds, sessions);
    if (sessions.isEmpty()) {
      throw new IllegalArgumentException("no session");
    }
  }

  /**
   * One start of the program.
   *
   * @param provenance the code, the JDK and the machine
   * @param threads trials run at a time
   * @param trials trials finished in this session
   * @param wallSeconds time from the start to the last finished trial
   * @param cpuSeconds CPU time of the program from the start of the session until then
   * @param timings what trials timed, by trial and name
   */
  public record Session(
      @JsonUnwrapped Provenance provenance,
      int threads,
      int trials,
      double wallSeconds,
      double cpuSeconds,
      Map<String, Double> timings) {
    /** Checks that a file left nothing out. */
    public Session {
      Json.requireAll(provenance, timings);
    }
  }

  /** Watches one session and keeps its file up to date. */
  public static final class Recorder {
    private final Path directory;
    private final List<Long> seeds;
    private final List<Session> earlier;
    private final Provenance provenance;
    private final Set<String> machines = new TreeSet<>();
    private final int threads;
    private final long startNanos = System.nanoTime();
    private final long startCpuNanos = cpuNanos();
    private final Map<String, Double> timings = new TreeMap<>();
    private int trials;

    /**
     * Starts a session.
     *
     * @param directory the run's folder
     * @param seeds the seeds asked for
     * @param vectorBits the vector width in use
     * @param threads trials run at a time
     */
    public Recorder(Path directory, List<Long> seeds, int vectorBits, int threads) {
      this.directory = directory;
      this.seeds = seeds;
      this.earlier = earlier(directory);
      this.provenance =
          Provenance.now(ManagementFactory.getRuntimeMXBean().getInputArguments(), vectorBits);
      this.threads = threads;
    }

    private static List<Session> earlier(Path directory) {
      RunFolder folder = new RunFolder(directory);
      return folder.has(FILE) ? read(directory).sessions() : List.of();
    }

    /**
     * Notes one finished trial with what it timed, and writes the file.
     *
     * @param machine what it ran on; null for this machine
     */
    public synchronized void finished(
        String trial, Map<String, Double> timed, @Nullable String machine) throws IOException {
      trials++;
      if (machine != null) {
        machines.add(machine);
      }
      timed.forEach((name, value) -> timings.put((trial + " " + name).strip(), value));
      List<Session> sessions = new ArrayList<>(earlier);
      sessions.add(
          new Session(
              machines.isEmpty()
                  ? provenance
                  : provenance.with(CLUSTER, String.join("; ", machines)),
              threads,
              trials,
              seconds(System.nanoTime() - startNanos),
              seconds(cpuNanos() - startCpuNanos),
              timings));
      AtomicFile.write(
          directory.resolve(FILE), Json.PRETTY.writeValueAsString(new Sessions(seeds, sessions)));
    }

    private static double seconds(long nanos) {
      return Math.round(nanos / 1e7) / 100.0;
    }

    private static long cpuNanos() {
      return ManagementFactory.getOperatingSystemMXBean()
              instanceof com.sun.management.OperatingSystemMXBean system
          ? Math.max(0, system.getProcessCpuTime())
          : 0;
    }
  }

  /**
   * Reads the sessions of a run.
   *
   * @throws InputException when their file is missing or damaged
   */
  public static Sessions read(Path directory) {
    return new RunFolder(directory).read(FILE, Sessions.class);
  }
}
