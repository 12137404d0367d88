package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table of what was measured: a row for each combination of the values of some axes, in its
 * columns figures at that place, or one figure spread over a further axis.
 */
public final class Table {
  private static final String STOPPED = "stopped";

  /** One column, or several that belong together. */
  private record Columns(
      Function<Outcome, List<String>> heads, Function<Row, List<String>> cells) {}

  /**
   * One row.
   *
   * @param place the value on each of the row's axes, by the axis's name
   * @param outcome all that was measured, with the row's own trials
   */
  public record Row(Map<String, Object> place, Outcome outcome) {
    /** The part of a measure that lies in this row. */
    public Grid grid(String measure) {
      return outcome.grid(measure).within(place);
    }

    /** A measure's figure in this row; null where nothing was measured. */
    public @Nullable Figure figure(String measure) {
      List<Figure> figures = grid(measure).figures();
      return figures.isEmpty() ? null : figures.getFirst();
    }

    private List<String> labels(List<String> axes) {
      return axes.stream()
          .map(axis -> outcome.axis(axis).label().apply(place.getOrDefault(axis, "")))
          .toList();
    }
  }

  private final String title;
  private final List<String> rows = new ArrayList<>();
  private final Map<String, Axis> own = new LinkedHashMap<>();
  private final List<Columns> columns = new ArrayList<>();
  private final List<BiFunction<Outcome, Map<String, Object>, List<List<String>>>> below =
      new ArrayList<>();
  private @Nullable String pages;
  private @Nullable String sortedBy;
  private Predicate<Row> only = row -> true;

  private Table(String title) {
    this.title = title;
  }

  /** A table under this title, a template as {@link Telling} has them; so are its heads. */
  public static Table of(String title) {
    return new Table(title);
  }

  /** Has a row for each combination of these axes, whose values stand in the first columns. */
  public Table rows(String... axes) {
    rows.addAll(List.of(axes));
    return this;
  }

  /** Has a row for each value of an axis of its own, within each of the rows so far. */
  public Table rows(Axis axis) {
    own.put(axis.name(), axis);
    return rows(axis.name());
  }

  /** Has only the rows at these values of an axis. */
  public Table where(String axis, Object... values) {
    List<String> kept = Arrays.stream(values).map(String::valueOf).toList();
    only = only.and(row -> kept.contains(String.valueOf(row.place().get(axis))));
    return this;
  }

  /** Has its rows in the rising order of a measure, not in that of their axes. */
  public Table sortedBy(String measure) {
    sortedBy = measure;
    return this;
  }

  /** Is there once for each value of this axis. */
  public Table per(String axis) {
    pages = axis;
    return this;
  }

  /** Has a column with a measure's mean and interval. */
  public Table column(String head, String measure) {
    return column(head, row -> text(row.grid(measure)));
  }

  private static String text(Grid grid) {
    return grid.cells().isEmpty() ? STOPPED : grid.figures().getFirst().text(grid.measure().digits);
  }

  /** Has a column with whatever {@code cell} makes of a row. */
  public Table column(String head, Function<Row, String> cell) {
    columns.add(new Columns(outcome -> List.of(head), row -> List.of(cell.apply(row))));
    return this;
  }

  /** Has a column with how many of a row's trials put 1 under {@code solved}. */
  public Table solved() {
    return column("solved", row -> solved(row.outcome()));
  }

  /** How many of the trials put 1 under {@code solved}, such as {@code 3 of 5}. */
  public static String solved(Outcome some) {
    double count = some.records().stream().mapToDouble(one -> one.number("solved")).sum();
    return Numbers.format("%.0f of %d", count, some.records().size());
  }

  /** Has a column with the bands of a measure. */
  public Table band(String measure) {
    return column("band", row -> bandText(row.figure(measure)));
  }

  /** Has a column with what the notebook said of a measure. */
  public Table said(String head, String measure) {
    return column(head, row -> saidText(row.figure(measure)));
  }

  private static String bandText(@Nullable Figure figure) {
    return figure == null || figure.band() == null ? "" : figure.band().text();
  }

  private static String saidText(@Nullable Figure figure) {
    return figure == null || figure.said() == null ? "" : Numbers.plain(figure.said());
  }

  /** Has a column for each value of a further axis of a measure. */
  public Table spread(String measure, String axis) {
    return spread(axis, row -> text(row.grid(measure)));
  }

