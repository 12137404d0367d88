package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.report.chart.Bars;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Curves;
import dev.unroll.report.chart.HeatMap;
import dev.unroll.report.chart.Ink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;

/**
 * A chart of measures, with the same means and intervals as the tables. Titles, axes and captions
 * are templates as {@link Telling} has them.
 */
public final class Plot {
  private enum Form {
    LINES,
    BARS,
    HEAT,
    FREE
  }

  private final String file;
  private final Form form;
  private final List<String> measures = new ArrayList<>();
  private final List<String> axes;
  private final Map<String, ToDoubleFunction<Outcome>> references = new LinkedHashMap<>();
  private String title = "";
  private String caption = "";
  private String x = "";
  private String y = "";
  private boolean markers = true;
  private boolean log10;
  private @Nullable String by;
  private @Nullable String pages;
  private @Nullable String said;
  private @Nullable String tried;
  private @Nullable Function<Outcome, @Nullable IChart> free;
  private Consumer<AxesChartStyler> style = styler -> {};
  private BiConsumer<XYChart, Outcome> more = (chart, outcome) -> {};

  private Plot(String file, Form form, List<String> measures, String... axes) {
    this.file = file;
    this.form = form;
    this.measures.addAll(measures);
    this.axes = List.of(axes);
  }

  /** Lines of a measure along an axis of numbers. */
  public static Plot lines(String file, String measure, String axis) {
    return new Plot(file, Form.LINES, List.of(measure), axis);
  }

  /** Bars of a measure over the values of an axis. */
  public static Plot bars(String file, String measure, String axis) {
    return new Plot(file, Form.BARS, List.of(measure), axis);
  }

  /** A map of a measure's means over two axes, across and up. */
  public static Plot heat(String file, String measure, String across, String up) {
    return new Plot(file, Form.HEAT, List.of(measure), across, up);
  }

  /**
   * Whatever {@code chart} draws; only the caption is used besides. Where it gives null there is no
   * chart.
   */
  public static Plot of(String file, Function<Outcome, @Nullable IChart> chart) {
    Plot plot = new Plot(file, Form.FREE, List.of());
    plot.free = chart;
    return plot;
  }

  /** The heading within the chart. */
  public Plot title(String newTitle) {
    title = newTitle;
    return this;
  }

  /** What the axes show, with units. */
  public Plot axes(String newX, String newY) {
    x = newX;
    y = newY;
    return this;
  }

  /** The sentence below the chart. */
  public Plot caption(String newCaption) {
    caption = newCaption;
    return this;
  }

  /** Shows a further measure in series of its own. */
  public Plot beside(String measure) {
    measures.add(measure);
    return this;
  }

  /** Has a series for each value of this axis, or of each combination where there are several. */
  public Plot by(String axis) {
    by = axis;
    return this;
  }

  /** Is drawn once for each value of this axis. */
  public Plot per(String axis) {
    pages = axis;
    return this;
  }

  /** Marks no points, for curves of many. */
  public Plot curves() {
    markers = false;
    return this;
  }

  /** Shows the log10 of the mean and of its interval's ends, which are those of the tables. */
  public Plot log10() {
    log10 = true;
    return this;
  }

  /** Shows values from {@code low} to {@code high}. */
  public Plot range(double low, double high) {
    return styled(styler -> styler.setYAxisMin(low).setYAxisMax(high));
  }

  /** Shows values from {@code low} up. */
  public Plot from(double low) {
    return styled(styler -> styler.setYAxisMin(low));
  }

  /** Changes the look. */
  public Plot styled(Consumer<AxesChartStyler> look) {
    style = style.andThen(look);
    return this;
  }

  /** Has more drawn over its lines. */
  public Plot with(BiConsumer<XYChart, Outcome> drawing) {
    more = more.andThen(drawing);
    return this;
  }

  /**
   * Has an upright stroke for each band of a measure, where its figures lie along {@code axis}, and
   * calls them all {@code name}.
   */
  public Plot bands(String name, String measure, String axis) {
    return with((chart, outcome) -> bands(chart, name, outcome.grid(measure), axis));
  }

  private void bands(XYChart chart, String name, Grid grid, String axis) {
    String legend = name;
    for (Figure figure : grid.figures()) {
      Band band = figure.band();
      if (band != null && band.low() != null && band.high() != null) {
        double at = number(figure.where().get(axis));
        Charts.expected(chart, legend, at, scaled(band.low()), scaled(band.high()));
        legend = "";
      }
    }
  }

  private double scaled(double value) {
    return log10 ? StrictMath.log10(value) : value;
  }

  /** Has a dotted line at a height. */
  public Plot reference(String name, ToDoubleFunction<Outcome> height) {
    references.put(name, height);
    return this;
  }

