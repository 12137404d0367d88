package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
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
    ObjectNode config = lengths();
    experiment(
        "memory",
        config,
        remembered("lstm:default", 18, 22),
        remembered("lstm:chrono", 280, 290),
        remembered("min_gru:default", 500, 500),
        remembered("gru:default", 48, 52),
        seeds("lstm:chrono", 10, 1, 1),
        seeds("lstm:chrono", 500, 0, 1),
        seeds("lstm:default", 500, 0, 0));
    experiment(
        "recall",
        config,
        recalled("mqar", "lstm:default", 64, 128),
        recalled("selective-copy", "lstm:default", 32, 32),
        recalled("mqar", "gated_delta:default", 500, 500));
  }

  private static ObjectNode lengths() {
    ObjectNode config = Json.PRETTY.createObjectNode();
    config.putArray("lengths").add(10).add(500);
    return config;
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
        .25,
        "parameters",
        132_096);
  }

  private static Figure remembered(String variant, double... values) {
    return Figure.of(
        "remembered_to", Map.of("task", "copy-first", "variant", variant), "steps", values);
  }

  private static Figure seeds(String variant, int length, double... solved) {
    return Figure.of(
        "seeds_that_remember",
        Map.of("task", "copy-first", "variant", variant, "T", length),
        "fraction of seeds",
        solved);
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
        .contains("| cell | equal parameters: nats a character | equal time: nats a character |")
        .contains("[1.5]" + run + " | [1.63]" + run + " |")
        .contains("[1.75]" + run + " | not run |")
        .doesNotContain("* Language");
  }

  @Test
  void whatComesFromClaimsWrittenAfterItsTrialsIsMarked() throws IOException {
    ObjectNode config = Json.PRETTY.createObjectNode();
    config.putArray("test_lengths").add(40).add(500);
    Map<String, Object> where = Map.of("language", "parity", "variant", "lstm:default");
    Figure parity = Figure.of("farthest_accuracy", where, "fraction", .75, .75);
    for (boolean registered : List.of(false, true)) {
      List<Result.Claim> claims = new ArrayList<>();
      claims.add(claim("exploratory, written after these data; it would be reproduced"));
      if (registered) {
        claims.add(claim("undecided: the interval holds both"));
      }
      experiment("formal-languages", config, claims, parity);
      MapPage.write(results, experiments, bench);
      String mark = registered ? "" : ", exploratory";
      assertThat(results.resolve("map.md"))
          .content()
          .contains("| parity: fraction right at 41 to 500 steps; a guess: 0.5 |")
          .contains("(reference/experiments/formal-languages/report.md) \\[0.75, 0.75\\]" + mark)
          .contains("\\[0.75, 0.75\\]" + mark + " right at 41 to 500 steps.");
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
    String memory = "(reference/experiments/memory/report.md)";
    assertThat(results.resolve("map.md"))
        .content()
        .contains("| LSTM | every unit sees all | [2.500]" + times + " [2.250, 2.750] | [25 %]")
        .contains("| [132,096]" + times + " |")
        .contains("[285]" + memory, ", chrono; 1 of 2 |")
        .contains("| minGRU | linear, unit by unit | [0.300]" + times)
        .contains("[at least 500]" + memory)
        .contains("| GRU | every unit sees all | not run | not run | not run |")
        .contains("| signed Gated DeltaNet | a matrix as state | not run | not run | not run |")
        .contains("| [96](reference/experiments/recall/report.md) ", "| [32](")
        .contains("| [at least 500](reference/experiments/recall/report.md)")
        .contains(
            "(selective copying): of the 1 cells run the cheapest near the best is **LSTM**, [2.50")
        .contains(
            "(copy-first): of the 2 cells run the cheapest near the best is **minGRU**, [0.30 µs")
        .contains("Not run: Tracked, product in S5; `./unroll run word-problems --reference` would")
        .contains("![What trained cells can do");
    assertThat(results.resolve("map.html"))
        .content()
        .contains("memory/report.html", "bench.html")
        .containsPattern(
            "<a href=\"reference/experiments/memory/report.html\" title=\"LSTM, 2.50 µs a step:"
                + " [^\"]+\"");
  }

  @Test
  void cellsThatTheirIntervalsDoNotTellFromTheBestAreNamed() throws IOException {
    experiment(
        "memory",
        lengths(),
        remembered("min_gru:default", 500, 500),
        remembered("lstm:default", 0, 500),
        remembered("gru:default", 0, 0));
    assertThat(map())
        .contains("**minGRU**", ") \\[500, 500\\] steps. Intervals that overlap", "best's: LSTM.");
  }

  @Test
  void productsHaveTheirColumnsOnceTheyAreRun() throws IOException {
    ObjectNode config = Json.PRETTY.createObjectNode();
    config.putArray("test_lengths").add(40).add(64).add(2048);
    config.put("hidden_size", 64).put("steps", 1000).put("samples", 8).put("length", 40);
    Map<String, Object> where = Map.of("group", "s5", "variant", "lstm:default");
    experiment("word-problems", config, Figure.of("kept_to", where, "steps", 2048, 2048));
    assertThat(map())
        .contains("| cell | product in S5: steps, of at most 2048 |", "[at least 2048](")
        .contains("* Tracked, product in S5: of the 1 cells run")
        .contains("1 layer of 64 units, 1,000 training steps on batches of 8 of lengths to 40");
  }

  @Test
  void dynamicsAreThoseOfNetworksThatLearned() throws IOException {
    experiment(
        "cell-dynamics",
        Json.COMPACT.createObjectNode(),
        dynamics("learned", "gru:default", 1, 1),
        iterations("gru:default", 400, 600),
        dynamics("learned", "indrnn:default", 0, 1),
        iterations("indrnn:default", 3, 5));
    assertThat(map())
        .contains("| Newton iterations for T = 1024, of networks that learned parity |")
        .contains("| GRU | [500](", "; 2 of 2 |")
        .contains("| IndRNN | [1 of 2 learned](");
  }

  private static Figure dynamics(String name, String variant, double... values) {
    return Figure.of(name, Map.of("task", "parity:20", "variant", variant), "", values);
  }

  private static Figure iterations(String variant, double... values) {
    return Figure.of(
        "newton_iterations",
        Map.of("task", "parity:20", "variant", variant, "stage", "after", "T", 1024),
        "iterations",
        values);
  }

  private String map() throws IOException {
    MapPage.write(results, experiments, bench);
    return Files.readString(results.resolve("map.md"));
  }

  @Test
  void theFrontPageHasTheAnswerOnceThereIsAMap() throws IOException {
    assertThat(MapPage.finding(results, experiments, bench)).isEmpty();
    MapPage.write(results, experiments, bench);
    assertThat(MapPage.finding(results, experiments, bench).orElseThrow().sentence())
        .startsWith(
            "Remembered, the first symbol (copy-first): of the 2 cells run the cheapest near the"
                + " best is minGRU, 0.30 µs a step: at least 500 [500, 500] steps.")
        .doesNotContain("](", "\\");
  }

  @Test
  void withoutRunsItSaysSo(@TempDir Path empty) throws IOException {
    MapPage.write(empty, empty.resolve("a"), empty.resolve("b"));
    assertThat(empty.resolve("map.md"))
        .content()
        .contains("| LSTM | every unit sees all | not run | not run | not run |")
        .contains("There is no figure yet")
        .contains("Not run: the times; `./unroll bench run --cells --reference` would");
  }
}
