package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;

/**
 * All of time at once beside one step after another: measured, and predicted for more cores from
 * the measured work and span.
 */
final class OverTimeTable {
  private static final String SERIAL = "SERIAL";

  /** The benchmark's names of the ways. */
  private static final List<String> ORDER =
      List.of(
          SERIAL,
          "SCAN",
          "QUASI_DEER",
          "DEER",
          "DEER_IN_BLOCKS",
          "PARA_GRU",
          "PARA_GRU_NEWTON",
          "PARA_LSTM",
          "PARA_LSTM_NEWTON");

  /** The ways step by step, which the others are held against. */
  private static final List<String> STEPPING = List.of(SERIAL, "PARA_GRU", "PARA_LSTM");

  /** How many cores are predicted, and no more: the model knows only what two times tell. */
  private static final int CORES = 16;

  /** Units that one thread takes at least, and steps of a scan's block. */
  private static final int UNITS_OF_A_STRIP = 64;

  private static final int STEPS_OF_A_BLOCK = 64;

  /**
   * Time with p threads taken as span + work / p, from the times with one and with more.
   *
   * @param pieces most cores that the way can keep busy
   */
  record Model(double work, double span, int pieces) {
    static Model of(double one, double more, int threads, int pieces) {
      // More threads that do not help leave nothing to share.
      double work = Math.clamp((one - more) / (1 - 1.0 / threads), 0, one);
      return new Model(work, one - work, pieces);
    }

    /** The time on so many cores. */
    double time(int cores) {
      return span + work / Math.min(cores, pieces);
    }

    /** The fewest cores on which this is quicker than another, in words. */
    String quickerFrom(Model other) {
      return IntStream.rangeClosed(1, Math.max(pieces, other.pieces))
          .filter(cores -> time(cores) < other.time(cores))
          .mapToObj(cores -> cores + (cores == 1 ? " core" : " cores"))
          .findFirst()
          .orElse("never");
    }
  }

  private OverTimeTable() {}

  /** A way, as it is told to readers. */
  private static String label(String way) {
    return switch (way) {
      case SERIAL -> "GRU, step by step";
      case "SCAN" -> "minGRU, scan";
      case "QUASI_DEER" -> "GRU, Newton, diagonal";
      case "DEER" -> "GRU, Newton";
      case "DEER_IN_BLOCKS" -> "GRU, Newton in blocks";
      case "PARA_GRU" -> "ParaGRU, step by step";
      case "PARA_GRU_NEWTON" -> "ParaGRU, Newton";
      case "PARA_LSTM" -> "ParaLSTM, step by step";
      case "PARA_LSTM_NEWTON" -> "ParaLSTM, Newton";
      default -> Measured.lower(way);
    };
  }

  /** What a way is held against: the same cell step by step, for the scan the GRU. */
  private static String stepping(String way) {
    return STEPPING.stream().filter(way::startsWith).findFirst().orElse(SERIAL);
  }

  /** The ways of a run, of those that are held against one. */
  private static List<String> ways(Measured run, String stepping) {
    return ORDER.stream()
        .filter(way -> stepping(way).equals(stepping))
        .filter(way -> !run.of(Measured.OVER_TIME, "way", way).isEmpty())
        .toList();
  }

  private static List<String> ways(Measured run) {
    return STEPPING.stream().flatMap(each -> ways(run, each).stream()).toList();
  }

