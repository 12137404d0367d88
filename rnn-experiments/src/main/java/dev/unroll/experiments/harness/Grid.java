package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One measure at each combination of the values of its axes, where a trial came to its end: the one
 * way from what trials measured to figures, tables, charts and sentences.
 *
 * @param measure what was measured
 * @param axes the axes, outermost first
 * @param cells the combinations, in the order of the axes
 */
public record Grid(Measure measure, List<Axis> axes, List<Cell> cells) {
  /**
   * One combination.
   *
   * @param place the value on each axis, by the axis's name
   * @param figure the mean over the seeds, its interval and band
   * @param values what each seed measured
   */
  public record Cell(Map<String, Object> place, Figure figure, double[] values) {
    /** Its value on an axis as people write it. */
    public String label(Axis axis) {
      Object value = place.get(axis.name());
      return value == null ? "" : axis.label().apply(value);
    }

    /** Whether every {@code name=value} of the selector holds here. */
    boolean matches(Map<String, String> selector) {
      return Grid.matches(selector, place);
    }
  }

  /** Whether every {@code name=value} of the selector holds there; 1 stands for 1.0 as well. */
  static boolean matches(Map<String, String> selector, Map<String, Object> place) {
    return selector.entrySet().stream()
        .allMatch(
            one -> {
              Object value = place.get(one.getKey());
              return one.getValue().equals(String.valueOf(value))
                  || (value instanceof Double number
                      && one.getValue().equals(Numbers.plain(number)));
            });
  }

  /** The grid of a measure under an outcome's settings. */
  static Grid of(Measure measure, List<Axis> axes, Outcome outcome) {
    List<Axis> all = new ArrayList<>(axes);
    all.addAll(measure.along);
    List<TrialRecord> records = outcome.records().stream().filter(measure::in).toList();
    List<Cell> cells = new ArrayList<>();
    fill(measure, all, 0, new LinkedHashMap<>(), records, 0, outcome.settings(), cells);
    return new Grid(measure, all, cells);
  }

  private static void fill(
      Measure measure,
      List<Axis> axes,
      int depth,
      Map<String, Object> place,
      List<TrialRecord> records,
      int index,
      Settings settings,
      List<Cell> cells) {
    if (depth == axes.size()) {
      double[] values = measure.each(settings, records, index);
      if (values.length > 0) {
        cells.add(new Cell(Map.copyOf(place), figure(measure, place, values, settings), values));
      }
      return;
    }
    Axis axis = axes.get(depth);
    boolean within = depth >= axes.size() - measure.along.size();
    List<?> along = axis.values().apply(settings);
    for (int i = 0; i < along.size(); i++) {
      Object value = along.get(i);
      place.put(axis.name(), value);
      List<TrialRecord> here =
          within
              ? records
              : records.stream().filter(record -> record.is(axis.key(), value)).toList();
      int next = within ? index * along.size() + i : index;
      fill(measure, axes, depth + 1, place, here, next, settings, cells);
    }
    place.remove(axis.name());
  }

  private static Figure figure(
      Measure measure, Map<String, Object> place, double[] values, Settings settings) {
    Map<String, Object> where = new LinkedHashMap<>(place);
    if (measure.only != null) {
      where.put(measure.only.getKey(), measure.only.getValue());
    }
    measure.at.forEach((key, value) -> where.put(key, value.apply(settings)));
    return measure.figure(settings, where, values);
  }

  /** This grid with each figure replaced. */
  Grid map(UnaryOperator<Figure> change) {
    return new Grid(
        measure,
        axes,
        cells.stream()
            .map(cell -> new Cell(cell.place, change.apply(cell.figure), cell.values))
            .toList());
  }

  /** The figures, in order. */
  public List<Figure> figures() {
    return cells.stream().map(Cell::figure).toList();
  }

  /**
   * The figure at a place such as {@code cell=lstm T=20}; an axis may be left out. Null where
   * nothing was measured there.
   */
  public @Nullable Figure at(String selector) {
    return where(selector).first();
  }

  /** The first figure; null where nothing was measured. */
  @Nullable Figure first() {
    return cells.stream().map(Cell::figure).findFirst().orElse(null);
  }

  /**
   * The part of this grid at a place such as {@code cell=lstm}.
   *
   * @throws IllegalArgumentException when the place names what no cell has
   */
  public Grid where(String selector) {
    Map<String, String> wanted = parse(selector);
    for (String name : wanted.keySet()) {
      if (!cells.isEmpty() && cells.stream().noneMatch(cell -> cell.place.containsKey(name))) {
        throw new IllegalArgumentException(
            "%s has no axis %s; it has %s".formatted(measure, name, cells.getFirst().place));
      }
    }
    return new Grid(measure, axes, cells.stream().filter(cell -> cell.matches(wanted)).toList());
  }

  /** The part of this grid at one value of one axis. */
  public Grid where(String axis, Object value) {
    Map<String, String> wanted = Map.of(axis, String.valueOf(value));
    return new Grid(measure, axes, cells.stream().filter(cell -> cell.matches(wanted)).toList());
  }

  /** The axis of this name. */
  public Axis axis(String name) {
    return axes.stream()
        .filter(axis -> axis.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(measure + " has no axis " + name + " in " + axes));
  }

  /** The part of this grid at a place, of which what this grid does not know is passed over. */
  Grid within(Map<String, Object> wanted) {
    return new Grid(
        measure,
        axes,
        cells.stream()
            .filter(
                cell ->
                    wanted.entrySet().stream()
                        .allMatch(
                            one -> {
                              Object here = cell.place.get(one.getKey());
                              return here == null
                                  || String.valueOf(here).equals(String.valueOf(one.getValue()));
                            }))
            .toList());
  }

  /** The values that occur on an axis, in order. */
  public List<Object> along(String axis) {
    return cells.stream().map(cell -> cell.place.get(axis)).distinct().toList();
  }

  /**
   * {@code name=value} pairs with spaces or commas between; a value may hold both and ends where
   * the next {@code name=} begins.
   */
  static Map<String, String> parse(String selector) {
    Map<String, String> parsed = new LinkedHashMap<>();
    for (String pair : Arrays.asList(selector.strip().split("[\\s,]+(?=[^\\s,=]+=)"))) {
      if (!pair.isEmpty()) {
        String[] sides = pair.split("=", 2);
        if (sides.length < 2) {
          throw new IllegalArgumentException("'" + selector + "' is not name=value name=value");
        }
        parsed.put(sides[0], sides[1]);
      }
    }
    return parsed;
  }
}