  /** Has a column for each value of an axis, with whatever {@code cell} makes of it. */
  public Table spread(String axis, Function<Row, String> cell) {
    columns.add(
        new Columns(
            outcome ->
                outcome.along(axis).stream()
                    .map(
                        value ->
                            outcome.axis(axis).head()
                                + " = "
                                + outcome.axis(axis).label().apply(value))
                    .toList(),
            row ->
                row.outcome().along(axis).stream()
                    .map(value -> cell.apply(narrowed(row, axis, value)))
                    .toList()));
    return this;
  }

  private static Row narrowed(Row row, String axis, Object value) {
    Map<String, Object> place = new LinkedHashMap<>(row.place());
    place.put(axis, value);
    return new Row(place, narrowed(row.outcome(), axis, value));
  }

  /** The trials at one value of an axis; all of them where it is an axis within each trial. */
  private static Outcome narrowed(Outcome outcome, String axis, Object value) {
    String key = outcome.axis(axis).key();
    return outcome.records().stream().anyMatch(record -> record.trial().has(key))
        ? outcome.where(key, value)
        : outcome;
  }

  /**
   * Has below, spread over an axis like {@link #spread(String, String)}, a row with what the
   * notebook said of a measure and one with its bands, for each row that has any.
   *
   * @param said the head of what the notebook said
   */
  public Table references(String measure, String axis, String said) {
    below.add(
        (outcome, page) -> {
          List<List<String>> lines = new ArrayList<>();
          for (Row row : rows(outcome, page)) {
            reference(row, measure, axis, said, Table::saidText, lines);
            reference(row, measure, axis, "band", Table::bandText, lines);
          }
          return lines;
        });
    return this;
  }

  private void reference(
      Row row,
      String measure,
      String axis,
      String what,
      Function<@Nullable Figure, String> text,
      List<List<String>> lines) {
    List<String> cells =
        row.outcome().along(axis).stream()
            .map(value -> text.apply(narrowed(row, axis, value).figure(measure)))
            .toList();
    if (cells.stream().anyMatch(cell -> !cell.isEmpty())) {
      List<String> line = new ArrayList<>(row.labels(rows));
      line.set(0, what + ", " + line.getFirst());
      line.addAll(cells);
      lines.add(line);
    }
  }

  /** Has these rows below the others. */
  public Table below(Function<Outcome, List<List<String>>> more) {
    below.add((outcome, page) -> more.apply(outcome));
    return this;
  }

  /** The tables that this makes of an outcome: one, or one for each value of {@link #per}. */
  List<Result.Table> of(Outcome measured, Telling.Words words) {
    Map<String, Axis> axes = new LinkedHashMap<>(measured.axes());
    axes.putAll(own);
    Outcome outcome =
        new Outcome(
            measured.settings(), measured.seeds(), measured.records(), axes, measured.grids());
    String axis = pages;
    if (axis == null) {
      return List.of(page(outcome, words, Map.of()));
    }
    return outcome.along(axis).stream()
        .map(value -> page(narrowed(outcome, axis, value), words, Map.of(axis, value)))
        .toList();
  }

  private Result.Table page(Outcome outcome, Telling.Words words, Map<String, Object> page) {
    List<String> heads = new ArrayList<>();
    rows.forEach(axis -> heads.add(outcome.axis(axis).head()));
    columns.forEach(
        column -> column.heads().apply(outcome).forEach(one -> heads.add(words.fill(one))));
    List<List<String>> lines = new ArrayList<>();
    for (Row row : rows(outcome, page)) {
      List<String> line = new ArrayList<>(row.labels(rows));
      columns.forEach(column -> line.addAll(column.cells().apply(row)));
      lines.add(line);
    }
    below.forEach(more -> lines.addAll(more.apply(outcome, page)));
    return new Result.Table(words.with(page).fill(title), heads, lines);
  }

  /** The rows that have trials. */
  private List<Row> rows(Outcome outcome, Map<String, Object> page) {
    List<Row> product = List.of(new Row(page, outcome));
    for (String axis : rows) {
      product =
          product.stream()
              .flatMap(
                  row ->
                      row.outcome().along(axis).stream().map(value -> narrowed(row, axis, value)))
              .toList();
    }
    Stream<Row> kept = product.stream().filter(row -> !row.outcome().isEmpty()).filter(only);
    String measure = sortedBy;
    return (measure == null
            ? kept
            : kept.sorted(Comparator.comparingDouble(row -> mean(row.figure(measure)))))
        .toList();
  }

  private static double mean(@Nullable Figure figure) {
    return figure == null ? Double.NaN : figure.mean();
  }
}
