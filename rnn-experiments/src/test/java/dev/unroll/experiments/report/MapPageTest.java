package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class MapPageTest {
  @TempDir private Path results;
  private Path experiments = Path.of("");
  private Path bench = Path.of("");

  @BeforeEach
  void makeRuns() {
    experiments = results.resolve("reference/experiments");
    bench = results.resolve("reference/bench");
    RunFolder costs = new RunFolder(bench.resolve("2026-01-31-120000-cells"));
    costs.writeJson("run.json", Map.of("complete", true));
    costs.writeJson("cells.json", Map.of("rows", List.of(cost("lstm", 2.5), cost("min_gru", .3))));
    RunFolder begun = new RunFolder(bench.resolve("2026-02-01-120000-cells"));
    begun.writeJson("run.json", Map.of("complete", false));
    begun.writeJson("cells.json", Map.of("rows", List.of(cost("lstm", 99))));
    ObjectNode config = Json.PRETTY.createObjectNode();
    config.putArray("lengths").add(10).add(500);
    experiment(
        "horizon",
        config,
        horizon("lstm:default", 18, 22),
        horizon("lstm:chrono", 280, 290),
        horizon("min_gru:default", 500, 500),
        horizon("gru:default", 48, 52));
    experiment(
        "recall",
        config,
        recalled("mqar", "lstm:default", 64, 128),
        recalled("selective-copy", "lstm:default", 32, 32),
        recalled("mqar", "gated_delta:default", 500, 500));
  }

  private static Map<String, Object> cost(String cell, double micros) {
    return Map.of(
        "cell",
        cell,
        "mode",
        "forward",
        "B",
        1,
        "H",
        128,
        "us_step",
        micros,
        "us_low",
        .9 * micros,
        "us_high",
        1.1 * micros,
        "waits",
        .25);
  }

  private static Figure horizon(String variant, double... values) {
    return Figure.of("horizon", Map.of("variant", variant), "steps", values);
  }

  private static Figure recalled(String task, String variant, double... values) {
    return Figure.of("recalled_to", Map.of("task", task, "variant", variant), "steps", values);
  }

  private void experiment(String name, ObjectNode config, Figure... figures) {
    experiment(name, config, List.of(), figures);
  }

  private void experiment(
      String name, ObjectNode config, List<Result.Claim> claims, Figure... figures) {
    new RunFolder(experiments.resolve(name))
        .writeJson(
            "result.json",
            new Result(
                name,
                "run " + name,
                false,
                List.of(1L, 2L),
                config,
                new Result.Story("", "", "", "", ""),
                List.of(figures),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                claims,
                new Result.Verdict("unjudged", "")));
  }

  @Test
  void aLossHasItsColumnsAndNoCheapestCell() throws IOException {
    experiment(
        "language",
        Json.COMPACT.createObjectNode(),
        loss("held_out_loss", "lstm:default", 1.5),
        loss("held_out_loss", "min_gru:default", 1.75),
        loss("held_out_loss_at_equal_time", "lstm:default", 1.63));
    MapPage.write(results, experiments, bench);
    String run = "(reference/experiments/language/report.md)";
    assertThat(results.resolve("map.md"))
        .content()
        .contains("language: equal parameters, nats | language: equal time, nats |")
        .contains("[1.5]" + run + " | [1.63]" + run + " |")
        .contains("[1.75]" + run + " | not run |")
        .doesNotContain("* Language");
  }

  @Test
  void whatComesFromClaimsWrittenAfterItsTrialsIsMarked() throws IOException {
    Figure parity = Figure.of("accuracy", Map.of("variant", "lstm:default"), "fraction", .75, .75);
    for (boolean registered : List.of(false, true)) {
      List<Result.Claim> claims = new ArrayList<>();
      claims.add(claim("exploratory, written after these data; it would be reproduced"));
      if (registered) {
        claims.add(claim("undecided: the interval holds both"));
      }
      experiment("parity", Json.COMPACT.createObjectNode(), claims, parity);
      MapPage.write(results, experiments, bench);
      String mark = registered ? "" : ", exploratory";
      assertThat(results.resolve("map.md"))
          .content()
          .contains("(reference/experiments/parity/report.md) \\[0.75, 0.75\\]" + mark + " |")
          .contains("of the answers right" + (registered ? ";" : " (exploratory);"));
    }
  }

  private static Result.Claim claim(String verdict) {
    return new Result.Claim(verdict, "a paper", null, "it holds", null, null, null, null, verdict);
  }

  private static Figure loss(String name, String variant, double value) {
    return Figure.of(name, Map.of("variant", variant), "nats per character", value);
  }

  @Test
  void everyCellHasARowAndEveryNumberItsRun() throws IOException {
    assertThat(MapPage.write(results, experiments, bench)).exists().hasFileName("map.html");
    assertThat(results.resolve("map.png")).exists();
    String times = "(reference/bench/2026-01-31-120000-cells/report.md)";
    String horizons = "(reference/experiments/horizon/report.md)";
    assertThat(results.resolve("map.md"))
        .content()
        .contains("| LSTM | [2.500]" + times + " [2.250, 2.750] | 25 % | not run |")
        .contains("[285]" + horizons)
        .contains(", chrono |")
        .contains("| minGRU | [0.300]" + times)
        .contains("[at least 500]" + horizons)
        .contains("| GRU | not run | not run |")
        .contains("| signed Gated DeltaNet | not run | not run | not run |")
        .contains("| [96](reference/experiments/recall/report.md) ", "| [32](")
        .contains("| [at least 500](reference/experiments/recall/report.md)")
        .contains("* Recalled (data out of noise): **LSTM** at 2.50 µs a step, with 32")
        .contains("* Remembered (horizon): **minGRU** at 0.30 µs a step, with 500")
        .contains("Not run: tracked, product in S5; `./unroll run word-problems --reference` would")
        .contains("![Steps that a trained cell");
    assertThat(results.resolve("map.html")).content().contains("horizon/report.html");
  }

  @Test
  void theFrontPageHasTheAnswerOnceThereIsAMap() throws IOException {
    assertThat(MapPage.finding(results, experiments, bench)).isEmpty();
    MapPage.write(results, experiments, bench);
    assertThat(MapPage.finding(results, experiments, bench).orElseThrow().sentence())
        .startsWith("Remembered (horizon): minGRU at 0.30 µs a step");
  }

  @Test
  void withoutRunsItSaysSo(@TempDir Path empty) throws IOException {
    MapPage.write(empty, empty.resolve("a"), empty.resolve("b"));
    assertThat(empty.resolve("map.md"))
        .content()
        .contains("| LSTM | not run | not run |")
        .contains("There is no figure yet")
        .contains("Not run: the times; `./unroll bench run --cells --reference` would");
  }
}
