package dev.unroll.bench.report;

import dev.unroll.bench.report.Charts.Look;
import dev.unroll.bench.report.Charts.Series;
import dev.unroll.bench.report.LinearLaw.Observation;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.cell.Cells;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** What a run of benchmarks shows: the serial law, and what batches and threads buy back. */
final class RunTables {
  private static final String LENGTH = "SequenceLength";
  private static final String BATCH = "BatchAndThreads";
  private static final List<String> CELLS = List.of("rnn_tanh", "lstm", "gru");
  private static final List<String> MODES = List.of("FORWARD", "TRAINING");

  /** A set of lengths that belong together. */
  private record Line(String cell, String mode, int batch, int hidden) {}

  private RunTables() {}

  /** The three sentences that matter. */
  static String opening(List<Point> points) {
    StringBuilder text = new StringBuilder();
    Map<Line, LinearLaw> laws = laws(points);
    laws.forEach(
        (line, law) -> {
          if (line.equals(new Line("lstm", "FORWARD", 1, 128))) {
            text.append(
                Text.format(
                    "One LSTM sequence at H=128 costs %.2f ± %.2f µs a step on this machine, by"
                        + " the line fitted below. ",
                    law.slope(), law.slopeError()));
          }
        });
    Optional<Point> one = find(points, "lstm", "FORWARD", 1, 1);
    Optional<Point> many =
        points.stream()
            .filter(p -> isBatch(p, "lstm", "FORWARD") && p.param("threads") == 1)
            .min(Comparator.comparingDouble(RunTables::perSequence));
    if (one.isPresent() && many.isPresent()) {
      text.append(
          Text.format(
              "A batch of %d brings it down to %.2f µs a step of each sequence, %.1f times less,"
                  + " because sequences do not wait for each other. ",
              many.get().param("batch"),
              perSequence(many.get()) / many.get().param("steps"),
              perSequence(one.get()) / perSequence(many.get())));
      int threads = most(points);
      Optional<Point> threaded =
          find(points, "lstm", "FORWARD", many.get().param("batch"), threads);
      if (threads > 1 && threaded.isPresent()) {
        text.append(
            Text.format(
                "%d threads divide that batch's time by %.2f; one sequence's time they divide by"
                    + " %.2f.",
                threads,
                many.get().score() / threaded.get().score(),
                one.get().score()
                    / find(points, "lstm", "FORWARD", 1, threads).orElse(one.get()).score()));
      }
    }
    return text + "\n";
  }