  static String section(Measured run, List<Chart> charts) {
    if (run.of(Measured.OVER_TIME).isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("## All of time at once\n\n");
    if (!ways(run, SERIAL).isEmpty()) {
      text.append(
          """
          One sequence forward (B=1, I=H, PyTorch's default initialization): through a GRU step by step; through a minGRU, whose gates do not see the state, by a scan; through the same GRU by Newton's method on all steps at once (DEER), with a full Jacobian whose linear recurrence is solved step by step or in blocks of steps, or with a diagonal one, to a change of 1e-4. The states are compared with those of the loop before anything is timed. How many iterations Newton's method needs differs from network to network: the experiments `lyapunov`, `learned-dynamics` and `cell-dynamics`. On graphics processors, which are not here, Feng et al. (2024) report a training step of a minGRU at T = 512 to be 175 times quicker than one of a GRU, and Lim et al. (2024) a small GRU by Newton's method to be orders of magnitude quicker than step by step.

          """);
    }
    if (ways(run).stream().anyMatch(way -> !stepping(way).equals(SERIAL))) {
      text.append(
          """
          One sequence forward (B=1, I=H, PyTorch's default initialization) through cells whose units see their own state only, step by step and by Newton's method on all steps at once: with the exact Jacobian, a number for each unit of a ParaGRU and 2 x 2 for each of a ParaLSTM, from the first guess f(0, x), until the residual is below 1e-5. The linear recurrence is solved in blocks of 64 steps, and an iteration visits each block once. Each iteration computes at least what all steps compute, so Newton's method is quicker only on more cores than it needs iterations, and only where stepping leaves cores idle: step by step, threads can share strips of 64 units. ParaRNN (Danieli et al. 2025) reports up to 665 times the speed of stepping on a graphics processor. The largest difference is that of outputs from those step by step.

          """);
    }
    int most = run.mostThreads();
    text.append(table(run));
    chart(run, charts, text);
    if (most > 1 && most < CORES) {
      predicted(run, most, charts, text);
    }
    return text.toString();
  }

  /** The times, and what Newton's method needed. */
  static String table(Measured run) {
    StringBuilder text = new StringBuilder("| way | H | T |");
    run.threads().forEach(n -> text.append(Numbers.format(" µs, %s |", Measured.count(n))));
    run.threads()
        .forEach(n -> text.append(Numbers.format(" step by step / this, %s |", Measured.count(n))));
    text.append(" iterations | largest difference |\n|---|--:|--:|")
        .append("--:|".repeat(2 * run.threads().size() + 2))
        .append('\n');
    for (int hidden : run.values(Measured.OVER_TIME, "hidden")) {
      for (String way : ORDER) {
        for (int steps : run.values(Measured.OVER_TIME, "steps")) {
          row(run, way, hidden, steps).ifPresent(text::append);
        }
      }
    }
    return text.append('\n').toString();
  }

  private static Optional<Point> point(
      Measured run, String way, int hidden, int steps, int threads) {
    return run
        .of(Measured.OVER_TIME, "way", way, "hidden", hidden, "steps", steps, "threads", threads)
        .stream()
        .findFirst();
  }

  private static Optional<String> row(Measured run, String way, int hidden, int steps) {
    StringBuilder times = new StringBuilder();
    StringBuilder ratios = new StringBuilder();
    String solved = " | |";
    boolean any = false;
    for (int n : run.threads()) {
      Optional<Point> own = point(run, way, hidden, steps, n);
      Optional<Point> serial = point(run, stepping(way), hidden, steps, n);
      any |= own.isPresent();
      solved = own.map(OverTimeTable::solved).orElse(solved);
      times.append(
          own.map(p -> Numbers.format(" %.1f ± %.1f |", p.score(), p.error())).orElse(" |"));
      ratios.append(
          own.isEmpty() || serial.isEmpty() || STEPPING.contains(way)
              ? " |"
              : ratio(serial.get(), own.get()));
    }
    return any
        ? Optional.of(
            Numbers.format("| %s | %d | %d |", label(way), hidden, steps)
                + times
                + ratios
                + solved
                + "\n")
        : Optional.empty();
  }

  /** Iterations and error; nothing of a way that has none. */
  private static String solved(Point point) {
    double iterations = point.counters().getOrDefault("iterations", 0.0);
    return iterations == 0
        ? " | |"
        : Numbers.format(
            " %.0f | %.0e |", iterations, point.counters().getOrDefault("error", Double.NaN));
  }

  private static String ratio(Point serial, Point own) {
    double ratio = serial.score() / own.score();
    double error = ratio * Math.hypot(serial.error() / serial.score(), own.error() / own.score());
    return Numbers.format(ratio < 0.1 ? " %.3f ± %.3f |" : " %.2f ± %.2f |", ratio, error);
  }

  private static void chart(Measured run, List<Chart> charts, StringBuilder text) {
    int hidden = run.values(Measured.OVER_TIME, "hidden").first();
    XYChart chart =
        Charts.xyOfMany(
            Numbers.format("Time of one sequence against its length (H=%d, one thread)", hidden),
            "T, steps",
            "µs a sequence");
    for (String way : ORDER) {
      List<Point> own =
          run.along("steps", Measured.OVER_TIME, "way", way, "hidden", hidden, "threads", 1);
      if (!own.isEmpty()) {
        Ink ink = Ink.of(ORDER.indexOf(way));
        Curves.add(chart, label(way), ink, Line.SOLID, own, "steps");
      }
    }
    if (chart.getSeriesCollection().isEmpty()) {
      return;
    }
    Charts.logLog(chart);
    String caption = "Time of one sequence against T, by each way over time";
    Report.show(text, charts, new Chart("over-time", caption, chart));
  }

  /** Most cores a way can keep busy. */
  private static int pieces(String way, int hidden, int steps) {
    int blocks = Math.ceilDiv(steps, STEPS_OF_A_BLOCK);
    return switch (way) {
      case SERIAL, "PARA_GRU", "PARA_LSTM" -> Math.ceilDiv(hidden, UNITS_OF_A_STRIP);
      case "DEER" -> steps;
      case "DEER_IN_BLOCKS", "PARA_GRU_NEWTON", "PARA_LSTM_NEWTON" -> blocks;
      default -> blocks * Math.ceilDiv(hidden, UNITS_OF_A_STRIP);
    };
  }

  private static Optional<Model> model(Measured run, String way, int hidden, int steps, int most) {
    Optional<Point> one = point(run, way, hidden, steps, 1);
    Optional<Point> more = point(run, way, hidden, steps, most);
    return one.isEmpty() || more.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Model.of(one.get().score(), more.get().score(), most, pieces(way, hidden, steps)));
  }

