package dev.unroll.report.chart;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Optional;
import org.knowm.xchart.XYChart;

/** A chart as data, for a page that draws it again under the reader's pointer. */
@JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
@JsonSubTypes({@JsonSubTypes.Type(SeriesData.class), @JsonSubTypes.Type(MapData.class)})
public sealed interface ChartData permits SeriesData, MapData {
  /** The data of a chart; nothing of a kind that is only a picture. */
  static Optional<ChartData> of(Chart chart) {
    return switch (chart.drawing()) {
      case XYChart lines -> Optional.of(SeriesData.of(lines));
      case Bars bars -> Optional.of(bars.data());
      case HeatMap map -> Optional.of(map.data());
      default -> Optional.empty();
    };
  }

  /** As many digits as a reader can use; an end that was drawn far outside is infinite again. */
  static double[] rounded(double[] values) {
    return Arrays.stream(values)
        .map(
            value ->
                Math.abs(value) >= Charts.OPEN
                    ? Math.copySign(Double.POSITIVE_INFINITY, value)
                    : Double.isFinite(value)
                        ? BigDecimal.valueOf(value).round(new MathContext(6)).doubleValue()
                        : value)
        .toArray();
  }
}
