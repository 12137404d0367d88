package dev.unroll.bench.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.unroll.report.run.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each cell costs on one thread.
 *
 * @param rows each cell at each size
 * @param bars what it was held to
 */
public record CellCosts(List<Row> rows, List<Bar> bars) {
  /** Checks that a file left nothing out. */
  public CellCosts {
    Json.requireAll(rows, bars);
  }

  /**
   * One cell at one size, I = H.
   *
   * @param cell its name in the registry
   * @param mode forward or training
   * @param batch B
   * @param steps T
   * @param hiddenSize H
   * @param heads N
   * @param parameters weights and biases
   * @param micros the median time of a step of the batch: a call's time over T
   * @param low lower end of its 95 % interval
   * @param high upper end
   * @param throughput steps of sequences a second: B over the time of a step
   * @param floor the least time of a step that the ceilings allow its products
   * @param waits of a forward pass, the share that waits for the step before: what is left without
   *     the input product, measured alone; null where that was not measured
   */
  public record Row(
      String cell,
      String mode,
      @JsonProperty("B") int batch,
      @JsonProperty("T") int steps,
      @JsonProperty("H") int hiddenSize,
      @JsonProperty("N") int heads,
      long parameters,
      @JsonProperty("us_step") double micros,
      @JsonProperty("us_low") double low,
      @JsonProperty("us_high") double high,
      @JsonProperty("steps_per_second") double throughput,
      @JsonProperty("floor_us") double floor,
      @Nullable Double waits) {
    /** Checks that a file left nothing out. */
    public Row {
      Json.requireAll(cell, mode);
    }
  }

  /**
   * A figure that has to stay on one side of a bar.
   *
   * @param question what is divided by what
   * @param cell whose figure it is
   * @param value the figure
   * @param error half its 95 % interval
   * @param bar the bar
   * @param atMost whether the figure must not be above the bar; else not below
   */
  public record Bar(
      String question, String cell, double value, double error, double bar, boolean atMost) {
    /** Checks that a file left nothing out. */
    public Bar {
      Json.requireAll(question, cell);
    }

    /**
     * Whether the figure is on the right side: yes, no, or undecided as its interval holds the bar.
     */
    public String met() {
      if (Math.abs(value - bar) <= error) {
        return "undecided";
      }
      return value < bar == atMost ? "yes" : "no";
    }
  }
}
