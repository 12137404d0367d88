package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.CellCosts;
import dev.unroll.bench.result.CellCosts.Bar;
import dev.unroll.bench.result.CellCosts.Row;
import dev.unroll.bench.result.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CellTablesTest {
  private static final CeilingRow CEILINGS =
      new CeilingRow(
          "start",
          512,
          1,
          100,
          Map.of("L1", 200.0, "L2", 100.0),
          Map.of("L1", 32768L, "L2", 1L << 20),
          null,
          null);

  private static Point point(
      String cell, String part, int batch, int steps, int hidden, int heads, double micros) {
    return new Point(
        "Parts",
        Map.of(
            "cell", cell,
            "part", part,
            "batch", Integer.toString(batch),
            "steps", Integer.toString(steps),
            "hidden", Integer.toString(hidden),
            "heads", Integer.toString(heads)),
        micros,
        .9 * micros,
        1.1 * micros,
        "us/op",
        Map.of());
  }

  private static final Measured RUN =
      new Measured(
          List.of(
              point("para_gru", "FORWARD", 1, 1024, 128, 1, 1024),
              point("para_gru", "INPUT_PRODUCT", 1, 1024, 128, 1, 768),
              point("gated_delta", "FORWARD", 1, 128, 256, 4, 1280),
              point("gated_delta", "INPUT_PRODUCT", 1, 128, 256, 4, 1000),
              point("lstm", "FORWARD", 1, 1024, 128, 1, 1000),
              point("slstm", "FORWARD", 1, 1024, 128, 1, 1300),
              point("lstm", "TRAINING_STEP", 32, 64, 256, 1, 100_000)),
          List.of(CEILINGS),
          2);

  @Test
  void rowsAreStepsWithTheirFloorAndWhatWaits() {
    CellCosts costs = CellTables.costs(RUN);
    Row gru =
        costs.rows().stream().filter(r -> r.cell().equals("para_gru")).findFirst().orElseThrow();
    assertThat(gru.micros()).isEqualTo(1);
    assertThat(gru.low()).isCloseTo(.9, within(1e-9));
    assertThat(gru.throughput()).isEqualTo(1e6);
    // 3 gates of 128 x 128 multiply-adds at 100 a nanosecond.
    assertThat(gru.floor()).isCloseTo(.98304, within(1e-9));
    assertThat(gru.waits()).isEqualTo(.25);
    assertThat(gru.parameters()).isEqualTo(3 * 128 * 130);
    Row trained = costs.rows().stream().filter(r -> r.batch() == 32).findFirst().orElseThrow();
    assertThat(trained.waits()).isNull();
    assertThat(trained.mode()).isEqualTo("training");
  }

  @Test
  void barsAreHeldTo() {
    List<Bar> bars = new ArrayList<>(CellTables.costs(RUN).bars());
    assertThat(bars)
        .extracting(Bar::cell)
        .containsExactly("para_gru", "gated_delta", "slstm", "lstm");
    assertThat(bars.get(0).value()).isCloseTo(4.0 / 3, within(1e-9));
    assertThat(bars.get(0).met()).isEqualTo("undecided");
    // 280 us of 128 steps, each reading 64 KB twice at 200 bytes a nanosecond.
    assertThat(bars.get(1).value()).isCloseTo(280 / 128.0 / .65536, within(1e-9));
    assertThat(bars.get(1).met()).isEqualTo("undecided");
    assertThat(bars.get(2).value()).isCloseTo(1.3, within(1e-9));
    // Three times 4 x 256 x 512 multiply-adds, 2048 times, in 100 ms.
    assertThat(bars.get(3).value()).isCloseTo(6.442450944 / 10, within(1e-9));
    assertThat(bars.get(3).met()).isEqualTo("undecided");
  }

  @Test
  void aBarInsideTheIntervalIsUndecided() {
    assertThat(new Bar("", "lstm", 1.2, .05, 1.3, true).met()).isEqualTo("yes");
    assertThat(new Bar("", "lstm", 1.2, .15, 1.3, true).met()).isEqualTo("undecided");
    assertThat(new Bar("", "lstm", 1.4, .05, 1.3, true).met()).isEqualTo("no");
    assertThat(new Bar("", "lstm", .7, .05, .6, false).met()).isEqualTo("yes");
    assertThat(new Bar("", "lstm", .5, .05, .6, false).met()).isEqualTo("no");
  }

  @Test
  void theSectionShowsSizesAndBars() {
    assertThat(CellTables.section(RUN))
        .contains(
            "| ParaGRU | forward | 1 | 128 | 1 | 1024 | 49920 | 1.000 [0.900, 1.100] | 1000000 |"
                + " 0.983 | 98 % | 25 % |")
        .contains("| ParaGRU | 1.33 ± 0.19 | at most 1.3 | undecided |")
        .contains("| LSTM | 0.64 ± 0.06 | at least 0.6 | undecided |")
        .contains("4 heads of 64 x 64 | Gated DeltaNet |");
    assertThat(CellTables.console(RUN)).contains("para_gru").contains("  undecided");
  }
}
