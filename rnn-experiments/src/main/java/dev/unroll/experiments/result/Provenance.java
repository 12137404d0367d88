package dev.unroll.experiments.result;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;

/**
 * Where results come from: everything about a run that may differ from one run to the next. A run
 * that was interrupted has one session for each time it was started.
 *
 * @param seeds the seeds asked for
 * @param sessions the starts of the program that worked on the run, in order
 */
public record Provenance(List<Long> seeds, List<Session> sessions) {
  private static final String FILE = "provenance.json";

  /**
   * One start of the program.
   *
   * @param commit the git commit of the code, or {@code unknown}
   * @param dirty whether the work tree differed from it, results aside
   * @param jdk the running JDK
   * @param jvmFlags the flags the JVM was started with
   * @param cpu the processor
   * @param vectorBits the vector width in use; 0 means plain Java
   * @param threads trials run at a time
   * @param date the start, UTC
   * @param trials trials finished in this session
   * @param wallSeconds time from the start to the last finished trial
   * @param cpuSeconds CPU time of the whole program until then
   * @param timings what trials timed, by trial and name
   */
  public record Session(
      String commit,
      boolean dirty,
      String jdk,
      List<String> jvmFlags,
      String cpu,
      int vectorBits,
      int threads,
      String date,
      int trials,
      double wallSeconds,
      double cpuSeconds,
      Map<String, Double> timings) {}

  /** Watches one session and keeps its file up to date. */
  public static final class Recorder {
    private final Path directory;
    private final List<Long> seeds;
    private final List<Session> earlier;
    private final Session start;
    private final long startNanos = System.nanoTime();
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
      this.start =
          new Session(
              git("rev-parse", "HEAD").orElse("unknown"),
              git("status", "--porcelain", "--", ":/", ":(top,exclude)results")
                  .map(changes -> !changes.isEmpty())
                  .orElse(false),
              System.getProperty("java.vm.name") + " " + Runtime.version(),
              ManagementFactory.getRuntimeMXBean().getInputArguments(),
              cpu(),
              vectorBits,
              threads,
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
              0,
              0,
              0,
              Map.of());
    }

    private static List<Session> earlier(Path directory) {
      try {
        return read(directory).sessions();
      } catch (IOException | JacksonException none) {
        return List.of();
      }
    }

    /** Notes one finished trial with what it timed, and writes the file. */
    public synchronized void finished(String trial, Map<String, Double> timed) throws IOException {
      trials++;
      timed.forEach((name, value) -> timings.put((trial + " " + name).strip(), value));
      List<Session> sessions = new ArrayList<>(earlier);
      sessions.add(
          new Session(
              start.commit,
              start.dirty,
              start.jdk,
              start.jvmFlags,
              start.cpu,
              start.vectorBits,
              start.threads,
              start.date,
              trials,
              seconds(System.nanoTime() - startNanos),
              seconds(cpuNanos()),
              timings));
      AtomicFile.write(
          directory.resolve(FILE), Json.PRETTY.writeValueAsString(new Provenance(seeds, sessions)));
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

  /** Reads the provenance of a run. */
  public static Provenance read(Path directory) throws IOException {
    return Json.PRETTY.readValue(Files.readString(directory.resolve(FILE)), Provenance.class);
  }

  private static java.util.Optional<String> git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0
          ? java.util.Optional.of(output)
          : java.util.Optional.empty();
    } catch (IOException noGit) {
      return java.util.Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return java.util.Optional.empty();
    }
  }

  private static String cpu() {
    Path info = Path.of("/proc/cpuinfo");
    int cores = Runtime.getRuntime().availableProcessors();
    String model = System.getProperty("os.arch", "unknown");
    if (Files.isReadable(info)) {
      try {
        model =
            Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(model);
      } catch (IOException unreadable) {
        // the architecture alone will do
      }
    }
    return model + ", " + cores + " cores visible";
  }
}
