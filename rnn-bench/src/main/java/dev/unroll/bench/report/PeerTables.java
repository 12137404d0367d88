package dev.unroll.bench.report;

import dev.unroll.bench.result.Comparison;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Comparisons with other libraries as text. */
public final class PeerTables {
  private static final int UNITS = 128;

  private PeerTables() {}

  /** One workload's comparisons, one for each library. */
  static Map<String, List<Comparison>> byWorkload(List<Comparison> comparisons) {
    List<Comparison> sorted = new ArrayList<>(comparisons);
    sorted.sort(
        Comparator.comparing(Comparison::mode)
            .thenComparingInt(Comparison::threads)
            .thenComparing(Comparison::cell)
            .thenComparingInt(Comparison::batch)
            .thenComparingInt(Comparison::hiddenSize));
    Map<String, List<Comparison>> groups = new LinkedHashMap<>();
    for (Comparison c : sorted) {
      groups
          .computeIfAbsent(
              Numbers.format("%s %s %d %s", c.mode(), c.cell(), c.threads(), shape(c)),
              key -> new ArrayList<>())
          .add(c);
    }
    return groups;
  }

  /** B,T,I,H. */
  public static String shape(Comparison c) {
    return Numbers.format("%d,%d,%d,%d", c.batch(), c.steps(), c.inputSize(), c.hiddenSize());
  }

  /** Each library's time and ratio at one workload, short; empty if none was measured. */
  public static String line(List<Comparison> workload) {
    return workload.isEmpty()
        ? ""
        : workload.stream()
            .map(
                c ->
                    Numbers.format(
                        "%s %.1f µs, %.2f [%.2f, %.2f] times ours",
                        c.peer(), c.peerMicros(), c.ratio(), c.ratioLow(), c.ratioHigh()))
            .collect(
                Collectors.joining(
                    "; ",
                    Numbers.format(": ours %.1f µs; ", workload.getFirst().oursMicros()),
                    ""));
  }

  /** The library that is closest to us, or ahead, among those that compute in 32 bits as we do. */
  static Comparison fastest(List<Comparison> workload) {
    return workload.stream().min(Comparator.comparingDouble(Comparison::ratio)).orElseThrow();
  }

  private static List<Comparison> alike(List<Comparison> comparisons) {
    return comparisons.stream().filter(Comparison::isLikeWithLike).toList();
  }

  /** Where another library that computes in 32 bits is ahead of us, the worst first. */
  static String losses(List<Comparison> comparisons) {
    List<List<String>> rows =
        alike(comparisons).stream()
            .filter(c -> c.ratio() < 1)
            .sorted(Comparator.comparingDouble(Comparison::ratio))
            .map(
                c ->
                    List.of(
                        CellNames.label(c.cell()),
                        c.mode(),
                        Integer.toString(c.threads()),
                        cutShape(c),
                        Numbers.format("%.1f", c.oursMicros()),
                        c.peer(),
                        Numbers.format("%.1f", c.peerMicros()),
                        Numbers.format(
                            "%.2f [%.2f, %.2f]", c.ratio(), c.ratioLow(), c.ratioHigh())))
            .toList();
    return "### Where another library is ahead\n\n"
        + (rows.isEmpty()
            ? "Nowhere.\n"
            : Markdown.table(
                List.of(
                    "cell", "", "threads", "B,T,I,H", "ours, µs", "library", "theirs, µs", "ratio"),
                rows));
  }

  /** B,T,I,H, and of which T it was cut. */
  private static String cutShape(Comparison c) {
    return shape(c) + (c.cutFrom() == null ? "" : " (T cut from " + c.cutFrom() + ")");
  }

  /**
   * How we stand against the fastest other library at each workload of a mode and a number of
   * threads.
   *
   * @param fastest the comparison with it at each workload
   */
  record Standing(String mode, int threads, List<Comparison> fastest) {
    /** The geometric mean of their times over ours. */
    double mean() {
      return Math.exp(fastest.stream().mapToDouble(c -> Math.log(c.ratio())).average().orElse(0));
    }

    /** At how many workloads nobody is faster. */
    long won() {
      return fastest.stream().filter(c -> c.ratio() >= 1).count();
    }

    Comparison worst() {
      return PeerTables.fastest(fastest);
    }

    String group() {
      return Numbers.format("%s, %d thread%s", mode, threads, threads == 1 ? "" : "s");
    }
  }

