package dev.unroll.bench.report;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.result.Comparison;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Comparisons with other libraries as text. */
public final class PeerTables {
  private static final int UNITS = 128;
  private static final int STEPS = 100;

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
                    "%s: against the fastest other library with floats at each of %d workloads,"
                        + " %.2f times as fast in geometric mean, at least as fast at %d, least %s"
                        + " (%s %s, %s)",
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

  /** The LSTMs of which the README shows every form of the weights. */
  private static final List<Integer> LSTM_UNITS = List.of(UNITS, 2 * UNITS);

  /** Whether our weights of 16 and 8 bits are there for each LSTM that {@link #alone} shows. */
  static boolean hasFewerBits(List<Comparison> comparisons) {
    return Stream.of(" bf16", " int8")
        .allMatch(
            bits ->
                comparisons.stream()
                        .filter(c -> isAlone(c) && isLstm(c))
                        .filter(c -> c.peer().equals(Comparison.OURS + bits))
                        .count()
                    == 2L * LSTM_UNITS.size());
  }

  /** One sequence and a batch of 64 on one thread: every library at few shapes. */
  static String alone(List<Comparison> comparisons) {
    List<Comparison> all = comparisons.stream().filter(PeerTables::isAlone).toList();
    return Stream.<Predicate<Comparison>>of(
            PeerTables::isLstm,
            c -> isForward(c) && !isLstm(c) && c.hiddenSize() == UNITS,
            c -> !isForward(c) && c.hiddenSize() == UNITS)
        .map(rows -> libraries(all.stream().filter(rows).toList()))
        .filter(table -> !table.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private static boolean isForward(Comparison c) {
    return c.mode().equals(Mode.FORWARD.label());
  }

  private static boolean isLstm(Comparison c) {
    return isForward(c) && c.cell().equals("lstm");
  }

  private static boolean isAlone(Comparison c) {
    return c.threads() == 1
        && (c.batch() == 1 || c.batch() == 64)
        && c.steps() == STEPS
        && c.inputSize() == c.hiddenSize()
        && LSTM_UNITS.contains(c.hiddenSize());
  }

  /** A row for each library, ours first, and a column for each workload of one mode. */
  private static String libraries(List<Comparison> comparisons) {
    Map<String, List<Comparison>> workloads = byWorkload(comparisons);
    if (workloads.isEmpty()) {
      return "";
    }
    List<String> columns = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    columns.add(comparisons.getFirst().mode());
    rows.add(new ArrayList<>(List.of("**" + Comparison.OURS + "**, µs")));
    for (List<Comparison> workload : workloads.values()) {
      Comparison c = workload.getFirst();
      columns.add(
          Numbers.format(
              "%s, B = %d, H = %d", CellNames.label(c.cell()), c.batch(), c.hiddenSize()));
      rows.getFirst().add(Numbers.format("%.0f", c.oursMicros()));
    }
    for (String peer : peers(comparisons)) {
      List<String> row = new ArrayList<>(List.of(peer));
      workloads.values().forEach(workload -> row.add(ratio(workload, peer)));
      rows.add(row);
    }
    return Markdown.table(columns, rows);
  }

  private static String ratio(List<Comparison> workload, String peer) {
    return workload.stream()
        .filter(c -> c.peer().equals(peer))
        .map(c -> Numbers.format("%.2f [%.2f, %.2f]", c.ratio(), c.ratioLow(), c.ratioHigh()))
        .findFirst()
        .orElse("–");
  }

  /** The names of what is beside us, our own of fewer bits first. */
  private static List<String> peers(List<Comparison> comparisons) {
    return comparisons.stream()
        .map(Comparison::peer)
        .distinct()
        .sorted(
            Comparator.comparing((String peer) -> !peer.startsWith(Comparison.OURS + " "))
                .thenComparing(String.CASE_INSENSITIVE_ORDER))
        .toList();
  }

  /** A Markdown table for each mode and number of threads. */
  static String tables(List<Comparison> comparisons) {
    List<String> peers = peers(comparisons);
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
              "| %s | %s | %.1f | %.0f %%%s |",
              CellNames.label(first.cell()),
              cutShape(first),
              first.oursMicros(),
              100 * first.ceilingFraction(),
              first.chainFraction() == null
                  ? ""
                  : Numbers.format(", chain %.0f %%", 100 * first.chainFraction())));
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
