package dev.unroll.bench.report;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
   * @param impossible whether the two times fit no such sum, as where two threads more than halve
   *     the time
   */
  record Model(double work, double span, int pieces, boolean impossible) {
    static Model of(double one, double more, int threads, int pieces) {
      double fitted = (one - more) / (1 - 1.0 / threads);
      // More threads that do not help leave nothing to share.
      double work = Math.clamp(fitted, 0, one);
      return new Model(work, one - work, pieces, pieces > 1 && fitted > one);
    }

    /** The time on so many cores. */
    double time(int cores) {
      return span + work / Math.min(cores, pieces);
    }

    /** The fewest cores on which this is quicker than another. */
    OptionalInt quickerFrom(Model other) {
      return IntStream.rangeClosed(1, Math.max(pieces, other.pieces))
          .filter(cores -> time(cores) < other.time(cores))
          .findFirst();
    }
  }

  /** The share of a time that a drift may have made before a prediction from it is doubtful. */
  private static final double MOVED = 0.1;

  private static final String QUICKER_FROM =
      Numbers.format(
          "Quicker from: the fewest cores on which it is, by the model; \"never\" is with any"
              + " number of cores. (?) marks a prediction that says little: more threads saved more"
              + " than their share of a time, so that no span is left, or the rate of the memory"
              + " that its arrays need changed during the run by enough to make %.0f %% of the"
              + " time.",
          100 * MOVED);

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
    if (predicts(run)) {
      predicted(run, most, charts, text);
    }
    return text.toString();
  }

  /** Whether more cores are predicted: not from one number of threads, nor past as many. */
  private static boolean predicts(Measured run) {
    return run.mostThreads() > 1 && run.mostThreads() < CORES;
  }

  private static String model(int most) {
    return Numbers.format(
        "The model: a time on p cores is span + work / min(p, pieces). Work and span follow from"
            + " the times with one and %d threads; pieces are as many as the way has strips of %d"
            + " units (step by step), strips times blocks of %d steps (scan, diagonal), blocks (in"
            + " blocks, and ParaGRU and ParaLSTM by Newton) or steps. It carries the noise of those"
            + " two times. It leaves out what more cores cost in memory and in waiting for each"
            + " other, which grows with their number: %d cores are as far as it is taken, and even"
            + " there it is the best case.",
        most, UNITS_OF_A_STRIP, STEPS_OF_A_BLOCK, CORES);
  }

  /** In short: each way beside step by step, and from how many cores on it would be quicker. */
  static String summary(Measured run) {
    boolean predicts = predicts(run);
    List<String> heads = new ArrayList<>(List.of("way", "H", "T", "iterations"));
    for (int n : run.threads()) {
      heads.add("step by step, µs, " + Measured.count(n));
      heads.add("this, µs");
      heads.add("step by step / this");
    }
    heads.add("largest difference");
    if (predicts) {
      heads.add("quicker from");
    }
    List<List<String>> rows = new ArrayList<>();
    for (String way : ORDER) {
      for (int hidden : run.values(Measured.OVER_TIME, "hidden")) {
        for (int steps : run.values(Measured.OVER_TIME, "steps")) {
          if (!STEPPING.contains(way) && point(run, way, hidden, steps, 1).isPresent()) {
            rows.add(shortRow(run, way, hidden, steps, predicts));
          }
        }
      }
    }
    return Markdown.table(heads, rows)
        + "\n"
        + (predicts ? model(run.mostThreads()) + " " + QUICKER_FROM + "\n\n" : "")
        + verdict(run);
  }

  private static List<String> shortRow(
      Measured run, String way, int hidden, int steps, boolean predicts) {
    List<String> row =
        new ArrayList<>(List.of(label(way), Integer.toString(hidden), Integer.toString(steps)));
    Point first = point(run, way, hidden, steps, 1).orElseThrow();
    double iterations = first.counters().getOrDefault("iterations", 0.0);
    row.add(iterations == 0 ? "" : Numbers.format("%.0f", iterations));
    for (int n : run.threads()) {
      Optional<Point> serial = point(run, stepping(way), hidden, steps, n);
      Optional<Point> own = point(run, way, hidden, steps, n);
      row.add(serial.map(OverTimeTable::time).orElse(""));
      row.add(own.map(OverTimeTable::time).orElse(""));
      row.add(serial.isEmpty() || own.isEmpty() ? "" : ratio(serial.get(), own.get()));
    }
    row.add(
        iterations == 0
            ? ""
            : Numbers.format("%.0e", first.counters().getOrDefault("error", Double.NaN)));
    if (predicts) {
      row.add(quickerFrom(run, way, hidden, steps, run.mostThreads()));
    }
    return row;
  }

  private static String time(Point point) {
    return Numbers.format("%.1f ± %.1f", point.score(), point.error());
  }

  /** Whether Newton's method in one visit an iteration is worth it; nothing of other runs. */
  private static String verdict(Measured run) {
    List<String> ways =
        Stream.of("PARA_GRU_NEWTON", "PARA_LSTM_NEWTON")
            .filter(way -> !run.of(Measured.OVER_TIME, "way", way).isEmpty())
            .toList();
    if (ways.isEmpty()) {
      return "";
    }
    boolean slower =
        ways.stream()
            .allMatch(
                way ->
                    run.threads().stream().allMatch(n -> overStepping(run, way, n).getMin() > 1));
    StringBuilder text = new StringBuilder();
    if (slower) {
      text.append("**Newton's method is slower than stepping at every size measured.** ");
    }
    for (String way : ways) {
      text.append(label(way))
          .append(" takes ")
          .append(
              run.threads().stream().map(n -> times(run, way, n)).collect(Collectors.joining(", ")))
          .append(predicts(run) ? "; by the model it would be quicker " + from(run, way) : "")
          .append(". ");
    }
    return text
        + "ParaRNN (Danieli et al. 2025) reports up to 665 times the speed of stepping, on a"
        + " graphics processor. Here an iteration computes at least what all steps do, so that k"
        + " iterations on p cores gain at most p / k times, and nothing where stepping keeps as"
        + " many cores busy.\n\n";
  }

  /** A way's times over stepping's. */
  private static DoubleSummaryStatistics overStepping(Measured run, String way, int threads) {
    return run.of(Measured.OVER_TIME, "way", way, "threads", threads).stream()
        .flatMap(
            own ->
                point(run, stepping(way), own.param("hidden"), own.param("steps"), threads)
                    .map(serial -> own.score() / serial.score())
                    .stream())
        .mapToDouble(Double::doubleValue)
        .summaryStatistics();
  }

  private static String times(Measured run, String way, int threads) {
    DoubleSummaryStatistics ratios = overStepping(run, way, threads);
    return Numbers.format(
        "%.1f to %.1f times as long on %s",
        ratios.getMin(), ratios.getMax(), Measured.count(threads));
  }

  /** From how many cores on, where the prediction says something. */
  private static String from(Measured run, String way) {
    int most = run.mostThreads();
    List<String> where = new ArrayList<>();
    for (Point own : run.along("steps", Measured.OVER_TIME, "way", way, "threads", most)) {
      int hidden = own.param("hidden");
      int steps = own.param("steps");
      String from = quickerFrom(run, way, hidden, steps, most);
      if (from.endsWith("core") || from.endsWith("cores")) {
        where.add(Numbers.format("from %s on at H = %d, T = %d", from, hidden, steps));
      }
    }
    return (where.isEmpty() ? "at no size" : String.join(", ", where) + ", at no other size")
        + " up to "
        + CORES
        + " cores, rows with (?) aside";
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
      times.append(own.map(p -> " " + time(p) + " |").orElse(" |"));
      ratios.append(
          own.isEmpty() || serial.isEmpty() || STEPPING.contains(way)
              ? " |"
              : " " + ratio(serial.get(), own.get()) + " |");
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
    return Numbers.format(ratio < 0.1 ? "%.3f ± %.3f" : "%.2f ± %.2f", ratio, error);
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

            %s **Bold** where a way is predicted to be quicker on as many cores than its cell step by step, the scan than the GRU. %s

            | way | H | T | work, µs | span, µs | pieces | %d cores, µs | quicker from |
            |---|--:|--:|--:|--:|--:|--:|--:|
            """,
            CORES, model(most), QUICKER_FROM, CORES));
    for (int hidden : run.values(Measured.OVER_TIME, "hidden")) {
      for (String way : ORDER) {
        for (int steps : run.values(Measured.OVER_TIME, "steps")) {
          model(run, way, hidden, steps, most)
              .ifPresent(model -> text.append(predictedRow(run, way, hidden, steps, model, most)));
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
      Measured run, String way, int hidden, int steps, Model model, int most) {
    Optional<Model> serial = model(run, stepping(way), hidden, steps, most);
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
        STEPPING.contains(way) ? "" : quickerFrom(run, way, hidden, steps, most));
  }

  /** The fewest cores on which a way is quicker than step by step, as text. */
  private static String quickerFrom(Measured run, String way, int hidden, int steps, int most) {
    Optional<Model> own = model(run, way, hidden, steps, most);
    Optional<Model> serial = model(run, stepping(way), hidden, steps, most);
    if (own.isEmpty() || serial.isEmpty()) {
      return "";
    }
    OptionalInt from = own.get().quickerFrom(serial.get());
    return (from.isEmpty() ? "never" : upTo(from.getAsInt()))
        + (doubtful(run, way, hidden, steps, most) ? " (?)" : "");
  }

  private static String upTo(int cores) {
    return cores > CORES ? "above " + CORES : cores + (cores == 1 ? " core" : " cores");
  }

  /** Whether a prediction's two times fit no model, or the machine moved too much for it. */
  private static boolean doubtful(Measured run, String way, int hidden, int steps, int most) {
    boolean impossible =
        Stream.of(way, stepping(way))
            .flatMap(each -> model(run, each, hidden, steps, most).stream())
            .anyMatch(Model::impossible);
    return impossible
        || IntStream.of(1, most).anyMatch(n -> moved(run, way, hidden, steps, n) > MOVED);
  }

  /**
   * The share of a time that the machine's drift can have made: that of reading and writing all
   * that an iteration visits, at the rates of the run's start and end. 0 for other ways than those
   * that visit it once.
   */
  private static double moved(Measured run, String way, int hidden, int steps, int threads) {
    Optional<Point> point = point(run, way, hidden, steps, threads);
    if (point.isEmpty() || !way.startsWith("PARA_") || STEPPING.contains(way)) {
      return 0;
    }
    int states = way.startsWith("PARA_LSTM") ? 2 : 1;
    int gates = 3;
    // Read: the gates' input products, states and Jacobian products; written: the latter two and y.
    double bytes = 4.0 * hidden * steps * (gates + 2 * (states + states * states) + 1);
    DoubleSummaryStatistics nanos =
        run.ceilings().stream()
            .filter(row -> row.threads() == threads && row.capacity() != null)
            .mapToDouble(row -> bytes / row.gigabytes().getOrDefault(level(row, bytes), Double.NaN))
            .summaryStatistics();
    double visits = point.get().counters().getOrDefault("iterations", 0.0) + 1;
    return nanos.getCount() < 2
        ? 0
        : visits * (nanos.getMax() - nanos.getMin()) / 1e3 / point.get().score();
  }

  /** The nearest level of memory that holds so many bytes. */
  private static String level(CeilingRow row, double bytes) {
    return Objects.requireNonNull(row.capacity()).entrySet().stream()
        .filter(level -> level.getValue() > bytes)
        .min(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("");
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
                          cores > most && doubtful(run, way, hidden, steps, most)
                              ? "%s (%.1f times (?))"
                              : "%s (%.1f times)",
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
