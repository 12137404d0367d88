package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** From trials to grids, tables and text. */
class TellingTest {
  private static final Setting<List<String>> CELLS = Setting.texts("cells");
  private static final Setting<List<Integer>> TESTS = Setting.counts("tests", 1);
  private static final Setting<String> TEXT = Setting.text("text");
  private static final Settings SETTINGS =
      new Settings().with(CELLS, "lstm", "gru").with(TESTS, 5, 10).with(TEXT, "sayings");

  private final Experiment experiment =
      Experiment.of("draws", trial -> new Measured())
          .settings(SETTINGS)
          .over(Axis.of("cell", CELLS).labelled(cell -> cell.toUpperCase(java.util.Locale.ROOT)))
          .measure(Measure.of("score").digits(1))
          .measure(Measure.of("accuracy", "tests").along(Axis.of("test", TESTS).named("T")))
          .compare(
              Measure.of("gain"),
              "cell",
              one -> one.first().number("score"),
              new Contest.Match("gru", "lstm"));

  /** Score is 1 for the LSTM and 3 for the GRU, plus the seed; accuracies are .5 and seed / 4. */
  private Outcome outcome() {
    List<TrialRecord> records = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      for (String cell : List.of("lstm", "gru")) {
        ObjectNode trial = Json.COMPACT.createObjectNode().put("cell", cell).put("seed", seed);
        ObjectNode figures =
            new Measured()
                .put("score", (cell.equals("gru") ? 3 : 1) + (double) seed)
                .put("tests", new double[] {.5, seed / 4.0})
                .json();
        records.add(new TrialRecord(trial, figures, null, null));
      }
    }
    return experiment.outcome(SETTINGS, List.of(1L, 2L), records, figure -> figure);
  }

  private String filled(String text) {
    Outcome outcome = outcome();
    return Telling.parse("draws", text).story(Telling.Words.of(experiment, outcome)).happened();
  }

  @Test
  void aGridHasTheMeanOverTheSeedsAtEachPlace() {
    Outcome outcome = outcome();
    assertThat(outcome.mean("score", "cell=lstm")).isEqualTo(2.5);
    assertThat(outcome.mean("accuracy", "cell=gru T=10")).isEqualTo(.375);
    assertThat(outcome.mean("accuracy", "cell=gru T=11")).isNaN();
    assertThat(outcome.grid("accuracy").figures()).hasSize(4);
    Figure gain = outcome.grid("gain").figures().getFirst();
    assertThat(gain.mean()).isEqualTo(2);
    assertThat(gain.where()).isEqualTo(Map.of("cell", "gru", "less", "lstm"));
  }

  @Test
  void aTableHasARowForEachValueOfItsAxesAndSpreadsAnother() {
    Outcome outcome = outcome();
    Result.Table table =
        Table.of("${cells?size} cells")
            .rows("cell")
            .column("score", "score")
            .spread("accuracy", "T")
            .of(outcome, Telling.Words.of(experiment, outcome))
            .getFirst();
    assertThat(table.title()).isEqualTo("2 cells");
    assertThat(table.columns()).containsExactly("cell", "score", "T = 5", "T = 10");
    assertThat(table.rows().get(1)).startsWith("GRU").element(1).asString().startsWith("4.5 [");
    assertThat(table.rows().get(0).get(3)).startsWith("0.38 [");
  }

  @Test
  void textShowsMeansToTheMeasuresDigitsAndSettings() {
    assertThat(
            filled("# Q?\n\n## Measured\nIt is ${score(\"cell=gru\")} of\n${cells?join(\", \")}."))
        .isEqualTo("It is 4.5 of lstm, gru.");
    assertThat(filled("# Q?\n\n## Measured\n${series(\"accuracy\", \"cell\")}"))
        .isEqualTo("LSTM 0.50 / 0.38; GRU 0.50 / 0.38");
  }

  @Test
  void aParagraphIsLeftOutWhereItsPredicateFailsOrNothingWasMeasured() {
    String text =
        """
        # Q?

        ## Measured
        <#if score("cell=gru").mean gt 4>
        More than four.
        </#if>

        <#if score("cell=gru").low gt 4>
        Surely.
        </#if>

        At T = 20 it is ${accuracy("T=20")}.

        The end.
        """;
    assertThat(filled(text)).isEqualTo("More than four.\n\nThe end.");
  }

  @Test
  void bandsAndWhatTheNotebookSaidReachTheFigureTheyName() {
    Telling telling =
        Telling.parse(
            "draws",
            """
            # Q?

            ## Bands
            | figure | place | notebook | band |
            |---|---|---|---|
            | score | cell=gru | 4 | 4.5 ± 1 |
            | score | cell=lstm | | at most 2 |
            | accuracy | cell=gru T=5 text=sayings | | at most 1 |
            | accuracy | cell=gru T=10 text=another | | at most 1 |
            """);
    Outcome outcome = outcome();
    Figure gru = telling.judge(outcome.grid("score").figures().get(1), SETTINGS);
    assertThat(gru.inside()).isTrue();
    assertThat(gru.said()).isEqualTo(4);
    assertThat(telling.judge(outcome.grid("score").figures().get(0), SETTINGS).inside()).isFalse();
    List<Figure> accuracies = outcome.grid("accuracy").figures();
    assertThat(telling.judge(accuracies.get(0), SETTINGS).band()).isNull();
    assertThat(telling.judge(accuracies.get(2), SETTINGS).inside()).isTrue();
    assertThat(telling.judge(accuracies.get(3), SETTINGS).band()).isNull();
  }

  @Test
  void aMistakeInATextNamesItsFileAndSection() {
    assertThatThrownBy(() -> filled("# Q?\n\n## Measured\n${nothing}"))
        .hasMessageContaining("experiment/draws.md")
        .hasMessageContaining("Measured");
  }
}
