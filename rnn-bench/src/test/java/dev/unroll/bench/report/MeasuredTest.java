package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MeasuredTest {
  /** How much faster a machine may be at a point than at the probes, before and after its run. */
  private static final double DRIFT = 1.03;

  @Test
  void noPointOfACommittedRunLiesBelowItsFloor() throws IOException {
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

  private static List<RunFolder> committed() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of("..").resolve(RunFolder.ROOT))) {
      return folders
          .map(RunFolder::new)
          .filter(folder -> folder.has(RunFolder.JMH) && folder.has(RunFolder.ROOFLINE))
          .toList();
    }
  }
}
