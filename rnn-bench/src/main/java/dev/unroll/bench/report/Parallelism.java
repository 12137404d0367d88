package dev.unroll.bench.report;

import dev.unroll.bench.report.ScalingLaw.Timing;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;

/** What batches and threads buy back: throughput, latency, and the laws of scaling. */
final class Parallelism {
  /** A larger batch that brings less than this for each sequence does not pay. */
  private static final double WORTH = 0.05;

  /** Batches whose scaling is shown, of those that a run has. */
  private static final List<Integer> SHOWN = List.of(1, 16, 64, 512);

  private Parallelism() {}

  /** The second and third sentence of a report. */
  static String sentences(Measured run) {
    StringBuilder text = new StringBuilder();
    List<Point> own = run.along("batch", Measured.BATCH, lstm(1));
    Optional<Point> one = run.batch("lstm", "FORWARD", 1, 1);
    Optional<Point> pays = whereItStops(own);
    if (one.isEmpty() || pays.isEmpty()) {
      return "";
    }
    Point many = pays.get();
    text.append(
        many.param("batch") == 1
            ? Numbers.format(
                "Batches do not bring that down by more than %.0f %% on one thread. ", 100 * WORTH)
            : Numbers.format(
                "A batch of %d brings it down to %.2f µs a step of each sequence, %.1f times less,"
                    + " because sequences do not wait for each other. ",
                many.param("batch"),
                Measured.perSequence(many) / many.param("steps"),
                Measured.perSequence(one.get()) / Measured.perSequence(many)));
    int threads = run.mostThreads();
    Optional<Point> threaded = run.batch("lstm", "FORWARD", many.param("batch"), threads);
    Optional<Point> alone = run.batch("lstm", "FORWARD", 1, threads);
    if (threads > 1 && threaded.isPresent() && alone.isPresent()) {
      text.append(
          Numbers.format(
              "%d threads divide that batch's time by %.2f; one sequence's time they divide by"
                  + " %.2f.",
              threads,
              many.score() / threaded.get().score(),
              one.get().score() / alone.get().score()));
    }
    return text.toString();
  }

  private static Object[] lstm(int threads) {
    return new Object[] {"cell", "lstm", "mode", "FORWARD", "threads", threads};
  }

  /** The smallest batch that no larger one beats by more than {@link #WORTH} for each sequence. */
  static Optional<Point> whereItStops(List<Point> sorted) {
    double least = sorted.stream().mapToDouble(Measured::perSequence).min().orElse(Double.NaN);
    return sorted.stream().filter(p -> Measured.perSequence(p) * (1 - WORTH) <= least).findFirst();
  }

