package dev.unroll.bench.report;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.report.Charts.Look;
import dev.unroll.bench.report.Charts.Series;
import dev.unroll.bench.report.LinearLaw.Observation;
import dev.unroll.bench.result.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What serial time costs: time against T as tables and charts, and the time of an epoch. */
final class SerialLaw {
  /** The cells and sizes that the first sentence and the first chart are about. */
  private static final int BATCH = 1;

  static final int HIDDEN = 128;

  /** A set of lengths that belong together. */
  record Line(String cell, String mode, int batch, int hidden) {
    /** One step of it. */
    Workload step() {
      return new Workload(cell, Mode.valueOf(mode), Shape.square(batch, 1, hidden), 1);
    }
  }

  private SerialLaw() {}

  /** The first sentence of a report; nothing where the run does not hold it. */
  static String sentence(Measured run) {
    Line line = new Line("lstm", "FORWARD", BATCH, HIDDEN);
    LinearLaw law = laws(run).get(line);
    if (law == null) {
      return "";
    }
    String share = run.ofTheFloor(line.step(), law.slope());
    return Text.format(
        "One LSTM sequence at H=%d costs %.2f ± %.2f µs a step on this machine, by the line fitted"
            + " below%s. ",
        HIDDEN,
        law.slope(),
        law.slopeError(),
        share.isEmpty()
            ? ""
            : ", and the machine's ceilings would allow it in " + share + " of that time");
  }

  /** Tables and charts. */
  static String section(Measured run, Path folder) {
    Map<Line, LinearLaw> laws = laws(run);
    StringBuilder text = new StringBuilder();
    if (!laws.isEmpty()) {
      text.append("## Time against sequence length\n\n")
          .append(table(run, line -> true))
          .append('\n');
      for (String mode : Measured.MODES) {
        for (int batch : run.values(Measured.LENGTH, "batch")) {
          chart(run, mode, batch, folder, text);
        }
      }
    }
    return text + epochs(run);
  }

  /** The law of each cell, mode and size that is asked for. */
  static String table(Measured run, Predicate<Line> asked) {
    StringBuilder text =
        new StringBuilder(
            """
            Fitted: time of a call = fixed + T × step, each point weighted by its precision; ± is half the 95 % interval. Steps wait for each other, so the line has to be straight. The floor is the least time of a step that the machine's ceilings allow (arithmetic, and where it is slower the reading of weight_hh: as much as L1 holds at L1's rate, the rest at L2's, even where it lies farther away); its share of the fitted step is how near the limit is.

            | cell | mode | B | H | step, µs | floor, µs | floor / step | fixed, µs | R² | straight? |
            |---|---|--:|--:|--:|--:|--:|--:|--:|---|
            """);
    Map<Line, LinearLaw> laws = laws(run);
    laws.keySet().retainAll(laws.keySet().stream().filter(asked).toList());
    laws.forEach(
        (line, law) ->
            text.append(
                Text.format(
                    "| %s | %s | %d | %d | %.3f ± %.3f | %s | %s | %.1f ± %.1f | %.4f | %s |\n",
                    line.cell(),
                    Measured.lower(line.mode()),
                    line.batch(),
                    line.hidden(),
                    law.slope(),
                    law.slopeError(),
                    floor(run, line),
                    run.ofTheFloor(line.step(), law.slope()),
                    law.fixed(),
                    law.fixedError(),
                    law.rSquared(),
                    law.straight()
                        ? "yes"
                        : Text.format("**no**: a point is %.0f %% off", 100 * law.worst()))));
    return text.toString();
  }

  private static String floor(Measured run, Line line) {
    double floor = run.floor(line.step()).orElse(Double.NaN);
    return Double.isNaN(floor) ? "" : Text.format("%.3f", floor);
  }

