package dev.unroll.bench.result;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.unroll.bench.machine.Caches;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Load;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What was run, where its numbers come from, and how far it came.
 *
 * @param kind such as quick
 * @param command the command that does it again
 * @param provenance of the first start
 * @param complete whether the run came to its end
 * @param seconds how long it took, over all starts
 * @param notes what a reader has to know, such as a busy machine
 */
public record Run(
    String kind,
    String command,
    @JsonUnwrapped Provenance provenance,
    boolean complete,
    long seconds,
    List<String> notes) {
  /** The file that it is in. */
  public static final String FILE = "run.json";

  private static final String CACHES = "caches";

  /** Checks that a file left nothing out. */
  public Run {
    Json.requireAll(kind, command, provenance, notes);
    if (kind.isEmpty()) {
      throw new IllegalArgumentException("the kind is empty");
    }
  }

  /**
   * A run that begins now.
   *
   * @param args the words after {@code -Dargs=}
   */
  public static Run begin(String kind, List<String> args) {
    return new Run(
        kind,
        "mvn -pl rnn-bench exec -Dargs=\"%s\""
            .formatted(
                args.stream()
                    .map(word -> word.contains(" ") || word.isEmpty() ? "'" + word + "'" : word)
                    .collect(Collectors.joining(" "))),
        Provenance.now(ForkedJvm.flags(), Lanes.BITS).with(CACHES, caches()),
        false,
        0,
        Load.warnings());
  }

  /** The run of a folder. */
  public static Run of(RunFolder folder) {
    return folder.read(FILE, Run.class);
  }

  /** The same run on the way, with these notes besides: of those alike the worst. */
  public Run with(List<String> more) {
    return new Run(kind, command, provenance, false, seconds, Load.worst(notes, more));
  }

  /**
   * The processor in words; hosts call different ones by one name, which their first cache tells.
   */
  public String processor() {
    String caches = provenance.machine().getOrDefault(CACHES, "").replaceFirst(",.*", "");
    return provenance.machine("processor") + (caches.isEmpty() ? "" : " (" + caches + ")");
  }

  /** The machine in words. */
  public String machine() {
    return "%s, %s cores, %s, %d bits"
        .formatted(
            processor(), provenance.machine("cores"), provenance.jdk(), provenance.vectorBits());
  }

  /** When it began, in words. */
  public String date() {
    return provenance.date().replace("T", " ").replace("Z", " UTC");
  }

  /** How long it took, in words. */
  public String duration() {
    return Numbers.format("%d min %02d s", seconds / 60, seconds % 60);
  }

  private static String caches() {
    return Caches.levels().stream()
        .filter(level -> level.bytes() < Long.MAX_VALUE)
        .map(level -> "%s %d KiB".formatted(level.name(), level.bytes() >> 10))
        .collect(Collectors.joining(", "));
  }
}
