package dev.unroll.bench.report;

import dev.unroll.bench.result.ForkTime;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/** The same work in several processes, as text: does the compiler do equally well in each? */
public final class SteadyTables {
  /** A fork slower than this times the median one counts as unsteady. */
  static final double BAR = 1.10;

  /** One workload over all forks, of each the better visit. */
  record Row(String workload, double median, double slowest, double ratio, int slowForks) {}

  private SteadyTables() {}

  /** One row a workload, the least steady first. */
  static List<Row> rows(List<ForkTime> times) {
    Map<String, Map<Integer, Double>> best = new TreeMap<>();
    for (ForkTime time : times) {
      best.computeIfAbsent(time.workload(), key -> new TreeMap<>())
          .merge(time.fork(), time.micros(), Math::min);
    }
    List<Row> rows = new ArrayList<>();
    best.forEach(
        (workload, byFork) -> {
          double[] micros = byFork.values().stream().mapToDouble(Double::doubleValue).toArray();
          double median = new Median().evaluate(micros);
          double slowest = StatUtils.max(micros);
          int slow = (int) Arrays.stream(micros).filter(m -> m > BAR * median).count();
          rows.add(new Row(workload, median, slowest, slowest / median, slow));
        });
    rows.sort(Comparator.comparingDouble(Row::ratio).reversed());
    return rows;
  }

  /** Two sentences. */
  public static String summary(List<ForkTime> times) {
    List<Row> rows = rows(times);
    long forks = times.stream().mapToInt(ForkTime::fork).distinct().count();
    Row worst = rows.getFirst();
    return Numbers.format(
        "%d processes, each with all %d workloads in its own order: the slowest took at most %.2f"
            + " times the median one's time at %d of them. At the least steady, %s, it took %.2f"
            + " times as long; %d of all %d times were above the bar.",
        forks,
        rows.size(),
        BAR,
        rows.stream().filter(row -> row.ratio() <= BAR).count(),
        worst.workload(),
        worst.ratio(),
        rows.stream().mapToInt(Row::slowForks).sum(),
        forks * rows.size());
  }

  /** The report's section. */
  static String section(List<ForkTime> times) {
    StringBuilder text = new StringBuilder("## Steadiness from process to process\n\n");
    text.append(summary(times)).append("\n\n");
    text.append(
            "A process comes to each workload twice, with all others between; a visit's time is")
        .append(" the tenth percentile of its calls, the process's time the better visit. So a")
        .append(" passing disturbance counts less; one that lasts minutes still counts.\n\n");
    text.append("| workload | median, µs | slowest, µs | slowest / median | processes above ")
        .append(Numbers.format("%.2f", BAR))
        .append(" |\n|---|--:|--:|--:|--:|\n");
    for (Row row : rows(times)) {
      text.append(
          Numbers.format(
              "| %s | %.1f | %.1f | %s%.2f%s | %d |%n",
              row.workload(),
              row.median(),
              row.slowest(),
              row.ratio() > BAR ? "**" : "",
              row.ratio(),
              row.ratio() > BAR ? "**" : "",
              row.slowForks()));
    }
    return text.append('\n').toString();
  }
}
