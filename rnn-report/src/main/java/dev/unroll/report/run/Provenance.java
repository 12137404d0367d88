package dev.unroll.report.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where numbers come from: the code, the JDK and the machine that one start of a program ran on. A
 * program writes it beside what it adds itself.
 *
 * @param date the start, UTC
 * @param commit the git commit of the code, or {@code unknown}
 * @param commitDate when it was committed, UTC; null where git does not know it
 * @param dirty whether the work tree differed from it, results aside
 * @param jdk virtual machine and version
 * @param jvmFlags of the JVM that measured
 * @param machine processor, cores, memory and system, each by that name
 * @param vectorBits the vector width in use; 0 means plain Java
 */
public record Provenance(
    String date,
    String commit,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String commitDate,
    boolean dirty,
    String jdk,
    List<String> jvmFlags,
    Map<String, String> machine,
    int vectorBits) {
  /** Names the commit where the code was copied to a machine without its repository. */
  private static final String COMMIT = "UNROLL_COMMIT";

  private static final String UNKNOWN = "unknown";
  private static final int SHORT_HASH = 10;

  /** Checks that a file left nothing out. */
  public Provenance {
    Json.requireAll(date, commit, jdk, jvmFlags, machine);
  }

  /** The provenance of what begins now. */
  public static Provenance now(List<String> jvmFlags, int vectorBits) {
    return new Provenance(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        currentCommit(),
        git("log", "-1", "--format=%cI").map(Provenance::utc).orElse(null),
        git("status", "--porcelain", "--", ":/", ":(top,exclude)results")
            .map(changes -> !changes.isEmpty())
            .orElse(false),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        jvmFlags,
        thisMachine(),
        vectorBits);
  }

  private static String currentCommit() {
    return git("rev-parse", "HEAD").orElseGet(() -> toldCommit(System.getenv(COMMIT)));
  }

  private static String toldCommit(@Nullable String told) {
    return told == null || told.isBlank() ? UNKNOWN : told;
  }

  /**
   * Refuses to begin what others are to check, where nobody could say which code it was.
   *
   * @throws InputException if no commit is known
   */
  public static void requireCommit() {
    requireCommit(currentCommit());
  }

  static void requireCommit(String commit) {
    if (commit.equals(UNKNOWN)) {
      throw new InputException(
          "--reference: a run to commit names the commit of its code, but git tells none here: set"
              + " %s to its hash, or leave --reference out.".formatted(COMMIT));
    }
  }

  /** The same with one more fact about the machine. */
  public Provenance with(String name, String fact) {
    Map<String, String> more = new LinkedHashMap<>(machine);
    more.put(name, fact);
    return new Provenance(date, commit, commitDate, dirty, jdk, jvmFlags, more, vectorBits);
  }

  /** A date of git's as UTC. */
  public static String utc(String date) {
    return OffsetDateTime.parse(date).toInstant().toString();
  }

  /** When the code was committed, in words; blank where nobody noted it. */
  public String committed() {
    return commitDate == null ? "" : words(commitDate);
  }

  /** A time as people write it. */
  public static String words(String utc) {
    return utc.replaceFirst("T(\\d\\d:\\d\\d).*", " $1 UTC");
  }

  /** A fact about the machine, such as its {@code processor}. */
  public String machine(String name) {
    return machine.getOrDefault(name, UNKNOWN);
  }

  /** The commit as people write it, and whether the code differed from it. */
  public String version() {
    return commit.substring(0, Math.min(SHORT_HASH, commit.length()))
        + (dirty ? " with local changes" : "");
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

  /** The name of this machine's processor. */
  public static String processor() {
    return field(Path.of("/proc/cpuinfo"), "model name");
  }

  private static Map<String, String> thisMachine() {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("processor", processor());
    machine.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put(
        "system",
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    return machine;
  }

  private static String field(Path file, String name) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(UNKNOWN);
    } catch (IOException notLinux) {
      return UNKNOWN;
    }
  }

  /** What git says in the project's folder; nothing if it cannot. */
  static Optional<String> git(String... words) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Results.HOME.toAbsolutePath().toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0
          ? Optional.of(output)
          : Optional.empty();
    } catch (IOException noGit) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
