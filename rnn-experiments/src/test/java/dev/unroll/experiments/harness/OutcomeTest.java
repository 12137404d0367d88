package dev.unroll.experiments.harness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What measures and tables make of trials, some of which are missing. */
class OutcomeTest {
  private static final Setting<List<String>> CELLS = Setting.texts("cells");
  private static final Setting<List<Integer>> LENGTHS = Setting.counts("lengths", 1);
  private static final Setting<Integer> LAG = Setting.count("lag", 0);
  private static final Settings SETTINGS =
      new Settings().with(CELLS, "lstm", "gru").with(LENGTHS, 5, 10).with(LAG, 3);
  private static final Axis CELL = Axis.of("cell", CELLS);
  private static final Axis LENGTH = Axis.of("length", LENGTHS).named("T");
  private static final Axis LAYER = Axis.of("layer", all -> List.of("first", "second"));
  private static final Axis STEP = Axis.of("step", all -> List.of(0, 10, 20));

  private final Experiment experiment =
      Experiment.of("draws", trial -> new Measured())
          .settings(SETTINGS)
          .over(CELL)
          .over(LENGTH)
          .measure(Measure.of("score").at("lag", LAG))
          .measure(Measure.of("norms").along(LAYER, STEP))
          .measure(Measure.of("losses").along(STEP).held())
          .perSeed(Measure.of("total"), OutcomeTest::total, CELL)
          .compareEach(
              LENGTH,
              Measure.of("gain"),
              "cell",
              one -> one.first().number("score"),
              new Contest.Match("gru", "lstm"))
          .pool(
              Measure.of("large").fraction(),
              all ->
                  List.of(
                      Measure.Pool.of(
                          Map.of("kind", "any"),
                          all.records(),
                          one -> one.number("score") > 30 ? 1 : 0)));

  private static double total(Outcome some) {
    double total = 0;
    for (double score : some.each("score")) {
      total += score;
    }
    return total;
  }

  /**
   * Score is 1 for the LSTM and 3 for the GRU, plus the length, plus 10 times the seed. The GRU's
   * second seed stopped at T = 10.
   */
  private Outcome outcome(Long... seeds) {
    List<TrialRecord> records = new ArrayList<>();
    for (long seed : seeds) {
      for (String cell : List.of("lstm", "gru")) {
        for (int length : List.of(5, 10)) {
          if (cell.equals("gru") && length == 10 && seed == 2) {
            continue;
          }
          ObjectNode trial = Json.COMPACT.createObjectNode();
          trial.put("cell", cell).put("length", length).put("seed", seed);
          Measured measured =
              new Measured()
                  .put("score", (cell.equals("gru") ? 3 : 1) + length + 10.0 * seed)
                  .put("norms", new double[] {1, 2, 3, 4, 5, 6})
                  .put("losses", new double[] {9, seed});
          records.add(new TrialRecord(trial, measured.json(), null, null));
        }
      }
    }
    return experiment.outcome(SETTINGS, List.of(seeds), records, figure -> figure);
  }

  @Test
  void aListAlongTwoAxesHasTheLastOneRunningFastest() {
    Outcome outcome = outcome(1L, 2L);
    assertThat(outcome.mean("norms", "cell=lstm T=5 layer=first step=20")).isEqualTo(3);
    assertThat(outcome.mean("norms", "cell=lstm T=5 layer=second step=0")).isEqualTo(4);
    assertThat(outcome.grid("norms").figures()).hasSize(2 * 2 * 2 * 3);
  }

  @Test
  void aPoolCountsNetworksAndBesideThemSeeds() {
    Outcome outcome = outcome(1L, 2L);
    Figure networks = outcome.grid("large").figures().getFirst();
    assertThat(networks.mean()).isEqualTo(1 / 7.);
    assertThat(networks.n()).isEqualTo(7);
    assertThat(requireNonNull(networks.estimate()).seeds()).isEqualTo(2);
    Figure seeds = outcome.grid("large_by_seed").figures().getFirst();
    assertThat(seeds.mean()).isEqualTo(1 / 6.);
    assertThat(seeds.n()).isEqualTo(2);
  }

