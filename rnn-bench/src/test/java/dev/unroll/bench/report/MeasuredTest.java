package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasuredTest {
  /** How much faster a machine may be at a point than at the probes, before and after its run. */
  private static final double DRIFT = 1.03;

  @Test
  void noPointOfACommittedRunLiesBelowItsFloor() {
    int compared = 0;
    for (RunFolder folder : committed()) {
      Measured run = Report.measured(folder);
      for (String benchmark : List.of(Measured.LENGTH, Measured.BATCH)) {
        for (Point point : run.of(benchmark)) {
          double floor = run.floor(Measured.workload(point)).orElseThrow();
          assertThat(floor).as("%s %s", folder.path(), point).isLessThan(DRIFT * point.score());
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static List<RunFolder> committed() {
    return Runs.all(Path.of("..").resolve(Results.reference(Runs.BENCH))).stream()
        .filter(folder -> folder.has(Runs.JMH) && folder.has(Runs.ROOFLINE))
        .toList();
  }
}
