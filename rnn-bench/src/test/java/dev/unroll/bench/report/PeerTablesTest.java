package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.Comparison;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerTablesTest {
  private static final List<Comparison> COMPARISONS =
      List.of(
          comparison("lstm", "A", 2),
          comparison("lstm", "B", 1.5),
          comparison("gru", "A", 0.5),
          comparison("gru", "B", 4));

  @Test
  void theSummaryTakesTheFastestPeerOfEachWorkload() {
    assertThat(PeerTables.summary(COMPARISONS))
        .contains("2 workloads")
        .contains("0.87 times") // sqrt(1.5 * 0.5)
        .contains("at least as fast at 1,")
        .contains("least 0.50 (GRU 1,2,3,4, A)");
  }

  @Test
  void theTableHasACellForEveryLibrary() {
    assertThat(PeerTables.tables(COMPARISONS))
        .contains("### Forward, 1 thread")
        .contains("| LSTM | 1,2,3,4 | 10.0 | 50 %, chain 25 % | 20.0 µs, **2.00** [1.90, 2.10] |");
  }

  @Test
  void fewerBitsAreShownButNeverTheFastest() {
    List<Comparison> both =
        List.of(
            comparison("lstm", "A", 2),
            comparison("lstm", "A bf16", 0.5),
            comparison("lstm", "Unroll int8", 0.4));
    assertThat(PeerTables.summary(both)).contains("least 2.00 (LSTM 1,2,3,4, A)");
    assertThat(PeerTables.losses(both)).contains("Nowhere.");
    assertThat(PeerTables.tables(both))
        .contains("| Unroll int8 | A | A bf16 |")
        .contains("**0.50**");
  }

  @Test
  void lossesComeWorstFirstAndSayWhereStepsWereCut() {
    List<Comparison> two =
        List.of(
            comparison("lstm", "A", 0.9),
            new Comparison(
                "gru", "forward", 1, 2, 3, 4, 1, "B", 10, 5, .5, .4, .6, .5, null, "20, 30"),
            comparison("rnn_tanh", "A", 1.1));
    assertThat(PeerTables.losses(two))
        .containsSubsequence(
            "| GRU | forward | 1 | 1,2,3,4 (T cut from 20, 30) | 10.0 | B | 5.0 | 0.50 [0.40, 0.60]"
                + " |",
            "| LSTM | forward | 1 | 1,2,3,4 | 10.0 | A | 9.0 | 0.90")
        .doesNotContain("tanh");
  }

  /** The README's first table: a row a library, a column a shape, and only those shapes. */
  @Test
  void everyLibraryAtFewShapesIsATable() {
    List<Comparison> few = new ArrayList<>();
    for (int hidden : List.of(128, 256)) {
      for (int batch : List.of(1, 64)) {
        for (String peer : List.of("oneDNN", "A", "Unroll int8", "Unroll bf16")) {
          few.add(shaped("lstm", "forward", batch, hidden, 1, peer));
        }
        few.add(shaped("gru", "training", batch, hidden, 1, "A"));
        few.add(shaped("lstm", "forward", batch, hidden, 2, "B"));
      }
    }
    assertThat(PeerTables.hasFewerBits(few)).isTrue();
    assertThat(PeerTables.hasFewerBits(few.subList(0, 16))).isFalse();
    String row = " | 1.50 [1.40, 1.60]".repeat(4) + " |\n";
    assertThat(PeerTables.alone(few))
        .isEqualTo(
            """
            | forward | LSTM, B = 1, H = 128 | LSTM, B = 1, H = 256 | LSTM, B = 64, H = 128 | LSTM, B = 64, H = 256 |
            |---|---|---|---|---|
            | **Unroll**, µs | 10 | 10 | 10 | 10 |
            """
                + "| Unroll bf16"
                + row
                + "| Unroll int8"
                + row
                + "| A"
                + row
                + "| oneDNN"
                + row
                + """

                | training | GRU, B = 1, H = 128 | GRU, B = 64, H = 128 |
                |---|---|---|
                | **Unroll**, µs | 10 | 10 |
                | A | 1.50 [1.40, 1.60] | 1.50 [1.40, 1.60] |
                """);
  }

  static Comparison shaped(
      String cell, String mode, int batch, int hidden, int threads, String peer) {
    return new Comparison(
        cell, mode, batch, 100, hidden, hidden, threads, peer, 10, 15, 1.5, 1.4, 1.6, .5, null,
        null);
  }

  @Test
  void theJsonHasTheseKeys() {
    assertThat(Json.PRETTY.valueToTree(COMPARISONS.getFirst()).propertyNames())
        .containsExactlyInAnyOrder(
            "cell",
            "mode",
            "B",
            "T",
            "I",
            "H",
            "threads",
            "peer",
            "ours_us",
            "peer_us",
            "ratio",
            "ratio_low",
            "ratio_high",
            "ceiling_fraction",
            "chain_fraction");
  }

  private static Comparison comparison(String cell, String peer, double ratio) {
    return new Comparison(
        cell,
        "forward",
        1,
        2,
        3,
        4,
        1,
        peer,
        10,
        10 * ratio,
        ratio,
        ratio - 0.1,
        ratio + 0.1,
        0.5,
        0.25,
        null);
  }
}