  /** Has a dashed line through what the notebook said. */
  public Plot said(String name) {
    said = name;
    return this;
  }

  /** Leaves the places of a map empty at which this measure says that no seed tried. */
  public Plot tried(String measure) {
    tried = measure;
    return this;
  }

  /**
   * The charts that this makes of an outcome: one, or one for each value of {@link #per}; none of
   * what no trial measured.
   */
  List<Chart> of(Outcome outcome, Telling.Words words) {
    String axis = pages;
    if (axis == null) {
      return page(file, outcome, grid -> grid, words).toList();
    }
    return outcome.along(axis).stream()
        .flatMap(
            value ->
                page(
                    file
                        + "-"
                        + value.toString().replace(':', '-'), // a colon is no file name everywhere
                    outcome,
                    grid -> grid.where(axis, value),
                    words.with(Map.of(axis, value))))
        .toList();
  }

  private Stream<Chart> page(
      String name, Outcome outcome, UnaryOperator<Grid> part, Telling.Words words) {
    IChart drawing =
        free != null
            ? free.apply(outcome)
            : draw(
                measures.stream().map(one -> part.apply(outcome.grid(one))).toList(),
                outcome,
                words);
    return drawing == null
        ? Stream.empty()
        : Stream.of(new Chart(name, words.fill(caption) + Charts.note(drawing), drawing));
  }

  private @Nullable IChart draw(List<Grid> measured, Outcome outcome, Telling.Words words) {
    String heading = words.fill(title);
    String across = words.fill(x);
    String up = words.fill(y);
    if (form == Form.HEAT) {
      return finite(measured.getFirst()).cells().isEmpty()
          ? null
          : heat(measured.getFirst(), outcome, heading, across, up);
    }
    List<Grid> grids = measured.stream().map(grid -> finite(log10 ? logged(grid) : grid)).toList();
    if (grids.stream().allMatch(grid -> grid.cells().isEmpty())) {
      return null;
    }
    Map<String, Grid> series = new LinkedHashMap<>();
    grids.forEach(grid -> series.putAll(series(grid)));
    if (form == Form.BARS) {
      return bars(series, heading, across, up);
    }
    XYChart chart =
        series.size() > 4 ? Charts.xyOfMany(heading, across, up) : Charts.xy(heading, across, up);
    style.accept(chart.getStyler());
    lines(series).draw(chart, markers);
    double[] ends =
        grids.stream()
            .flatMap(grid -> grid.along(axes.getFirst()).stream())
            .mapToDouble(Plot::number)
            .sorted()
            .toArray();
    if (said != null) {
      said(chart, said, measured);
    }
    references.forEach(
        (name, height) -> {
          if (ends.length > 0) {
            double level = scaled(height.applyAsDouble(outcome));
            Charts.reference(chart, name, ends[0], ends[ends.length - 1], level);
          }
        });
    more.accept(chart, outcome);
    return chart;
  }

  /** What can be drawn: a trial may measure NaN, and 0 has no log10. */
  private static Grid finite(Grid grid) {
    return new Grid(
        grid.measure(),
        grid.axes(),
        grid.cells().stream().filter(cell -> Double.isFinite(cell.figure().mean())).toList());
  }

  private static Grid logged(Grid grid) {
    return new Grid(grid.measure(), grid.axes(), grid.cells().stream().map(Plot::logged).toList());
  }

  private static Grid.Cell logged(Grid.Cell cell) {
    double[] logs = Arrays.stream(cell.values()).map(StrictMath::log10).toArray();
    return new Grid.Cell(cell.place(), cell.figure().log10(), logs);
  }

  /**
   * A grid for each value of the axis of series; the measure's label tells those of several
   * measures apart.
   */
  private Map<String, Grid> series(Grid grid) {
    Map<String, Grid> series = new LinkedHashMap<>();
    List<String> split = by == null ? List.of() : Arrays.asList(by.split(" "));
    series.put("", grid);
    for (String axis : split) {
      Map<String, Grid> finer = new LinkedHashMap<>();
      series.forEach(
          (label, part) -> {
            for (Object value : part.along(axis)) {
              String next = grid.axis(axis).label().apply(value);
              finer.put(label.isEmpty() ? next : label + ", " + next, part.where(axis, value));
            }
          });
      series = finer;
    }
    if (!split.isEmpty() && measures.size() == 1) {
      return series;
    }
    Map<String, Grid> told = new LinkedHashMap<>();
    series.forEach(
        (label, part) ->
            told.put((label.isEmpty() ? "" : label + ", ") + grid.measure().label, part));
    return told;
  }

