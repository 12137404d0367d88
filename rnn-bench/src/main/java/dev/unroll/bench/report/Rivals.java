package dev.unroll.bench.report;

import dev.unroll.bench.report.PeerTables.Standing;
import dev.unroll.bench.result.Comparison;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.chart.Line;
import dev.unroll.report.number.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;

/** The fastest other library's time over ours at every workload, as a chart. */
final class Rivals {
  static final String FILE = "rivals";

  private Rivals() {}

  static Chart chart(List<Comparison> comparisons) {
    XYChart chart =
        Charts.xy(
            "The fastest other library's time over ours",
            "workloads, from the hardest to the easiest for us",
            "their time / ours");
    List<Standing> standings = PeerTables.standings(comparisons);
    int most = 1;
    for (int i = 0; i < standings.size(); i++) {
      Standing one = standings.get(i);
      List<Comparison> sorted =
          one.fastest().stream()
              .filter(c -> c.ratioLow() > 0 && Double.isFinite(c.ratioHigh()))
              .sorted(Comparator.comparingDouble(Comparison::ratio))
              .toList();
      if (sorted.isEmpty()) {
        continue;
      }
      double[] x = IntStream.rangeClosed(1, sorted.size()).asDoubleStream().toArray();
      most = Math.max(most, x.length);
      Charts.band(
          chart,
          one.group(),
          Ink.of(i),
          x,
          sorted.stream().mapToDouble(Comparison::ratioLow).toArray(),
          sorted.stream().mapToDouble(Comparison::ratioHigh).toArray());
      Charts.curve(
          chart,
          one.group(),
          Ink.of(i),
          one.mode().equals("training") ? Line.DASHED : Line.SOLID,
          x,
          sorted.stream().mapToDouble(Comparison::ratio).toArray());
    }
    Charts.reference(chart, "as fast as we are", 1, most, 1);
    Charts.logY(chart);
    return new Chart(
        FILE,
        Numbers.format(
            "The fastest other library's time over ours at each of %d workloads, sorted, with 95 %%"
                + " intervals: above 1 we are faster",
            most),
        chart);
  }
}
