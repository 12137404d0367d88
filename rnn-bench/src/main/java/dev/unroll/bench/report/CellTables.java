package dev.unroll.bench.report;

import dev.unroll.bench.layer.EqualSize;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.result.CellCosts;
import dev.unroll.bench.result.CellCosts.Bar;
import dev.unroll.bench.result.CellCosts.Row;
import dev.unroll.bench.result.Point;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.StripCell;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** What every cell costs: figures from the points of a run of cells, and their tables. */
public final class CellTables {
  /** Sizes at which all cells are measured. */
  public static final List<Integer> SIZES = List.of(64, 128, 256, 512, 1024);

  /** Units of the LSTM whose parameters all cells are given. */
  public static final List<Integer> REFERENCES = List.of(64, 256, 1024);

  /** Sequences. */
  public static final List<Integer> BATCHES = List.of(1, 16);

  /** The size of a quick run, and of the bar on diagonal and linear cells. */
  public static final int SIZE = 128;

  /** The size of the bar on cells with a matrix state: 4 heads of 64 x 64. */
  public static final int HEADS_OF_64 = 256;

  /** The sizes of the bar on training. */
  public static final int TRAINED = 256;

  /** See {@link #TRAINED}. */
  public static final int TRAINED_BATCH = 32;

  private static final String FORWARD = "FORWARD";
  private static final String INPUT_PRODUCT = "INPUT_PRODUCT";
  private static final String TRAINING = "TRAINING_STEP";

  private CellTables() {}

  /** Whether a run is one of these: the parts of a run of all benchmarks have one more. */
  static boolean in(Measured run) {
    return !run.of(Measured.PARTS).isEmpty()
        && run.of(Measured.PARTS, "part", "RECURRENT_PRODUCT").isEmpty();
  }

  /** The figures of a run. */
  static CellCosts costs(Measured run) {
    List<Row> rows = new ArrayList<>();
    List<Bar> bars = new ArrayList<>();
    for (Cell cell : Cells.all()) {
      for (String part : List.of(FORWARD, TRAINING)) {
        run.along("hidden", Measured.PARTS, "cell", cell.name(), "part", part)
            .forEach(point -> rows.add(row(run, point)));
      }
    }
    for (Cell cell : Cells.all()) {
      overInputProduct(run, cell).ifPresent(bars::add);
    }
    for (Cell cell : Cells.all()) {
      overState(run, cell).ifPresent(bars::add);
    }
    SIZES.forEach(hidden -> overLstm(run, hidden).ifPresent(bars::add));
    for (Cell cell : Cells.all()) {
      ofArithmetic(run, cell).ifPresent(bars::add);
    }
    return new CellCosts(rows, bars);
  }

  private static Row row(Measured run, Point point) {
    Workload work = workload(point);
    int steps = work.shape().steps();
    return new Row(
        work.cell(),
        work.mode().label(),
        work.shape().batch(),
        steps,
        work.shape().hiddenSize(),
        work.heads(),
        work.config().parameterCount(),
        point.score() / steps,
        point.low() / steps,
        point.high() / steps,
        1e6 * work.shape().batch() * steps / point.score(),
        run.floor(work).orElse(Double.NaN) / steps,
        work.mode() == Mode.TRAINING
            ? null
            : input(run, point).map(input -> 1 - input.score() / point.score()).orElse(null));
  }

  /** The forward passes of all cells at the size of a quick run, of a run of cells. */
  static List<Point> forward(List<Point> points) {
    return points.stream()
        .filter(p -> p.benchmark().equals(Measured.PARTS) && p.text("part").equals(FORWARD))
        .filter(p -> p.param("hidden") == SIZE)
        .toList();
  }

  static Workload workload(Point point) {
    return new Workload(
        point.text("cell"),
        point.text("part").equals(TRAINING) ? Mode.TRAINING : Mode.FORWARD,
        Shape.square(point.param("batch"), point.param("steps"), point.param("hidden")),
        1,
        point.param("heads"));
  }

  private static Optional<Point> find(
      Measured run, String cell, String part, int batch, int hidden) {
    return run
        .of(Measured.PARTS, "cell", cell, "part", part, "batch", batch, "hidden", hidden)
        .stream()
        .findFirst();
  }

  /** The input product of a forward pass, alone. */
  private static Optional<Point> input(Measured run, Point forward) {
    return find(
        run, forward.text("cell"), INPUT_PRODUCT, forward.param("batch"), forward.param("hidden"));
  }

  private static double relative(Point point) {
    return point.error() / point.score();
  }

  private static Optional<Bar> overInputProduct(Measured run, Cell cell) {
    if (!(cell instanceof StripCell)) {
      return Optional.empty();
    }
    return find(run, cell.name(), FORWARD, 1, SIZE)
        .flatMap(
            forward ->
                input(run, forward)
                    .map(
                        input -> {
                          double ratio = forward.score() / input.score();
                          return new Bar(
                              "forward over its input product, B=1, H=" + SIZE,
                              cell.name(),
                              ratio,
                              ratio * Math.hypot(relative(forward), relative(input)),
                              1.3,
                              true);
                        }));
  }

  private static Optional<Bar> overState(Measured run, Cell cell) {
    OptionalDouble rate = run.ceiling(1, row -> row.gigabytes().getOrDefault("L1", Double.NaN));
    if (!(cell instanceof DeltaCell) || rate.isEmpty()) {
      return Optional.empty();
    }
    return find(run, cell.name(), FORWARD, 1, HEADS_OF_64)
        .flatMap(
            forward ->
                input(run, forward)
                    .map(
                        input -> {
                          int heads = forward.param("heads");
                          int width = HEADS_OF_64 / heads;
                          double bytes = 4.0 * heads * width * width;
                          double micros = 2 * bytes / rate.getAsDouble() / 1e3;
                          double steps = forward.param("steps") * micros;
                          return new Bar(
                              "a step without its input product over reading the state twice"
                                  + " from L1, 4 heads of 64 x 64",
                              cell.name(),
                              (forward.score() - input.score()) / steps,
                              Math.hypot(forward.error(), input.error()) / steps,
                              2.5,
                              true);
                        }));
  }