  @Test
  void aHeldListKeepsItsLastValueAndAnotherEndsEarly() {
    Outcome outcome = outcome(1L, 2L);
    assertThat(outcome.mean("losses", "cell=lstm T=5 step=20")).isEqualTo(1.5);
    Experiment notHeld =
        Experiment.of("draws", trial -> new Measured())
            .over(CELL)
            .measure(Measure.of("losses").along(STEP));
    Outcome ended = notHeld.outcome(SETTINGS, List.of(1L), outcome.records(), figure -> figure);
    assertThat(ended.mean("losses", "cell=lstm step=10")).isEqualTo(1.5);
    assertThat(ended.figure("losses", "cell=lstm step=20")).isNull();
  }

  @Test
  void aFigureNamesTheSettingThatItsMeasureHoldsAt() {
    assertThat(outcome(1L, 2L).grid("score").figures().getFirst().where())
        .isEqualTo(Map.of("cell", "lstm", "T", 5, "lag", 3));
  }

  @Test
  void aStoppedTrialLeavesItsSeedOutOfAMeanAndOfADifference() {
    Outcome outcome = outcome(1L, 2L);
    Figure left = outcome.grid("score").where("cell=gru T=10").figures().getFirst();
    assertThat(left.n()).isEqualTo(1);
    assertThat(left.low()).isNull();
    assertThat(outcome.grid("gain").figures())
        .extracting(Figure::where, Figure::n, Figure::mean)
        .containsExactly(
            tuple(Map.of("T", 5, "cell", "gru", "less", "lstm"), 2, 2.0),
            tuple(Map.of("T", 10, "cell", "gru", "less", "lstm"), 1, 2.0));
  }

  @Test
  void aFigureOfAllTrialsOfASeedLiesOnTheAxesThatItIsAskedFor() {
    Outcome outcome = outcome(1L, 2L);
    assertThat(outcome.grid("total").axes()).containsExactly(CELL);
    assertThat(outcome.mean("total", "cell=lstm")).isEqualTo((37 + 57) / 2.0);
    assertThat(outcome.mean("total", "cell=gru")).isEqualTo((41 + 28) / 2.0);
  }

  @Test
  void aSelectorTakesValuesWithBlanksAndEqualSignsAndRefusesUnknownNames() {
    assertThat(Grid.parse(" better=with attention baseline=window 10, T=5"))
        .isEqualTo(Map.of("better", "with attention", "baseline", "window 10", "T", "5"));
    assertThat(Grid.parse("")).isEmpty();
    assertThatThrownBy(() -> Grid.parse("lstm")).hasMessageContaining("'lstm'");
    Outcome outcome = outcome(1L, 2L);
    assertThat(outcome.figure("score", "cell=rnn")).isNull();
    assertThatThrownBy(() -> outcome.figure("score", "cel=lstm"))
        .hasMessageContaining("score")
        .hasMessageContaining("cel");
  }

  @Test
  void oneAndOnePointZeroAreTheSamePlace() {
    assertThat(Grid.matches(Map.of("gain", "1"), Map.of("gain", 1.0))).isTrue();
    assertThat(Grid.matches(Map.of("gain", "1.0"), Map.of("gain", 1.0))).isTrue();
    assertThat(Grid.matches(Map.of("gain", "1"), Map.of("gain", 1.5))).isFalse();
    assertThat(Grid.matches(Map.of("gain", "1"), Map.of())).isFalse();
  }

  @Test
  void aTablesOwnAxisHasItsRowsWithinTheOthersAndAStoppedTrialIsNamed() {
    Outcome outcome = outcome(2L);
    Telling.Words words = Telling.Words.of(experiment, outcome);
    Result.Table own =
        Table.of("own")
            .rows("cell")
            .rows(Axis.of("half", all -> List.of(1, 2)))
            .where("cell", "gru")
            .where("half", 2)
            .column("what", row -> row.place().toString())
            .of(outcome, words)
            .getFirst();
    assertThat(own.columns()).containsExactly("cell", "half", "what");
    assertThat(own.rows()).containsExactly(List.of("gru", "2", "{cell=gru, half=2}"));
    Result.Table spread =
        Table.of("spread").rows("cell").spread("score", "T").of(outcome, words).getFirst();
    assertThat(spread.rows())
        .containsExactly(List.of("lstm", "26.00", "31.00"), List.of("gru", "28.00", "stopped"));
  }
}
