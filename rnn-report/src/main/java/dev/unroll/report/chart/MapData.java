package dev.unroll.report.chart;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.report.run.Json;
import java.util.List;

/**
 * A map of values.
 *
 * @param title heading
 * @param x what the columns are
 * @param y what the rows are
 * @param columns their names, from the left
 * @param rows their names, from the foot
 * @param values a row for each of {@code rows}; NaN where nothing was tried, infinite where what
 *     was tried has no value
 * @param low lower ends of the values' intervals; empty where there are none
 * @param high upper ends
 * @param from the value that has the first colour
 * @param to the one that has the last
 * @param colours such as {@code #00224e}, equally far from each other
 */
public record MapData(
    String title,
    String x,
    String y,
    List<String> columns,
    List<String> rows,
    double[][] values,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) double[][] low,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) double[][] high,
    double from,
    double to,
    List<String> colours)
    implements ChartData {
  /** Checks that a file left nothing out but intervals that are not there. */
  public MapData {
    low = low == null ? new double[0][] : low;
    high = high == null ? new double[0][] : high;
    Json.requireAll(title, x, y, columns, rows, values, colours);
  }
}