  private static void predicted(Measured run, int most, List<Chart> charts, StringBuilder text) {
    text.append(
        Numbers.format(
            """
            ### PREDICTED, not measured: %d cores

            The model: a time on p cores is span + work / min(p, pieces). Work and span follow from the times above with one and %d threads; pieces are as many as the way has strips of %d units (step by step), strips times blocks of %d steps (scan, diagonal), blocks (in blocks, and ParaGRU and ParaLSTM by Newton) or steps. It carries the noise of those two times. It leaves out what more cores cost in memory and in waiting for each other, which grows with their number: %d cores are as far as it is taken, and even there it is the best case. **Bold** where a way is predicted to be quicker on as many cores than its cell step by step, the scan than the GRU. Quicker from: the fewest cores on which it is, by the same model; above %d that is the least it takes.

            | way | H | T | work, µs | span, µs | pieces | %d cores, µs | quicker from |
            |---|--:|--:|--:|--:|--:|--:|--:|
            """,
            CORES, most, UNITS_OF_A_STRIP, STEPS_OF_A_BLOCK, CORES, CORES, CORES));
    for (int hidden : run.values(Measured.OVER_TIME, "hidden")) {
      for (String way : ORDER) {
        for (int steps : run.values(Measured.OVER_TIME, "steps")) {
          model(run, way, hidden, steps, most)
              .ifPresent(
                  model ->
                      text.append(
                          predictedRow(
                              way,
                              hidden,
                              steps,
                              model,
                              model(run, stepping(way), hidden, steps, most))));
        }
      }
    }
    text.append('\n');
    int hidden = run.values(Measured.OVER_TIME, "hidden").first();
    Optional<Integer> longest = longest(run, ways(run), hidden, most);
    if (longest.isEmpty()) {
      return;
    }
    int steps = longest.get();
    XYChart chart =
        Charts.xyOfMany(
            Numbers.format("PREDICTION beyond %d cores (T=%d, H=%d)", most, steps, hidden),
            "cores",
            "µs a sequence");
    double[] cores = {1, 2, 4, 8, CORES};
    for (String way : ways(run)) {
      Model model = model(run, way, hidden, steps, most).orElseThrow();
      Charts.points(
          chart,
          label(way),
          Ink.of(ORDER.indexOf(way)),
          Line.DASHED,
          cores,
          Arrays.stream(cores).map(n -> model.time((int) n)).toArray());
    }
    Charts.logLog(chart);
    String caption = "Predicted time of one sequence against cores";
    Report.show(text, charts, new Chart("over-time-predicted", caption, chart));
    text.append(sentence(run));
  }