  /** Tables and charts. */
  static String section(Measured run, List<Chart> charts) {
    if (run.of(Measured.BATCH).isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("## Batch and threads\n\n");
    text.append(paying(run));
    for (String mode : Measured.MODES) {
      chart(run, mode, charts, text);
    }
    text.append(strong(run));
    text.append(weak(run));
    text.append(limits(run));
    text.append(everyPoint(run));
    return text.toString();
  }

  private static String paying(Measured run) {
    StringBuilder text =
        new StringBuilder(
            Numbers.format(
                """
                ### Where batching stops paying

                The smallest batch that no larger one of this run beats by more than %.0f %% for each sequence (T=100, H=128). Up to there a batch buys throughput; beyond it only latency grows.

                | cell | mode | threads | stops paying at B | µs a sequence, B=1 | µs a sequence there | gain | latency there, µs a call |
                |---|---|--:|--:|--:|--:|--:|--:|
                """,
                100 * WORTH));
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        for (int threads : new TreeSet<>(List.of(1, run.mostThreads()))) {
          List<Point> own =
              run.along("batch", Measured.BATCH, "cell", cell, "mode", mode, "threads", threads);
          Optional<Point> stops = whereItStops(own);
          if (stops.isEmpty() || own.getFirst().param("batch") != 1) {
            continue;
          }
          Point p = stops.get();
          double one = Measured.perSequence(own.getFirst());
          text.append(
              Numbers.format(
                  "| %s | %s | %d | %s%d | %.1f | %.1f | %.2f | %.1f ± %.1f |\n",
                  CellNames.label(cell),
                  Measured.lower(mode),
                  threads,
                  p.param("batch") == own.getLast().param("batch") ? "not before " : "",
                  p.param("batch"),
                  one,
                  Measured.perSequence(p),
                  one / Measured.perSequence(p),
                  p.score(),
                  p.error()));
        }
      }
    }
    return text.append('\n').toString();
  }

  private static void chart(Measured run, String mode, List<Chart> charts, StringBuilder text) {
    XYChart chart =
        Charts.xyOfMany(
            Report.capital(Measured.lower(mode))
                + ": time of a sequence against batch (T=100, H=128)",
            "B, sequences",
            "µs a sequence");
    for (String cell : Measured.CELLS) {
      for (int threads : new TreeSet<>(List.of(1, run.mostThreads()))) {
        List<Point> own =
            run.along("batch", Measured.BATCH, "cell", cell, "mode", mode, "threads", threads);
        if (!own.isEmpty()) {
          Curves.add(
              chart,
              CellNames.label(cell) + ", " + Measured.count(threads),
              Curves.ink(cell),
              threads == 1 ? Line.SOLID : Line.DASHED,
              own,
              "batch",
              p -> p.param("batch"));
        }
      }
    }
    if (chart.getSeriesCollection().isEmpty()) {
      return;
    }
    String name = "time-against-batch-" + Measured.lower(mode);
    Charts.logLog(chart);
    String caption = "Time of each sequence against B, " + Measured.lower(mode);
    Report.show(text, charts, new Chart(name, caption, chart));
  }

  private static String strong(Measured run) {
    SortedSet<Integer> threads = run.threads();
    if (threads.size() < 2) {
      return "";
    }
    boolean universal = threads.size() >= ScalingLaw.LEAST_COUNTS;
    StringBuilder text =
        new StringBuilder("### Strong scaling: the same batch on more threads\n\n");
    text.append(
        universal
            ? "Speed-up against one thread, and the Universal Scalability Law fitted to it: time(n)"
                + " / time(1) = (1 + σ(n-1) + κ n(n-1)) / n. σ is the share that threads do one"
                + " after the other; κ what each pair costs in agreeing with each other; with κ = 0"
                + " it is Amdahl's law. \"Best at\" is the number of threads from which on more are"
                + " slower.\n\n"
            : "Speed-up against one thread, and the serial share σ of Amdahl's law that explains"
                + " it: time(n) / time(1) = σ + (1-σ) / n; ± is half its interval. The last"
                + " column is what the law allows however many threads there are.\n\n");
    text.append("| cell | mode | B |");
    threads.stream().skip(1).forEach(n -> text.append(Numbers.format(" %s |", Measured.count(n))));
    text.append(universal ? " σ | κ | best at | at most |\n" : " σ | at most |\n");
    text.append("|---|---|--:|").append("--:|".repeat(threads.size() - 1));
    text.append(universal ? "--:|--:|--:|--:|\n" : "--:|--:|\n");
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        for (int batch : SHOWN) {
          strongRow(run, cell, mode, batch, threads).ifPresent(text::append);
        }
      }
    }
    return text.append('\n').toString();
  }

  private static Optional<String> strongRow(
      Measured run, String cell, String mode, int batch, SortedSet<Integer> threads) {
    List<Timing> timings = new ArrayList<>();
    for (int n : threads) {
      run.batch(cell, mode, batch, n)
          .ifPresent(p -> timings.add(new Timing(n, p.score(), p.error())));
    }
    if (timings.size() < threads.size()) {
      return Optional.empty();
    }
    ScalingLaw law = ScalingLaw.fit(timings);
    StringBuilder row =
        new StringBuilder(
            Numbers.format("| %s | %s | %d |", CellNames.label(cell), Measured.lower(mode), batch));
    Timing one = timings.getFirst();
    for (Timing t : timings.subList(1, timings.size())) {
      double ratio = one.time() / t.time();
      double error = ratio * Math.hypot(one.error() / one.time(), t.error() / t.time());
      row.append(Numbers.format(" %.2f ± %.2f |", ratio, error));
    }
    row.append(
        Numbers.format(
            " %.0f ± %.0f %% |", 100 * Math.max(0, law.sigma()), 100 * law.sigmaError()));
    if (law.universal()) {
      row.append(
          Numbers.format(
              " %.4f | %s |",
              law.kappa(),
              Double.isInfinite(law.best()) ? "-" : Numbers.format("%.0f", law.best())));
    }
    double most = law.most();
    return Optional.of(
        row.append(most > 1000 ? " no limit seen |\n" : Numbers.format(" %.1f |\n", most))
            .toString());
  }

  private static String weak(Measured run) {
    SortedSet<Integer> threads = run.threads();
    if (threads.size() < 2) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            """
            ### Weak scaling: 16 sequences for each thread

            Efficiency: the time of 16 sequences on one thread divided by that of 16 n on n threads. 100 % means that n threads do n times the work in the same time.

            | cell | mode |\
            """);
    threads.stream()
        .skip(1)
        .forEach(n -> text.append(Numbers.format(" B=%d, %d threads |", 16 * n, n)));
    text.append("\n|---|---|").append("--:|".repeat(threads.size() - 1)).append('\n');
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        Optional<Point> one = run.batch(cell, mode, 16, 1);
        if (one.isEmpty()) {
          continue;
        }
        text.append(Numbers.format("| %s | %s |", CellNames.label(cell), Measured.lower(mode)));
        threads.stream()
            .skip(1)
            .forEach(n -> text.append(efficiency(one.get(), run.batch(cell, mode, 16 * n, n))));
        text.append('\n');
      }
    }
    return text.append('\n').toString();
  }

  private static String efficiency(Point one, Optional<Point> many) {
    if (many.isEmpty()) {
      return " |";
    }
    Point p = many.get();
    double share = one.score() / p.score();
    double error = share * Math.hypot(one.error() / one.score(), p.error() / p.score());
    return Numbers.format(" %.0f ± %.0f %% |", 100 * share, 100 * error);
  }

  /** What so many cores can and cannot show. */
  private static String limits(Measured run) {
    SortedSet<Integer> threads = run.threads();
    StringBuilder text = new StringBuilder();
    int most = run.mostThreads();
    if (threads.size() < 2) {
      text.append(
          "With one number of threads a run says nothing of scaling: `--threads 1,2,4,8,16` does,"
              + " on a machine with the cores.");
    } else if (threads.size() < ScalingLaw.LEAST_COUNTS) {
      text.append(
          Numbers.format(
              "What %d cores can show: whether more than one thread pays at all, by how much, and"
                  + " the one serial share that would explain it. What they cannot: with %d numbers"
                  + " of threads a serial part, waiting for each other and a shared memory look"
                  + " alike, so that σ is all of them together, \"at most\" is an extrapolation,"
                  + " and the Universal Scalability Law, with its two unknowns, is not fitted: it"
                  + " needs %d numbers of threads, such as `--threads 1,2,4,8,16` on a machine with"
                  + " the cores.",
              run.cores(), threads.size(), ScalingLaw.LEAST_COUNTS));
    }
    ceilingRatio(run, most, text);
    SortedSet<Integer> over = new TreeSet<>(run.values(Measured.BATCH, "threads"));
    over.removeAll(threads);
    if (!over.isEmpty()) {
      text.append(
          Numbers.format(
              " **%s threads shared %d cores**: their times stand in the table below, marked, and"
                  + " are left out of everything above.",
              over.stream().map(String::valueOf).collect(Collectors.joining(", ")), run.cores()));
    }
    return text.isEmpty() ? "" : text.append("\n\n").toString();
  }

  /** The probes' own speed-up bounds every other. */
  private static void ceilingRatio(Measured run, int most, StringBuilder text) {
    if (most < 2 || run.ceilings().stream().noneMatch(row -> row.threads() == most)) {
      return;
    }
    OptionalDouble one = run.ceiling(1, CeilingRow::gigaflops);
    OptionalDouble all = run.ceiling(most, CeilingRow::gigaflops);
    if (one.isPresent() && all.isPresent()) {
      text.append(
          Numbers.format(
              " The register-only probe, which shares nothing but the chip, runs %.2f times as fast"
                  + " on %d threads as on one: what the cores themselves (or the host that lends"
                  + " them) do not give, no program can.",
              all.getAsDouble() / one.getAsDouble(), most));
    }
  }

  private static String everyPoint(Measured run) {
    StringBuilder text =
        new StringBuilder(
            """
            ### Every batch on every number of threads

            GFLOP/s counts the matrix products. The last column is the least time that the ceilings of the same run allow on so many threads, divided by the measured one.

            | cell | mode | B | threads | latency, µs a call | µs a sequence | throughput, sequences/s | GFLOP/s | speed-up | floor / time |
            |---|---|--:|--:|--:|--:|--:|--:|--:|--:|
            """);
    Comparator<Point> order =
        Comparator.comparingInt((Point p) -> p.param("batch"))
            .thenComparingInt(p -> p.param("threads"));
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        run.of(Measured.BATCH, "cell", cell, "mode", mode).stream()
            .sorted(order)
            .forEach(p -> text.append(row(run, p)));
      }
    }
    return text.append('\n').toString();
  }

  private static String row(Measured run, Point p) {
    int threads = p.param("threads");
    Optional<Point> alone = run.batch(p.text("cell"), p.text("mode"), p.param("batch"), 1);
    return Numbers.format(
        "| %s | %s | %d | %d%s | %.1f ± %.1f | %.2f | %.0f | %.1f | %s | %s |\n",
        CellNames.label(p.text("cell")),
        Measured.lower(p.text("mode")),
        p.param("batch"),
        threads,
        threads > run.cores() ? ", too many" : "",
        p.score(),
        p.error(),
        Measured.perSequence(p),
        1e6 / Measured.perSequence(p),
        Measured.gigaflops(p),
        threads == 1 || alone.isEmpty()
            ? ""
            : Numbers.format("%.2f", alone.get().score() / p.score()),
        run.ofTheFloor(Measured.workload(p), p.score()));
  }

  /** Time of a step, alone and in batches, as the README shows it. */
  static String steps(Measured run) {
    SortedSet<Integer> batches = run.values(Measured.BATCH, "batch");
    batches.retainAll(List.of(1, 16, 64));
    SortedSet<Integer> threads = new TreeSet<>(List.of(1, run.mostThreads()));
    StringBuilder text = new StringBuilder("| µs a step | mode |");
    for (int batch : batches) {
      threads.forEach(n -> text.append(Numbers.format(" B=%d, %s |", batch, Measured.count(n))));
    }
    text.append("\n|---|---|").append("--:|".repeat(batches.size() * threads.size())).append('\n');
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        text.append(Numbers.format("| %s | %s |", CellNames.label(cell), Measured.lower(mode)));
        for (int batch : batches) {
          for (int n : threads) {
            text.append(
                run.batch(cell, mode, batch, n)
                    .map(
                        p ->
                            Numbers.format(
                                " %.2f ± %.2f |",
                                p.score() / p.param("steps"), p.error() / p.param("steps")))
                    .orElse(" |"));
          }
        }
        text.append('\n');
      }
    }
    return text.toString();
  }
}