  private Curves lines(Map<String, Grid> series) {
    Curves curves = new Curves();
    series.forEach(
        (name, part) -> {
          List<Figure> figures = part.figures();
          curves.add(
              name,
              part.cells().stream()
                  .mapToDouble(cell -> number(cell.place().get(axes.getFirst())))
                  .toArray(),
              figures.stream().mapToDouble(Figure::mean).toArray(),
              ends(part, figures, false),
              ends(part, figures, true));
        });
    return curves;
  }

  /** The ends of the intervals, which no chart draws beyond the measure's range. */
  private double[] ends(Grid part, List<Figure> figures, boolean high) {
    double least = log10 ? Double.NEGATIVE_INFINITY : part.measure().least;
    double most = log10 ? Double.POSITIVE_INFINITY : part.measure().most;
    return figures.stream()
        .mapToDouble(figure -> Math.clamp(figure.end(high), least, most))
        .toArray();
  }

  private void said(XYChart chart, String name, List<Grid> grids) {
    List<Grid.Cell> cells =
        grids.stream()
            .flatMap(grid -> grid.cells().stream())
            .filter(cell -> cell.figure().said() != null)
            .toList();
    if (!cells.isEmpty()) {
      Charts.curve(
          chart,
          name,
          Ink.CLAIMED,
          cells.stream().mapToDouble(cell -> number(cell.place().get(axes.getFirst()))).toArray(),
          cells.stream()
              .flatMap(cell -> Stream.ofNullable(cell.figure().said()))
              .mapToDouble(this::scaled)
              .toArray());
    }
  }

  private IChart bars(Map<String, Grid> series, String heading, String across, String up) {
    Bars chart = new Bars(heading, across, up);
    chart.getStyler().setLegendVisible(series.size() > 1);
    style.accept(chart.getStyler());
    String along = axes.getFirst();
    // Each series has a bar at each value: bars are drawn at their place in the series, not at
    // their label.
    List<Object> values =
        series.values().stream().flatMap(part -> part.along(along).stream()).distinct().toList();
    int ink = 0;
    for (Map.Entry<String, Grid> one : series.entrySet()) {
      Grid part = one.getValue();
      double[] mean = empty(values.size());
      double[] low = empty(values.size());
      double[] high = empty(values.size());
      for (int i = 0; i < mean.length; i++) {
        Figure bar = part.where(along, values.get(i)).first();
        if (bar != null) {
          mean[i] = bar.mean();
          low[i] = bar.end(false);
          high[i] = bar.end(true);
        }
      }
      List<String> labels = values.stream().map(part.axis(along).label()).toList();
      chart.add(one.getKey(), Ink.of(ink++), labels, mean, low, high);
    }
    return chart;
  }

  private boolean wasTried(Grid.Cell cell, Outcome outcome) {
    return tried == null
        || outcome.grid(tried).within(cell.place()).figures().stream()
            .anyMatch(one -> one.mean() > 0);
  }

  private IChart heat(Grid grid, Outcome outcome, String heading, String across, String up) {
    List<Object> columns = grid.along(axes.get(0));
    List<String> upAxes = Arrays.asList(axes.get(1).split(" "));
    Map<String, double[]> rows = new LinkedHashMap<>();
    Map<String, double[]> low = new LinkedHashMap<>();
    Map<String, double[]> high = new LinkedHashMap<>();
    for (Grid.Cell cell : grid.cells()) {
      List<String> labels = new ArrayList<>();
      upAxes.forEach(axis -> labels.add(cell.label(grid.axis(axis))));
      String name = String.join(", ", labels);
      double[] row = rows.computeIfAbsent(name, label -> empty(columns.size()));
      double[] lows = low.computeIfAbsent(name, label -> empty(columns.size()));
      double[] highs = high.computeIfAbsent(name, label -> empty(columns.size()));
      double mean = cell.figure().mean();
      if (wasTried(cell, outcome)) {
        int column = columns.indexOf(cell.place().get(axes.get(0)));
        row[column] = Double.isFinite(mean) ? mean : Double.POSITIVE_INFINITY;
        lows[column] = cell.figure().end(false);
        highs[column] = cell.figure().end(true);
      }
    }
    return HeatMap.of(
            heading,
            across,
            up,
            columns.stream().map(grid.axis(axes.get(0)).label()).toList(),
            List.copyOf(rows.keySet()),
            rows.values().toArray(double[][]::new),
            grid.measure().least,
            grid.measure().most)
        .within(low.values().toArray(double[][]::new), high.values().toArray(double[][]::new));
  }

  private static double[] empty(int size) {
    double[] row = new double[size];
    Arrays.fill(row, Double.NaN);
    return row;
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
