package dev.unroll.bench.gate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where both sides of a benchmark spend their time, as the JDK's flight recorder sees it.
 *
 * @param benchmark its name
 * @param baseSamples how often the recorder looked at the base
 * @param candidateSamples and at the candidate
 * @param methods those that were running most often, on either side
 */
record Profile(
    String benchmark, int baseSamples, int candidateSamples, List<ProfiledMethod> methods) {
  private static final int MOST_METHODS = 8;

  /**
   * A method that was on top of the stack.
   *
   * @param base share of the base's samples
   * @param candidate share of the candidate's
   */
  record ProfiledMethod(String name, double base, double candidate) {}

  /** What a virtual machine is started with to be recorded. */
  static List<String> flags(Path recording) {
    return List.of(
        "-XX:StartFlightRecording:settings=profile,dumponexit=true,filename=" + recording,
        // Without it the recorder sees calls and ends of loops only.
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:+DebugNonSafepoints");
  }

  /** Compares two recordings. */
  static Profile of(String benchmark, Path base, Path candidate) throws IOException {
    Map<String, Integer> before = samples(base);
    Map<String, Integer> after = samples(candidate);
    int baseSamples = before.values().stream().mapToInt(Integer::intValue).sum();
    int candidateSamples = after.values().stream().mapToInt(Integer::intValue).sum();
    Set<String> names = new HashSet<>(before.keySet());
    names.addAll(after.keySet());
    List<ProfiledMethod> methods =
        names.stream()
            .map(
                name ->
                    new ProfiledMethod(
                        name,
                        before.getOrDefault(name, 0) / (double) Math.max(1, baseSamples),
                        after.getOrDefault(name, 0) / (double) Math.max(1, candidateSamples)))
            .sorted(
                Comparator.comparingDouble((ProfiledMethod m) -> -Math.max(m.base, m.candidate))
                    .thenComparing(ProfiledMethod::name))
            .limit(MOST_METHODS)
            .toList();
    return new Profile(benchmark, baseSamples, candidateSamples, methods);
  }

  private static Map<String, Integer> samples(Path recording) throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStackTrace() != null
            && !event.getStackTrace().getFrames().isEmpty()) {
          RecordedFrame top = event.getStackTrace().getFrames().getFirst();
          counts.merge(
              top.getMethod().getType().getName() + "." + top.getMethod().getName(),
              1,
              Integer::sum);
        }
      }
    }
    return counts;
  }
}
