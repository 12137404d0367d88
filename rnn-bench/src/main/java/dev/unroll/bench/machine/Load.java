package dev.unroll.bench.machine;

import dev.unroll.report.number.Numbers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether the machine is quiet enough to be measured. */
public final class Load {
  private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

  private static final long SAMPLE_MILLIS = 500;
  private static final double MOST_BUSY = 0.2;

  private static final int STOLEN = 0;
  private static final int BUSY = 1;
  private static final int TOTAL = 2;

  // Fields of a line of /proc/stat.
  private static final int IDLE = 4;
  private static final int IO_WAIT = 5;
  private static final int STEAL = 8;

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

  /** What to warn of before a run: other processes' work. Empty on a quiet machine. */
  public static List<String> warnings() {
    long[] before = times();
    try {
      // This process sleeps, so whatever runs is another. The load average still counts what ended
      // a minute ago, such as the build of this very program.
      Thread.sleep(SAMPLE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    double busy = share(before, BUSY);
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    int cores = Runtime.getRuntime().availableProcessors();
    if (before[TOTAL] == 0 ? load <= cores : busy <= MOST_BUSY) {
      return List.of();
    }
    return List.of(
        Numbers.format(
            "other programs used up to %.0f %% of the processors when measuring began (load average"
                + " %.1f on %d cores)",
            100 * busy, load, cores));
  }

  /**
   * Processor time since the system began, in ticks; zeros where Linux's {@code /proc/stat} is
   * missing.
   *
   * @return {stolen, busy, total}: stolen is what the hypervisor gave to other machines
   */
  public static long[] times() {
    long[] times = new long[3];
    try {
      String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
      for (int i = 1; i < Math.min(9, fields.length); i++) {
        long ticks = Long.parseLong(fields[i]);
        times[TOTAL] += ticks;
        times[BUSY] += i == IDLE || i == IO_WAIT ? 0 : ticks;
        times[STOLEN] += i == STEAL ? ticks : 0;
      }
      return times;
    } catch (IOException | NumberFormatException e) {
      return new long[3];
    }
  }

  /** What to say of time stolen since then; empty below one percent. */
  public static List<String> stolenSince(long[] before) {
    double share = share(before, STOLEN);
    return share < 0.01
        ? List.of()
        : List.of(
            Numbers.format(
                "up to %.0f %% of the processor time went to other virtual machines (steal)",
                100 * share));
  }

  /** The share of the processors' time that was busy since then; NaN where it is not known. */
  public static double busySince(long[] before) {
    return before[TOTAL] == 0 ? Double.NaN : share(before, BUSY);
  }

  private static double share(long[] before, int what) {
    long[] now = times();
    return (double) (now[what] - before[what]) / Math.max(1, now[TOTAL] - before[TOTAL]);
  }
}
