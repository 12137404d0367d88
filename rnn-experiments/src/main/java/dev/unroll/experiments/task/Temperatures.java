package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Table;
import dev.unroll.report.number.Numbers;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * Temperatures that texts are drawn at, one text each, which trials put under {@code samples}.
 *
 * @param values what logits are divided by
 */
public record Temperatures(List<Double> values) {
  /** These temperatures. */
  public static Temperatures of(Double... values) {
    return new Temperatures(List.of(values));
  }

  /** A text at each temperature, drawn in their order. */
  public List<String> draw(DoubleFunction<String> text) {
    return values.stream().map(text::apply).toList();
  }

  /**
   * A table of the first seed's texts.
   *
   * @param rows axes that the texts differ along besides
   */
  public Table table(String... rows) {
    return Table.of("Samples of the first seed")
        .rows(rows)
        .rows(
            Axis.of("temperature", all -> values)
                .labelled(value -> Numbers.plain(Double.parseDouble(value))))
        .column(
            "text",
            row ->
                row.outcome()
                    .first()
                    .texts("samples")
                    .get(values.indexOf(row.place().get("temperature"))));
  }
}
