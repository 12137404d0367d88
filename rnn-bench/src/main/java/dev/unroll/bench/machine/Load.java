package dev.unroll.bench.machine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether the machine is quiet enough to be measured. */
public final class Load {
  private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

  private Load() {}

  /** Warnings of several sittings: of those that differ in their numbers only, the worst. */
  public static List<String> worst(List<String> before, List<String> now) {
    Map<String, String> worst = new LinkedHashMap<>();
    for (String warning : Stream.concat(before.stream(), now.stream()).toList()) {
      worst.merge(
          NUMBER.matcher(warning).replaceAll("#"),
          warning,
          (a, b) -> firstNumber(a) >= firstNumber(b) ? a : b);
    }
    return List.copyOf(worst.values());
  }

  private static double firstNumber(String warning) {
    Matcher number = NUMBER.matcher(warning);
    return number.find() ? Double.parseDouble(number.group()) : 0;
  }

  /** What to warn of before a run: other processes' load. Empty on a quiet machine. */
  public static List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    int cores = Runtime.getRuntime().availableProcessors();
    // Maven's own work just before is about one.
    if (load > Math.max(1.5, 0.75 * cores)) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the machine was busy when measuring began: load %.1f on %d cores",
              load,
              cores));
    }
    return warnings;
  }

  /**
   * Processor time that the hypervisor gave to others since the system began, in ticks; 0 where
   * Linux's {@code /proc/stat} is missing.
   *
   * @return {stolen, total}
   */
  public static long[] stolen() {
    try {
      String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
      long total = 0;
      for (int i = 1; i < Math.min(9, fields.length); i++) {
        total += Long.parseLong(fields[i]);
      }
      return new long[] {fields.length > 8 ? Long.parseLong(fields[8]) : 0, total};
    } catch (IOException | NumberFormatException e) {
      return new long[] {0, 0};
    }
  }

  /** What to say of time stolen during a run; empty below one percent. */
  public static List<String> stolenSince(long[] before) {
    long[] now = stolen();
    double share = (double) (now[0] - before[0]) / Math.max(1, now[1] - before[1]);
    return share < 0.01
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "up to %.0f %% of the processor time went to other virtual machines (steal)",
                100 * share));
  }
}
