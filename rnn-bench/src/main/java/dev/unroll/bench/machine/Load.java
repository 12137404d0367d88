package dev.unroll.bench.machine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether the machine is quiet enough to be measured. */
public final class Load {
  private Load() {}

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
              "the machine was busy when the run began: load %.1f on %d cores",
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
                "%.0f %% of the processor time went to other virtual machines (steal)",
                100 * share));
  }
}