  /** Time against T: the law's table and a chart for each mode. */
  static String lengths(List<Point> points, Path folder) {
    Map<Line, LinearLaw> laws = laws(points);
    if (laws.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("## Time against sequence length\n\n");
    text.append(lawTable(points));
    text.append('\n');
    for (String mode : MODES) {
      List<Series> series = new ArrayList<>();
      for (String cell : CELLS) {
        List<Point> own = lengthPoints(points, new Line(cell, mode, 1, 128));
        if (!own.isEmpty()) {
          series.add(series(cell, own, "steps", false, Look.LINE));
        }
      }
      if (!series.isEmpty()) {
        String name = "time-against-length-" + lower(mode);
        Charts.logLog(
            folder.resolve("charts").resolve(name),
            Report.capital(lower(mode)) + ": time against sequence length (B=1, H=128)",
            "T, steps",
            "µs a call",
            series);
        image(text, name, "Time of a call against T, " + lower(mode));
      }
    }
    return text.toString();
  }

  /** Time of a step, alone and in batches: a column for each batch of 1, 16 and 64. */
  static String steps(List<Point> points) {
    SortedSet<Integer> batches = values(points, "batch");
    batches.retainAll(List.of(1, 16, 64));
    StringBuilder text = new StringBuilder("| µs a step | mode |");
    StringBuilder rule = new StringBuilder("|---|---|");
    for (int batch : batches) {
      for (int threads : values(points, "threads")) {
        text.append(Text.format(" B=%d, %d thread%s |", batch, threads, threads == 1 ? "" : "s"));
        rule.append("--:|");
      }
    }
    text.append('\n').append(rule).append('\n');
    for (String mode : MODES) {
      for (String cell : CELLS) {
        text.append(Text.format("| %s | %s |", cell, lower(mode)));
        for (int batch : batches) {
          for (int threads : values(points, "threads")) {
            text.append(
                find(points, cell, mode, batch, threads)
                    .map(
                        p ->
                            Text.format(
                                " %.2f ± %.2f |", perStep(p.score(), p), perStep(p.error(), p)))
                    .orElse(" |"));
          }
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static double perStep(double call, Point p) {
    return call / p.param("steps");
  }

  /** The law of each cell, mode and size. */
  static String lawTable(List<Point> points) {
    StringBuilder text =
        new StringBuilder(
            """
            Fitted: time of a call = fixed + T × step, each point weighted by its precision; ± is half the 95 % interval. The last column is the time of a sequence of 200 steps where one of 20 takes 1: an epoch over as many sequences grows alike.

            | cell | mode | B | H | step, µs | fixed, µs | R² | straight? | T=200 / T=20 |
            |---|---|--:|--:|--:|--:|--:|---|--:|
            """);
    laws(points)
        .forEach(
            (line, law) ->
                text.append(
                    Text.format(
                        "| %s | %s | %d | %d | %.3f ± %.3f | %.1f ± %.1f | %.4f | %s | %.1f |\n",
                        line.cell(),
                        lower(line.mode()),
                        line.batch(),
                        line.hidden(),
                        law.slope(),
                        law.slopeError(),
                        law.fixed(),
                        law.fixedError(),
                        law.rSquared(),
                        law.straight()
                            ? "yes"
                            : Text.format("**no**: a point is %.0f %% off", 100 * law.worst()),
                        (law.fixed() + 200 * law.slope()) / (law.fixed() + 20 * law.slope()))));
    return text.toString();
  }

  /** Time against B and threads: a table, Amdahl's law and a chart for each mode. */
  static String batches(List<Point> points, List<CeilingRow> ceilings, Path folder) {
    if (points.stream().noneMatch(p -> p.benchmark().equals(BATCH))) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            """
            ## Batch and threads

            GFLOP/s counts the matrix products; the limit is the rate of fused multiply-adds on registers, measured in the same run on one thread, times the threads. The serial share is Amdahl's, from the same batch on all numbers of threads.

            | cell | mode | B | threads | µs a call | µs a sequence | sequences/s | GFLOP/s | of the limit | speed-up | serial share |
            |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """);
    double limit =
        ceilings.stream().mapToDouble(CeilingRow::gigaflops).average().orElse(Double.NaN);
    for (String mode : MODES) {
      for (String cell : CELLS) {
        for (int batch : values(points, "batch")) {
          for (int threads : values(points, "threads")) {
            find(points, cell, mode, batch, threads)
                .ifPresent(p -> text.append(row(points, p, limit)));
          }
        }
      }
    }
    text.append('\n');
    for (String mode : MODES) {
      List<Series> series = new ArrayList<>();
      for (String cell : CELLS) {
        for (int threads : new TreeSet<>(List.of(1, most(points)))) {
          List<Point> own =
              points.stream()
                  .filter(p -> isBatch(p, cell, mode) && p.param("threads") == threads)
                  .sorted(Comparator.comparingInt(p -> p.param("batch")))
                  .toList();
          if (!own.isEmpty()) {
            series.add(
                series(
                    cell + ", " + threads + (threads == 1 ? " thread" : " threads"),
                    own,
                    "batch",
                    true,
                    threads == 1 ? Look.LINE : Look.DASHED));
          }
        }
      }
      if (!series.isEmpty()) {
        String name = "time-against-batch-" + lower(mode);
        Charts.logLog(
            folder.resolve("charts").resolve(name),
            Report.capital(lower(mode)) + ": time of a sequence against batch (T=100, H=128)",
            "B, sequences",
            "µs a sequence",
            series);
        image(text, name, "Time of each sequence against B, " + lower(mode));
      }
    }
    return text.toString();
  }

  private static String row(List<Point> points, Point p, double limit) {
    Optional<Point> alone = find(points, p.text("cell"), p.text("mode"), p.param("batch"), 1);
    double gigaflops = flops(p) / p.score() / 1e3;
    int threads = p.param("threads");
    return Text.format(
        "| %s | %s | %d | %d | %.1f ± %.1f | %.2f | %.0f | %.1f | %.0f %% | %s | %s |\n",
        p.text("cell"),
        lower(p.text("mode")),
        p.param("batch"),
        threads,
        p.score(),
        p.error(),
        perSequence(p),
        1e6 / perSequence(p),
        gigaflops,
        100 * gigaflops / (limit * threads),
        threads == 1 || alone.isEmpty() ? "" : Text.format("%.2f", alone.get().score() / p.score()),
        threads == most(points) && threads > 1 && alone.isPresent()
            ? Text.format("%.0f %%", 100 * serialShare(points, p))
            : "");
  }

  /** Least squares on time(n) = serial + parallel / n, through time(1) exactly. */
  private static double serialShare(List<Point> points, Point p) {
    double one =
        find(points, p.text("cell"), p.text("mode"), p.param("batch"), 1).orElseThrow().score();
    double above = 0;
    double below = 0;
    for (int threads : values(points, "threads")) {
      Optional<Point> other =
          find(points, p.text("cell"), p.text("mode"), p.param("batch"), threads);
      if (threads > 1 && other.isPresent()) {
        double lost = 1 - 1.0 / threads;
        above += lost * (other.get().score() / one - 1.0 / threads);
        below += lost * lost;
      }
    }
    return Math.max(0, above / below);
  }

  /** The same tables, short, for a console. */
  static String console(List<Point> points) {
    StringBuilder text = new StringBuilder();
    Map<Line, LinearLaw> laws = laws(points);
    if (!laws.isEmpty()) {
      text.append(
          Text.format(
              "%-9s %-9s %4s %5s %16s %18s %8s%n",
              "cell", "mode", "B", "H", "us a step", "fixed us", "R2"));
      laws.forEach(
          (line, law) ->
              text.append(
                  Text.format(
                      "%-9s %-9s %4d %5d %8.3f ± %5.3f %9.1f ± %6.1f %8.4f%s%n",
                      line.cell(),
                      lower(line.mode()),
                      line.batch(),
                      line.hidden(),
                      law.slope(),
                      law.slopeError(),
                      law.fixed(),
                      law.fixedError(),
                      law.rSquared(),
                      law.straight() ? "" : "  NOT STRAIGHT")));
    }
    List<Integer> threads = new ArrayList<>(values(points, "threads"));
    text.append(Text.format("%n%-9s %-9s %4s", "cell", "mode", "B"));
    threads.forEach(n -> text.append(Text.format(" %23s", "us a call, " + n + " thr")));
    text.append('\n');
    for (String mode : MODES) {
      for (String cell : CELLS) {
        for (int batch : values(points, "batch")) {
          if (find(points, cell, mode, batch, threads.isEmpty() ? 1 : threads.getFirst())
              .isEmpty()) {
            continue;
          }
          text.append(Text.format("%-9s %-9s %4d", cell, lower(mode), batch));
          for (int n : threads) {
            text.append(
                find(points, cell, mode, batch, n)
                    .map(p -> Text.format(" %12.1f ± %8.1f", p.score(), p.error()))
                    .orElse(" ".repeat(24)));
          }
          text.append('\n');
        }
      }
    }
    return text.toString().stripTrailing();
  }

  private static Map<Line, LinearLaw> laws(List<Point> points) {
    Map<Line, LinearLaw> laws = new LinkedHashMap<>();
    for (String mode : MODES) {
      for (String cell : CELLS) {
        for (int batch : values(points, "batch")) {
          for (int hidden : values(points, "hidden")) {
            Line line = new Line(cell, mode, batch, hidden);
            List<Point> own = lengthPoints(points, line);
            if (own.size() >= 3) {
              laws.put(
                  line,
                  LinearLaw.fit(
                      own.stream()
                          .map(p -> new Observation(p.param("steps"), p.score(), p.error()))
                          .toList()));
            }
          }
        }
      }
    }
    return laws;
  }

  private static List<Point> lengthPoints(List<Point> points, Line line) {
    return points.stream()
        .filter(
            p ->
                p.benchmark().equals(LENGTH)
                    && p.text("cell").equals(line.cell())
                    && p.text("mode").equals(line.mode())
                    && p.param("batch") == line.batch()
                    && p.param("hidden") == line.hidden())
        .sorted(Comparator.comparingInt(p -> p.param("steps")))
        .toList();
  }

  /**
   * Points over one of their parameters.
   *
   * @param perSequence whether to divide the time by the batch
   */
  private static Series series(
      String name, List<Point> points, String param, boolean perSequence, Look look) {
    ToDoubleFunction<Point> share = p -> perSequence ? p.param("batch") : 1;
    return new Series(
        name,
        points.stream().mapToDouble(p -> p.param(param)).toArray(),
        points.stream().mapToDouble(p -> p.score() / share.applyAsDouble(p)).toArray(),
        points.stream().mapToDouble(p -> p.low() / share.applyAsDouble(p)).toArray(),
        points.stream().mapToDouble(p -> p.high() / share.applyAsDouble(p)).toArray(),
        CELLS.indexOf(points.getFirst().text("cell")),
        look);
  }

  private static boolean isBatch(Point p, String cell, String mode) {
    return p.benchmark().equals(BATCH)
        && p.text("cell").equals(cell)
        && p.text("mode").equals(mode);
  }

  private static Optional<Point> find(
      List<Point> points, String cell, String mode, int batch, int threads) {
    return points.stream()
        .filter(
            p ->
                isBatch(p, cell, mode)
                    && p.param("batch") == batch
                    && p.param("threads") == threads)
        .findFirst();
  }

  private static SortedSet<Integer> values(List<Point> points, String param) {
    SortedSet<Integer> values = new TreeSet<>();
    points.stream().filter(p -> !p.text(param).isEmpty()).forEach(p -> values.add(p.param(param)));
    return values;
  }

  private static int most(List<Point> points) {
    SortedSet<Integer> threads = values(points, "threads");
    return threads.isEmpty() ? 1 : threads.last();
  }

  private static double perSequence(Point p) {
    return p.score() / p.param("batch");
  }

  /** Floating-point operations of the matrix products of a call. */
  static double flops(Point p) {
    double hidden = p.param("hidden");
    double call = 4 * hidden * hidden * Cells.named(p.text("cell")).gates();
    return call * p.param("steps") * p.param("batch") * (p.text("mode").equals("TRAINING") ? 3 : 1);
  }

  private static String lower(String mode) {
    return mode.toLowerCase(java.util.Locale.ROOT);
  }

  static void image(StringBuilder text, String name, String description) {
    image(text, "", name, description);
  }

  /** A chart of a run whose folder is at {@code link}. */
  static void image(StringBuilder text, String link, String name, String description) {
    text.append(Text.format("![%s](%scharts/%s.png)\n\n", description, link, name));
  }
}