  private static void chart(Measured run, String mode, int batch, Path folder, StringBuilder text) {
    List<Series> series = new ArrayList<>();
    for (String cell : Measured.CELLS) {
      Line line = new Line(cell, mode, batch, HIDDEN);
      List<Point> own = points(run, line);
      if (own.isEmpty()) {
        continue;
      }
      series.add(Series.of(cell, own, "steps", false, Look.LINE));
      double floor = run.floor(line.step()).orElse(Double.NaN);
      if (!Double.isNaN(floor)) {
        double[] steps = own.stream().mapToDouble(p -> p.param("steps")).toArray();
        double[] least = own.stream().mapToDouble(p -> p.param("steps") * floor).toArray();
        series.add(Series.of(cell + ", floor", steps, least, Series.colourOf(cell), Look.FLOOR));
      }
    }
    if (series.isEmpty()) {
      return;
    }
    String name =
        "time-against-length-" + Measured.lower(mode) + (batch == BATCH ? "" : "-b" + batch);
    Charts.logLog(
        folder.resolve("charts").resolve(name),
        Text.format(
            "%s: time against sequence length (B=%d, H=%d)",
            Report.capital(Measured.lower(mode)), batch, HIDDEN),
        "T, steps",
        "µs a call",
        series);
    Report.image(
        text, name, Text.format("Time of a call against T, %s, B=%d", Measured.lower(mode), batch));
  }

  /** The time of an epoch, and the sentence that answers the tutorial's question. */
  static String epochs(Measured run) {
    if (run.of(Measured.EPOCH).isEmpty()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            """
            ### An epoch, short windows and long

            Seed 000's exercise: a character model (embedding, one layer of H=128, readout, Adam), an epoch of 1000 windows of T characters, one at a time. Does an epoch at T = 200 take ten times one at 20?

            | cell | T | ms an epoch | µs a window | µs a character |
            |---|--:|--:|--:|--:|
            """);
    for (String cell : Measured.CELLS) {
      List<Point> own = run.along("steps", Measured.EPOCH, "cell", cell);
      for (Point p : own) {
        double window = 1e3 * p.score() / p.param("windows");
        text.append(
            Text.format(
                "| %s | %d | %.1f ± %.1f | %.1f | %.2f |\n",
                cell, p.param("steps"), p.score(), p.error(), window, window / p.param("steps")));
      }
    }
    return text + "\n" + ratios(run);
  }

  /** The answer in a paragraph; nothing where the run does not hold it. */
  static String ratios(Measured run) {
    StringBuilder answer = new StringBuilder();
    Measured.CELLS.forEach(cell -> ratio(run, cell).ifPresent(answer::append));
    return answer.isEmpty() ? "" : answer.append("\n\n").toString();
  }

  private static Optional<String> ratio(Measured run, String cell) {
    Optional<Point> little = run.of(Measured.EPOCH, "cell", cell, "steps", 20).stream().findFirst();
    Optional<Point> much = run.of(Measured.EPOCH, "cell", cell, "steps", 200).stream().findFirst();
    if (little.isEmpty() || much.isEmpty()) {
      return Optional.empty();
    }
    double ratio = much.get().score() / little.get().score();
    double error =
        ratio
            * Math.hypot(
                much.get().error() / much.get().score(),
                little.get().error() / little.get().score());
    return Optional.of(
        cell.equals("rnn_tanh")
            ? Text.format(
                "An epoch of windows of 200 characters takes %.1f ± %.1f times one of windows of"
                    + " 20, with seed 000's tanh RNN (PyTorch: 7.9): ten times the steps, but what"
                    + " a window costs besides, such as the optimizer's pass over all weights,"
                    + " stays the same. ",
                ratio, error)
            : Text.format("With %s in its place it is %.1f ± %.1f. ", cell, ratio, error));
  }

  static Map<Line, LinearLaw> laws(Measured run) {
    Map<Line, LinearLaw> laws = new LinkedHashMap<>();
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        for (int batch : run.values(Measured.LENGTH, "batch")) {
          for (int hidden : run.values(Measured.LENGTH, "hidden")) {
            Line line = new Line(cell, mode, batch, hidden);
            List<Point> own = points(run, line);
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

  private static List<Point> points(Measured run, Line line) {
    return run.along(
        "steps",
        Measured.LENGTH,
        "cell",
        line.cell(),
        "mode",
        line.mode(),
        "batch",
        line.batch(),
        "hidden",
        line.hidden());
  }
}