  /** The ratio in as few digits as say who is ahead. */
  static String ratio(Comparison c) {
    String two = Numbers.format("%.2f", c.ratio());
    return two.equals("1.00") && c.ratio() < 1 ? Numbers.format("%.3f", c.ratio()) : two;
  }

  /** Our standing in each mode and number of threads. */
  static List<Standing> standings(List<Comparison> comparisons) {
    Map<String, Standing> standings = new LinkedHashMap<>();
    for (List<Comparison> workload : byWorkload(alike(comparisons)).values()) {
      Comparison best = fastest(workload);
      standings
          .computeIfAbsent(
              best.mode() + best.threads(),
              key -> new Standing(best.mode(), best.threads(), new ArrayList<>()))
          .fastest()
          .add(best);
    }
    return List.copyOf(standings.values());
  }

  /** How we stand against the fastest other library, for each mode and number of threads. */
  public static String summary(List<Comparison> comparisons) {
    return standings(comparisons).stream()
        .map(
            one ->
                Numbers.format(
                    "%s: against the fastest other library at each of %d workloads, %.2f times as"
                        + " fast in geometric mean, at least as fast at %d, least %s (%s %s, %s)",
                    one.group(),
                    one.fastest().size(),
                    one.mean(),
                    one.won(),
                    ratio(one.worst()),
                    CellNames.label(one.worst().cell()),
                    shape(one.worst()),
                    one.worst().peer()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** One sequence and a batch of 64 of {@value #UNITS} units on one thread, as one table. */
  static String alone(List<Comparison> comparisons) {
    List<String> peers = comparisons.stream().map(Comparison::peer).distinct().sorted().toList();
    List<List<String>> rows = new ArrayList<>();
    for (List<Comparison> workload : byWorkload(comparisons).values()) {
      Comparison first = workload.getFirst();
      if (first.threads() != 1
          || first.hiddenSize() != UNITS
          || (first.batch() != 1 && first.batch() != 64)) {
        continue;
      }
      List<String> row =
          new ArrayList<>(
              List.of(
                  CellNames.label(first.cell()),
                  first.mode(),
                  Integer.toString(first.batch()),
                  Numbers.format("%.0f", first.oursMicros())));
      for (String peer : peers) {
        row.add(
            workload.stream()
                .filter(c -> c.peer().equals(peer))
                .map(
                    c ->
                        Numbers.format("%.2f [%.2f, %.2f]", c.ratio(), c.ratioLow(), c.ratioHigh()))
                .findFirst()
                .orElse("–"));
      }
      rows.add(row);
    }
    List<String> columns = new ArrayList<>(List.of("cell", "", "B", "ours, µs"));
    peers.forEach(peer -> columns.add(peer + ", times ours"));
    return rows.isEmpty() ? "" : Markdown.table(columns, rows);
  }

  /** A Markdown table for each mode and number of threads. */
  static String tables(List<Comparison> comparisons) {
    List<String> peers = comparisons.stream().map(Comparison::peer).distinct().sorted().toList();
    StringBuilder text = new StringBuilder();
    String heading = "";
    for (List<Comparison> workload : byWorkload(comparisons).values()) {
      Comparison first = workload.getFirst();
      String group =
          Numbers.format(
              "%s, %d thread%s", first.mode(), first.threads(), first.threads() == 1 ? "" : "s");
      if (!group.equals(heading)) {
        heading = group;
        text.append("\n### ")
            .append(Report.capital(group))
            .append("\n\n| cell | B,T,I,H | ours, µs | of the limit |");
        peers.forEach(peer -> text.append(' ').append(peer).append(" |"));
        text.append("\n|---|---|--:|--:|").append("--:|".repeat(peers.size())).append('\n');
      }
      text.append(
          Numbers.format(
              "| %s | %s | %.1f | %.0f %% |",
              CellNames.label(first.cell()),
              cutShape(first),
              first.oursMicros(),
              100 * first.ceilingFraction()));
      for (String peer : peers) {
        text.append(
            workload.stream()
                .filter(c -> c.peer().equals(peer))
                .map(
                    c ->
                        Numbers.format(
                            " %.1f µs, **%.2f** [%.2f, %.2f] |",
                            c.peerMicros(), c.ratio(), c.ratioLow(), c.ratioHigh()))
                .findFirst()
                .orElse(" – |"));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
