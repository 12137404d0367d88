package dev.unroll.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.bench.result.ForkTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteadyTablesTest {
  private static final List<ForkTime> TIMES =
      List.of(
          new ForkTime(1, 1, "lstm forward 1,2,3,4", 10),
          new ForkTime(2, 1, "lstm forward 1,2,3,4", 10.5),
          new ForkTime(3, 1, "lstm forward 1,2,3,4", 10),
          new ForkTime(1, 1, "gru forward 1,2,3,4", 10),
          new ForkTime(2, 1, "gru forward 1,2,3,4", 10),
          new ForkTime(3, 1, "gru forward 1,2,3,4", 13),
          new ForkTime(2, 2, "lstm forward 1,2,3,4", 14),
          new ForkTime(3, 2, "gru forward 1,2,3,4", 15));

  @Test
  void takesTheBetterVisitAndPutsTheLeastSteadyFirst() {
    List<SteadyTables.Row> rows = SteadyTables.rows(TIMES);
    assertEquals("gru forward 1,2,3,4", rows.getFirst().workload());
    assertEquals(1.3, rows.getFirst().ratio(), 1e-12);
    assertEquals(1, rows.getFirst().slowForks());
    assertEquals(1.05, rows.getLast().ratio(), 1e-12);
    assertEquals(0, rows.getLast().slowForks());
  }

  @Test
  void countsTheWorkloadsWithinTheBar() {
    String summary = SteadyTables.summary(TIMES);
    assertTrue(summary.startsWith("3 processes, each with all 2 workloads"), summary);
    assertTrue(summary.contains("at 1 of them"), summary);
    assertTrue(summary.contains("1 of all 6 times"), summary);
  }
}
