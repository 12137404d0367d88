package dev.unroll.bench.report;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.report.LinearLaw.Observation;
import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.knowm.xchart.XYChart;

/** What serial time costs: time against T as tables and charts, and the time of an epoch. */
final class SerialLaw {
  /** The cells and sizes that the first sentence and the first chart are about. */
  private static final int BATCH = 1;

  static final int HIDDEN = 128;

  /** What a set of measured lengths has in common. */
  record Lengths(String cell, String mode, int batch, int hidden) {
    /** One step of it. */
    Workload step() {
      return new Workload(cell, Mode.valueOf(mode), Shape.square(batch, 1, hidden), 1);
    }
  }

  private SerialLaw() {}

  /**
   * The first sentence of a report; nothing where the run does not hold it.
   *
   * @param how where the reader finds how it was made; may be empty
   */
  static String sentence(Measured run, String how) {
    Lengths line = new Lengths("lstm", "FORWARD", BATCH, HIDDEN);
    LinearLaw law = laws(run).get(line);
    if (law == null) {
      return "";
    }
    String share = run.ofTheFloor(line.step(), law.slope());
    return Numbers.format(
        "One LSTM sequence at H=%d costs %.2f ± %.2f µs a step on this machine%s%s. ",
        HIDDEN,
        law.slope(),
        law.slopeError(),
        how,
        share.isEmpty()
            ? ""
            : "; the machine's ceilings set a floor of " + share + " of that time");
  }

  /** Tables and charts. */
  static String section(Measured run, List<Chart> charts) {
    Map<Lengths, LinearLaw> laws = laws(run);
    StringBuilder text = new StringBuilder();
    if (!laws.isEmpty()) {
      text.append("## Time against sequence length\n\n")
          .append(table(run, line -> true))
          .append('\n');
      for (String mode : Measured.MODES) {
        for (int batch : run.values(Measured.LENGTH, "batch")) {
          chart(run, mode, batch, charts, text);
        }
      }
    }
    return text + epochs(run);
  }

  /** The law of each cell, mode and size that is asked for. */
  static String table(Measured run, Predicate<Lengths> asked) {
    StringBuilder text =
        new StringBuilder(
            """
            Fitted: time of a call = fixed + T × step, each point weighted by its precision; ± is half the 95 % interval. Steps wait for each other, so the line has to be straight. The floor is the least time of a step that the machine's ceilings allow (arithmetic, and where it is slower the reading of weight_hh: as much as L1 holds at L1's rate, the rest at L2's, even where it lies farther away); its share of the fitted step is how near the limit is. Where a chain is given, it is the other floor: the shortest chain of operations in which each needs the one before (a unit's sum in the order of its terms, then its activations), as if all else cost nothing.

            | cell | mode | B | H | step, µs | floor, µs | floor / step | fixed, µs | R² | straight? |
            |---|---|--:|--:|--:|--:|--:|--:|--:|---|
            """);
    Map<Lengths, LinearLaw> laws = laws(run);
    laws.keySet().retainAll(laws.keySet().stream().filter(asked).toList());
    laws.forEach(
        (line, law) ->
            text.append(
                Numbers.format(
                    "| %s | %s | %d | %d | %.3f ± %.3f | %s | %s | %.1f ± %.1f | %.4f | %s |\n",
                    CellNames.label(line.cell()),
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
                        : Numbers.format("**no**: a point is %.0f %% off", 100 * law.worst()))));
    return text.toString();
  }

  private static String floor(Measured run, Lengths line) {
    double floor = run.floor(line.step()).orElse(Double.NaN);
    OptionalDouble chain = run.chain(line.step());
    return Double.isNaN(floor)
        ? ""
        : Numbers.format("%.3f", floor)
            + (chain.isEmpty() ? "" : Numbers.format(", chain %.3f", chain.getAsDouble()));
  }

  private static void chart(
      Measured run, String mode, int batch, List<Chart> charts, StringBuilder text) {
    XYChart chart =
        Charts.xyOfMany(
            Numbers.format(
                "%s: time against sequence length (B=%d, H=%d)",
                Report.capital(Measured.lower(mode)), batch, HIDDEN),
            "T, steps",
            "µs a call");
    for (String cell : Measured.CELLS) {
      Lengths line = new Lengths(cell, mode, batch, HIDDEN);
      List<Point> own = points(run, line);
      if (own.isEmpty()) {
        continue;
      }
      Curves.add(chart, CellNames.label(cell), Curves.ink(cell), Line.SOLID, own, "steps");
      double floor = run.floor(line.step()).orElse(Double.NaN);
      if (!Double.isNaN(floor)) {
        Charts.curve(
            chart,
            CellNames.label(cell) + ", floor",
            Curves.ink(cell),
            Line.DOTTED,
            Curves.array(own, p -> p.param("steps")),
            Curves.array(own, p -> p.param("steps") * floor));
      }
    }
    if (chart.getSeriesCollection().isEmpty()) {
      return;
    }
    String name =
        "time-against-length-" + Measured.lower(mode) + (batch == BATCH ? "" : "-b" + batch);
    Charts.logLog(chart);
    String caption =
        Numbers.format("Time of a call against T, %s, B=%d", Measured.lower(mode), batch);
    Report.show(text, charts, new Chart(name, caption, chart));
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

            The exercise of notebook 000: a character model (embedding, one layer of H=128, readout, Adam), an epoch of 1000 windows of T characters, one at a time. Does an epoch at T = 200 take ten times one at 20?

            | cell | T | ms an epoch | µs a window | µs a character |
            |---|--:|--:|--:|--:|
            """);
    for (String cell : Measured.CELLS) {
      List<Point> own = run.along("steps", Measured.EPOCH, "cell", cell);
      for (Point p : own) {
        double window = 1e3 * p.score() / p.param("windows");
        text.append(
            Numbers.format(
                "| %s | %d | %.1f ± %.1f | %.1f | %.2f |\n",
                CellNames.label(cell),
                p.param("steps"),
                p.score(),
                p.error(),
                window,
                window / p.param("steps")));
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
            ? Numbers.format(
                "An epoch of windows of 200 characters takes %.1f ± %.1f times one of windows of"
                    + " 20, with the tanh RNN of notebook 000 (PyTorch: 7.9): ten times the steps,"
                    + " but what each window costs besides them, such as the optimizer's pass over"
                    + " all weights, stays the same. ",
                ratio, error)
            : Numbers.format(
                "With %s in its place it is %.1f ± %.1f. ", CellNames.label(cell), ratio, error));
  }

  static Map<Lengths, LinearLaw> laws(Measured run) {
    Map<Lengths, LinearLaw> laws = new LinkedHashMap<>();
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        for (int batch : run.values(Measured.LENGTH, "batch")) {
          for (int hidden : run.values(Measured.LENGTH, "hidden")) {
            Lengths line = new Lengths(cell, mode, batch, hidden);
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

  private static List<Point> points(Measured run, Lengths line) {
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
