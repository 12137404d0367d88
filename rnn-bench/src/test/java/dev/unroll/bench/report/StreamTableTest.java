package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.StreamRow;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StreamTableTest {
  private static StreamRow row(@Nullable String model, String library, boolean overloaded) {
    return new StreamRow(
        model,
        library,
        "lstm",
        128,
        64,
        1000,
        16,
        200,
        123456,
        50000,
        100000,
        3.25,
        overloaded,
        12.3,
        45.6,
        78.9,
        1234.5,
        2,
        5891.2,
        1103.6,
        1.2e-7);
  }

  @Test
  void aRowSaysWhatItIs() {
    String table = StreamTable.section(List.of(row("vad.onnx", "Unroll", false)));
    assertThat(table)
        .contains(
            "| LSTM 128 to 64 of vad.onnx | 1000 | 16 | 200 | Unroll | 123456 | 50000 | 3.3 |")
        .contains("| 12.3 | 45.6 | 78.9 | 1234.5 | 2 | 5891 | 1104 | 1e-07 |");
    assertThat(StreamTable.line(row(null, "Unroll", false))).doesNotContain("overloaded");
  }

  @Test
  void whoCannotKeepUpIsNamed() {
    StreamRow row = row(null, "Slow 1.0", true);
    assertThat(StreamTable.section(List.of(row))).contains("| Slow 1.0 (overloaded) |");
    assertThat(StreamTable.line(row)).endsWith("difference 1e-07; overloaded");
  }
}