  private static String predictedRow(
      String way, int hidden, int steps, Model model, Optional<Model> serial) {
    double time = model.time(CORES);
    boolean wins = !STEPPING.contains(way) && serial.isPresent() && time < serial.get().time(CORES);
    return Numbers.format(
        "| %s | %d | %d | %.1f | %.1f | %d | " + (wins ? "**%.1f** | %s |\n" : "%.1f | %s |\n"),
        label(way),
        hidden,
        steps,
        model.work(),
        model.span(),
        model.pieces(),
        time,
        STEPPING.contains(way) || serial.isEmpty() ? "" : model.quickerFrom(serial.get()));
  }

  /** The longest T that every way was measured at. */
  private static Optional<Integer> longest(Measured run, List<String> ways, int hidden, int most) {
    return run.values(Measured.OVER_TIME, "steps").stream()
        .filter(
            steps ->
                ways.stream().allMatch(way -> model(run, way, hidden, steps, most).isPresent()))
        .max(Integer::compare);
  }

  /** Where evaluating all of time at once wins, in a paragraph; nothing if a run did not ask. */
  static String sentence(Measured run) {
    int most = run.mostThreads();
    if (most < 2 || run.of(Measured.OVER_TIME).isEmpty()) {
      return "";
    }
    int hidden = run.values(Measured.OVER_TIME, "hidden").first();
    StringBuilder text = new StringBuilder();
    for (String stepping : STEPPING) {
      List<String> ways = ways(run, stepping);
      if (!ways.isEmpty()) {
        longest(run, ways, hidden, most)
            .ifPresent(
                steps ->
                    text.append("All of time at once, one sequence forward: ")
                        .append(winners(run, ways, hidden, steps, most))
                        .append("\n\n"));
      }
    }
    return text.toString();
  }

  /** Where evaluating all of time at once wins: here, and by the model. */
  private static String winners(Measured run, List<String> ways, int hidden, int steps, int most) {
    String stepping = stepping(ways.getFirst());
    StringBuilder text = new StringBuilder(Numbers.format("at T=%d, H=%d", steps, hidden));
    SortedSet<Integer> counts = new TreeSet<>(List.of(1, most, Math.max(most, CORES)));
    for (int cores : counts) {
      double serial = model(run, stepping, hidden, steps, most).orElseThrow().time(cores);
      String quicker =
          ways.stream()
              .filter(way -> !way.equals(stepping))
              .filter(
                  way -> model(run, way, hidden, steps, most).orElseThrow().time(cores) < serial)
              .map(
                  way ->
                      Numbers.format(
                          "%s (%.1f times)",
                          label(way),
                          serial / model(run, way, hidden, steps, most).orElseThrow().time(cores)))
              .collect(Collectors.joining(", "));
      text.append(
          Numbers.format(
              "%s %s, %s: %s",
              cores == 1 ? ", quicker than the " + label(stepping).replace(",", "") + ":" : ";",
              cores <= most ? "measured" : "predicted",
              cores + (cores == 1 ? " core" : " cores"),
              quicker.isEmpty() ? "none" : quicker));
    }
    return text.append('.').toString();
  }
}