  private static Optional<Bar> overLstm(Measured run, int hidden) {
    return find(run, "slstm", FORWARD, 1, hidden)
        .flatMap(
            own ->
                find(run, EqualSize.REFERENCE, FORWARD, 1, hidden)
                    .map(
                        lstm -> {
                          double ratio = own.score() / lstm.score();
                          return new Bar(
                              "forward with one head over an LSTM's, B=1, H=" + hidden,
                              "slstm",
                              ratio,
                              ratio * Math.hypot(relative(own), relative(lstm)),
                              1.2,
                              true);
                        }));
  }

  private static Optional<Bar> ofArithmetic(Measured run, Cell cell) {
    OptionalDouble fma = run.ceiling(1, row -> row.gigaflops());
    if (fma.isEmpty()) {
      return Optional.empty();
    }
    return find(run, cell.name(), TRAINING, TRAINED_BATCH, TRAINED)
        .map(
            point -> {
              double share = workload(point).flops() / point.score() / 1e3 / fma.getAsDouble();
              return new Bar(
                  "training's products over the rate of arithmetic, B=32, H=" + TRAINED,
                  cell.name(),
                  share,
                  share * relative(point),
                  0.6,
                  false);
            });
  }

  /** The report's section; nothing if the run is another. */
  static String section(Measured run) {
    if (!in(run)) {
      return "";
    }
    CellCosts costs = costs(run);
    StringBuilder text =
        new StringBuilder(
            """
            ## What each cell costs

            One layer, I = H, on one thread; what is computed is checked against double precision before it is timed. Cells with a matrix state have heads of about 64 x 64. A step's time is a call's over T, with its 95 % interval. Steps a second count those of all sequences. The floor is the least time that the machine's ceilings allow the products of a step: activations are not in it. What waits is the share of the pass that is left without its input product, timed alone: that one needs no earlier step.

            """);
    text.append("### At equal hidden size\n\n")
        .append(
            table(costs.rows().stream().filter(row -> SIZES.contains(row.hiddenSize())).toList()))
        .append('\n');
    for (int reference : REFERENCES) {
      List<Row> equal =
          costs.rows().stream()
              .filter(row -> row.hiddenSize() == EqualSize.hidden(row.cell(), reference))
              .filter(row -> BATCHES.contains(row.batch()))
              .toList();
      if (equal.stream().anyMatch(row -> !SIZES.contains(row.hiddenSize()))) {
        text.append(
                Numbers.format(
                    "### With about as many parameters as an LSTM of %d units, %d\n\n",
                    reference, EqualSize.parameters(EqualSize.REFERENCE, reference)))
            .append(table(equal))
            .append('\n');
      }
    }
    return text.append("### Bars\n\n").append(bars(costs.bars())).append('\n').toString();
  }

  /** In short: the forward passes of one sequence at the size of a quick run, and the bars. */
  static String summary(Measured run) {
    CellCosts costs = costs(run);
    return table(
            costs.rows().stream()
                .filter(row -> row.hiddenSize() == SIZE && row.batch() == 1)
                .filter(row -> row.mode().equals(Mode.FORWARD.label()))
                .toList())
        + "\n"
        + bars(costs.bars())
        + "\n";
  }

  private static String table(List<Row> rows) {
    return Markdown.table(
        List.of(
            "cell",
            "mode",
            "B",
            "H",
            "heads",
            "T",
            "parameters",
            "step, µs",
            "steps/s",
            "floor, µs",
            "floor / step",
            "waits"),
        rows.stream()
            .map(
                row ->
                    List.of(
                        CellNames.label(row.cell()),
                        row.mode(),
                        Integer.toString(row.batch()),
                        Integer.toString(row.hiddenSize()),
                        Integer.toString(row.heads()),
                        Integer.toString(row.steps()),
                        Long.toString(row.parameters()),
                        Numbers.format("%.3f [%.3f, %.3f]", row.micros(), row.low(), row.high()),
                        Numbers.format("%.0f", row.throughput()),
                        Numbers.format("%.3f", row.floor()),
                        Numbers.format("%.0f %%", 100 * row.floor() / row.micros()),
                        row.waits() == null ? "" : Numbers.format("%.0f %%", 100 * row.waits())))
            .toList());
  }

  private static String bars(List<Bar> bars) {
    return Markdown.table(
        List.of("what", "cell", "figure", "bar", "met"),
        bars.stream()
            .map(
                bar ->
                    List.of(
                        bar.question(),
                        CellNames.label(bar.cell()),
                        Numbers.format("%.2f ± %.2f", bar.value(), bar.error()),
                        (bar.atMost() ? "at most " : "at least ") + bar.bar(),
                        bar.met().equals("no") ? "**no**" : bar.met()))
            .toList());
  }

  /** The bars, for the console. */
  static String console(Measured run) {
    StringBuilder text = new StringBuilder();
    for (Bar bar : costs(run).bars()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-9s %s: %.2f ± %.2f, bar %s %.1f%s%n",
              bar.cell(),
              bar.question(),
              bar.value(),
              bar.error(),
              bar.atMost() ? "at most" : "at least",
              bar.bar(),
              switch (bar.met()) {
                case "yes" -> "";
                case "no" -> "  NOT MET";
                default -> "  undecided";
              }));
    }
    return text.toString().stripTrailing();
  }
}
