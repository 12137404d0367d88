package dev.unroll.bench.result;

import dev.unroll.bench.machine.Caches;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Load;
import dev.unroll.kernel.Lanes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a run's numbers come from.
 *
 * @param kind what was run, such as quick
 * @param command the command that does it again
 * @param date when it began
 * @param commit git's short hash, with "+changes" if the work tree differed; "unknown" without git
 * @param machine processor, cores, memory and system by name
 * @param jdk version and virtual machine
 * @param flags of the measuring JVMs
 * @param vectorBits the width in use
 * @param complete whether the run came to its end
 * @param seconds how long it took
 * @param notes what a reader has to know, such as a busy machine
 */
public record Provenance(
    String kind,
    String command,
    String date,
    String commit,
    Map<String, String> machine,
    String jdk,
    List<String> flags,
    int vectorBits,
    boolean complete,
    long seconds,
    List<String> notes) {

  /** The provenance of a run that begins now. */
  public static Provenance begin(String kind, String command) {
    return new Provenance(
        kind,
        command,
        OffsetDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString(),
        readCommit(),
        readMachine(),
        System.getProperty("java.version") + ", " + System.getProperty("java.vm.name"),
        ForkedJvm.flags(),
        Lanes.BITS,
        false,
        0,
        Load.warnings());
  }

  /** The same run, at its end. */
  public Provenance end(long seconds, List<String> more) {
    List<String> all = new ArrayList<>(notes);
    all.addAll(more);
    return with(true, seconds, all);
  }

  /** The same run on the way, with these notes. */
  public Provenance soFar(long seconds, List<String> notes) {
    return with(false, seconds, notes);
  }

  private Provenance with(boolean complete, long seconds, List<String> notes) {
    return new Provenance(
        kind, command, date, commit, machine, jdk, flags, vectorBits, complete, seconds, notes);
  }

  /** Why figures of this run cannot stand beside those of another; empty if they can. */
  public List<String> differences(Provenance other) {
    List<String> differences = new ArrayList<>();
    if (!machine.equals(other.machine())) {
      differences.add("another machine: " + machine + " and " + other.machine());
    }
    if (!jdk.equals(other.jdk())) {
      differences.add("another JDK: " + jdk + " and " + other.jdk());
    }
    if (vectorBits != other.vectorBits()) {
      differences.add("another width: " + vectorBits + " and " + other.vectorBits() + " bits");
    }
    return differences;
  }

  private static Map<String, String> readMachine() {
    Runtime runtime = Runtime.getRuntime();
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("processor", field(Path.of("/proc/cpuinfo"), "model name"));
    machine.put("cores", Integer.toString(runtime.availableProcessors()));
    machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put("caches", caches());
    machine.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    return machine;
  }

  private static String caches() {
    StringBuilder text = new StringBuilder();
    Caches.levels().stream()
        .filter(level -> level.bytes() < Long.MAX_VALUE)
        .forEach(
            level ->
                text.append(text.isEmpty() ? "" : ", ")
                    .append(level.name())
                    .append(' ')
                    .append(level.bytes() >> 10)
                    .append(" KiB"));
    return text.toString();
  }

  private static String field(Path file, String name) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String readCommit() {
    String hash = git("rev-parse", "--short", "HEAD");
    if (hash.isEmpty()) {
      return "unknown";
    }
    return git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)results")
            .isEmpty()
        ? hash
        : hash + "+changes";
  }

  private static String git(String... words) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text.trim() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** The run's length in words. */
  public String duration() {
    return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
  }
}
