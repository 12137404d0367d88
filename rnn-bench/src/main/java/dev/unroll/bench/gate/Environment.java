package dev.unroll.bench.gate;

import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one side ran in.
 *
 * @param jdk the virtual machine with its version
 * @param flags what it was started with
 * @param tool what measured, such as JMH's version; empty for the gate's own
 */
record Environment(String jdk, List<String> flags, String tool) {
  /** This process, which measures. */
  static Environment here() {
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    return new Environment(
        runtime.getVmName() + " " + runtime.getVmVersion(), runtime.getInputArguments(), "");
  }

  /** What is known of both sides, by its name: one line where they agree, two where not. */
  static List<String> told(Environment base, Environment candidate) {
    List<String> lines = new ArrayList<>();
    Map<String, List<String>> parts = new LinkedHashMap<>();
    parts.put("JDK", List.of(base.jdk, candidate.jdk));
    parts.put("Measured by", List.of(base.tool, candidate.tool));
    parts.put("Flags", List.of(flags(base, candidate), flags(candidate, base)));
    parts.forEach(
        (name, both) -> {
          if (!both.getFirst().equals(both.getLast())) {
            lines.add(
                "**%s differ%s**: base %s, candidate %s"
                    .formatted(
                        name, name.endsWith("s") ? "" : "s", both.getFirst(), both.getLast()));
          } else if (!both.getFirst().isEmpty()) {
            lines.add("%s, both sides: %s".formatted(name, both.getFirst()));
          }
        });
    return lines;
  }

  /** The flags; where the other side has others, those alone that it lacks. */
  private static String flags(Environment one, Environment other) {
    List<String> own = new ArrayList<>(one.flags);
    if (!one.flags.equals(other.flags)) {
      own.removeAll(other.flags);
    }
    return own.isEmpty() && !one.flags.equals(other.flags)
        ? "none of its own"
        : String.join(" ", own);
  }
}
