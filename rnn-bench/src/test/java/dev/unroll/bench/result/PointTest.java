package dev.unroll.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PointTest {
  @Test
  void readsJmhsResults() {
    List<Point> points =
        Point.read(
            JsonMapper.builder()
                .build()
                .readTree(
                    """
                    [{"benchmark": "dev.unroll.bench.benchmark.SequenceLength.call",
                      "params": {"cell": "lstm", "steps": "8"},
                      "primaryMetric": {"score": 20, "scoreUnit": "us/op",
                        "rawData": [[3.0, 1.0, 2.0], [4.0, 100.0, 6.0, 5.0]]},
                      "secondaryMetrics": {"iterations": {"rawData": [[7.0, 7.0, 8.0]]}}}]
                    """));
    assertThat(points).hasSize(1);
    Point point = points.getFirst();
    assertThat(point.benchmark()).isEqualTo("SequenceLength");
    assertThat(point.text("cell")).isEqualTo("lstm");
    assertThat(point.param("steps")).isEqualTo(8);
    assertThat(point.score()).isEqualTo(4);
    assertThat(point.low()).isEqualTo(1);
    assertThat(point.high()).isEqualTo(100);
    assertThat(point.counters()).containsExactly(entry("iterations", 7.0));
  }

  @Test
  void countsTheValuesOutsideTheMediansInterval() {
    assertThat(Point.outside(1)).isZero();
    assertThat(Point.outside(8)).isZero(); // 2 * 9/256 would be too much
    assertThat(Point.outside(9)).isEqualTo(1);
    assertThat(Point.outside(20)).isEqualTo(5);
  }
}
