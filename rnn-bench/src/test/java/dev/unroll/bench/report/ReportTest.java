package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.page.GeneratedPages;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir private Path results;
  private RunFolder folder = new RunFolder(Path.of(""));
  private Path page = Path.of("");

  @BeforeEach
  void writeARun() throws IOException {
    folder = new RunFolder(results.resolve("bench").resolve("2026-01-31-120000-quick"));
    Map<String, String> machine = Map.of("cores", "2", "processor", "a processor");
    Provenance provenance =
        new Provenance("2026-01-31T12:00:00Z", "abc", null, true, "25", List.of(), machine, 512);
    folder.writeJson(
        Run.FILE,
        new Run("quick", "the command", provenance, true, 61, List.of("a note <to read>")));
    folder.writeJson(
        Runs.ROOFLINE,
        List.of(ceilings("start", 1, 400), ceilings("end", 1, 400), ceilings("start", 2, 700)));
    folder.writeJson(
        Runs.PEERS,
        List.of(
            new Comparison(
                "lstm",
                "forward",
                1,
                2,
                3,
                4,
                1,
                "A peer 1.0",
                10,
                20,
                2,
                1.9,
                2.1,
                0.5,
                0.25,
                null)));
    List<Map<String, Object>> jmh = new ArrayList<>();
    for (String cell : List.of("rnn_tanh", "lstm", "gru")) {
      for (String mode : List.of("FORWARD", "TRAINING")) {
        for (int steps : List.of(8, 64, 512)) {
          jmh.add(result("SequenceLength", cell, mode, steps, 1, Map.of(), 5 + 2.0 * steps));
        }
        for (String threads : List.of("1", "2")) {
          for (int batch : List.of(1, 16, 32, 64)) {
            double time = (50.0 + 50 * batch) / Integer.parseInt(threads);
            jmh.add(
                result(
                    "BatchAndThreads", cell, mode, 100, batch, Map.of("threads", threads), time));
          }
        }
      }
    }
    for (String cell : List.of("rnn_tanh", "lstm", "gru")) {
      List.of("FORWARD", "INPUT_PRODUCT", "RECURRENT_PRODUCT", "POINTWISE")
          .forEach(part -> jmh.add(part(cell, part, part.equals("FORWARD") ? 100 : 30)));
      jmh.add(part(cell, "TRAINING_STEP", 400));
      jmh.add(part(cell, "TRAINING_FORWARD", 100));
    }
    jmh.add(overTime("SERIAL", 1, 1000));
    jmh.add(overTime("SERIAL", 2, 1000));
    jmh.add(overTime("SCAN", 1, 200));
    jmh.add(overTime("SCAN", 2, 120));
    for (String way : List.of("QUASI_DEER", "DEER", "DEER_IN_BLOCKS")) {
      jmh.add(overTime(way, 1, 8000));
      jmh.add(overTime(way, 2, 4000));
    }
    jmh.add(epoch(20, 100));
    jmh.add(epoch(200, 790));
    folder.writeJson(Runs.JMH, jmh);
    page = Report.write(folder);
  }

  @Test
  void markdownHasEveryTableAndItsProvenance() throws IOException {
    assertThat(Files.readString(folder.path().resolve("report.md")))
        .contains("costs 2.00 ± 0.00 µs a step")
        .contains("ceilings set a floor of 47 % of that time")
        .contains(
            "| LSTM | forward | 1 | 128 | 2.000 ± 0.000 | 0.942, chain 0.148 | 47 % | 5.0 ± 0.0 |"
                + " 1.0000 | yes |")
        .contains("| tanh RNN | 200 | 790.0 ± 0.0 | 790.0 | 3.95 |")
        .contains("takes 7.9 ± 0.0 times one of windows of 20")
        .contains(
            "| LSTM | 1 | 100.0 ± 0.0 | 30 ± 0 % | 30 ± 0 % | 30 ± 0 % | 10 ± 0 % | 60 ± 0 % |"
                + " 400.0 ± 0.0 | 25 ± 0 % | 75 ± 0 % |")
        .contains("| LSTM | forward | 1 | 16 | 100.0 | 53.1 | 1.88 | 850.0 ± 0.0 |")
        .contains("| LSTM | forward | 64 | 2.00 ± 0.00 | 0 ± 2 % | no limit seen |")
        .contains("| LSTM | forward | 103 ± 0 % |")
        .contains("runs 1.75 times as fast on 2 threads as on one")
        .contains("| LSTM | forward | 64 | 2 | 1625.0 ± 0.0 | 25.39 |")
        .contains(
            "| minGRU, scan | 64 | 1024 | 200.0 ± 0.0 | 120.0 ± 0.0 | 5.00 ± 0.00 | 8.33 ± 0.00 |")
        .contains("| minGRU, scan | 64 | 1024 | 160.0 | 40.0 | 16 | **50.0** |")
        .contains("| GRU, Newton | 64 | 1024 | 8000.0 | 0.0 | 1024 | **500.0** |")
        .contains("| GRU, Newton | 64 | 1024 | 8000.0 | 0.0 | 1024 | **500.0** | 9 cores |")
        .contains("| GRU, Newton in blocks | 64 | 1024 | 8000.0 | 0.0 | 16 | **500.0** | 9 cores |")
        .contains("measured, 2 cores: minGRU, scan (8.3 times); predicted, 16 cores: minGRU, scan")
        .contains("**2.00** [1.90, 2.10]")
        .contains("**Note: a note <to read>.**", "abc with local changes", "`the command`")
        .contains("1 min 01 s");
  }

  @Test
  void everyChartIsWrittenAndShown() throws IOException {
    String report = Files.readString(folder.path().resolve("report.md"));
    try (Stream<Path> charts = Files.list(folder.path().resolve("charts"))) {
      assertThat(charts.map(path -> path.getFileName().toString()))
          .contains("roofline.png")
          .contains("time-against-length-forward.png")
          .contains("time-against-batch-training.png")
          .contains("rivals.png")
          .hasSize(9)
          .allSatisfy(chart -> assertThat(report).contains("](charts/" + chart + ")"));
    }
    assertThat(page).content().contains("src=\"charts/roofline.png\"");
  }

  @Test
  void aPartOfAPageIsMadeFromTheRunsThatThereAre() {
    assertThat(Readme.part("bench", folder.parent()))
        .contains(
            "| LSTM | forward | 1.00 ± 0.00 | 0.50 ± 0.00 | 8.50 ± 0.00 | 4.25 ± 0.00 | 32.50 ±"
                + " 0.00 | 16.25 ± 0.00 |");
    assertThat(Readme.part("bench", results.resolve("none"))).isNull();
    assertThat(Readme.part("experiments", folder.parent())).isNull();
  }

  /** Prediction: 280 of 300 us are shared, so 4 cores are the first to beat 100 us. */
  @Test
  void newtonsMethodIsSummedUpWithTheCoresItWouldTake() throws IOException {
    RunFolder run = new RunFolder(results.resolve("bench").resolve("2026-02-01-120000-newton"));
    run.writeJson(Run.FILE, new Run("newton", "", Run.of(folder).provenance(), true, 1, List.of()));
    run.writeJson(Runs.ROOFLINE, List.of(ceilings("start", 1, 400), ceilings("start", 2, 700)));
    List<Map<String, Object>> jmh = new ArrayList<>();
    for (int steps : List.of(1024, 4096, 16384)) {
      jmh.add(overTime("PARA_GRU", steps, 1, 100));
      jmh.add(overTime("PARA_GRU", steps, 2, 100));
      jmh.add(overTime("PARA_GRU_NEWTON", steps, 1, 300));
    }
    jmh.add(overTime("PARA_GRU_NEWTON", 1024, 2, 160));
    jmh.add(overTime("PARA_GRU_NEWTON", 4096, 2, 210));
    jmh.add(overTime("PARA_GRU_NEWTON", 16384, 2, 120));
    run.writeJson(Runs.JMH, jmh);
    assertThat(Readme.part(run.name(), run.parent()))
        .contains("| ParaGRU, Newton | 64 | 1024 |", "| 0.63 ± 0.00 |  | 4 cores |")
        .contains("| never |", "| 4 cores (?) |")
        .contains("slower than stepping at every size measured", "1.2 to 2.1 times as long on 2")
        .contains("quicker from 4 cores on at H = 64, T = 1024, at no other size up to 16 cores")
        .contains("665 times");
    Report.write(run);
    assertThat(Files.readString(run.path().resolve("report.md")))
        .contains("| ParaGRU, Newton | 64 | 16384 | 300.0 | 0.0 | 256 | **18.8** | 4 cores (?) |")
        .doesNotContain("roofline.png");
  }

  @Test
  void aRunOfCellsHasItsOwnPointsInTheRoofline() throws IOException {
    RunFolder run = new RunFolder(results.resolve("bench").resolve("2026-02-01-120000-cells"));
    run.writeJson(Run.FILE, new Run("cells", "", Run.of(folder).provenance(), true, 1, List.of()));
    run.writeJson(Runs.ROOFLINE, List.of(ceilings("start", 1, 400)));
    List<Map<String, Object>> jmh = new ArrayList<>();
    for (String cell : List.of("lstm", "para_gru", "rg_lru", "gated_delta")) {
      Map<String, String> params =
          Map.of(
              "cell", cell, "part", "FORWARD", "steps", "64", "batch", "1", "hidden", "128",
              "heads", "1");
      jmh.add(benchmark("Parts", params, 100));
    }
    run.writeJson(Runs.JMH, jmh);
    Report.write(run);
    assertThat(Files.readString(run.path().resolve("report.md")))
        .contains("charts/roofline.png", "they stand at B T / 2");
    assertThat(Files.readString(run.path().resolve("charts.json")))
        .contains("dense cells", "diagonal cells", "linear cells", "with a matrix state");
  }

  /** Until a run has our weights of fewer bits, the one that compares most stands for it. */
  @Test
  void theTablesBesideOthersAreOfTheNewestRunThatHasThem(@TempDir Path home) {
    List<Comparison> large = new ArrayList<>();
    List<Comparison> small = new ArrayList<>();
    for (int batch : List.of(1, 64)) {
      for (int hidden : List.of(128, 256)) {
        List.of("A", "B", "C", "D", "E")
            .forEach(
                peer ->
                    large.add(PeerTablesTest.shaped("lstm", "forward", batch, hidden, 1, peer)));
        List.of("Unroll bf16", "Unroll int8", "F")
            .forEach(
                peer ->
                    small.add(PeerTablesTest.shaped("lstm", "forward", batch, hidden, 1, peer)));
      }
    }
    writePeers(home, "2026-01-31-120000-peers", large);
    assertThat(Readme.part("peers", home))
        .contains("| E | 1.50 [1.40, 1.60] |")
        .containsOnlyOnce("[all figures]")
        .contains("2026-01-31-120000-peers/report.md");
    writePeers(home, "2026-02-01-120000-peers", small);
    assertThat(Readme.part("peers", home))
        .contains("| Unroll bf16 | 1.50", "| Unroll int8 | 1.50", "| F | 1.50")
        .doesNotContain("| E |")
        .containsSubsequence(
            "2026-02-01-120000-peers/report.md",
            "* Forward, 1 thread: against the fastest",
            "2026-01-31-120000-peers/report.md");
  }

  private static void writePeers(Path home, String name, List<Comparison> comparisons) {
    RunFolder run = new RunFolder(home.resolve(name));
    run.writeJson(Runs.PEERS, comparisons);
    Provenance provenance =
        new Provenance(
            "2026-01-31T12:00:00Z",
            "abc",
            "2026-01-31T11:00:00Z",
            false,
            "25",
            List.of(),
            Map.of(),
            512);
    run.writeJson(Run.FILE, new Run("peers", "", provenance, true, 1, List.of()));
  }

  @Test
  void thereIsATableOfTheGatesErrorRates(@TempDir Path home) throws IOException {
    Path selfTest = Files.createDirectories(home.resolve("gate").resolve("self-test"));
    Files.writeString(
        selfTest.resolve(Runs.SELF_TEST),
        """
        {"under_load": false,
         "forms": [{"name": "quick", "whole_gates": {"count": 0, "of": 2, "low": 0, "high": 0.84}, "levels": [{"regressed": {"count": 1, "of": 8, "low": 0.02, "high": 0.47}}]}]}
        """);
    Provenance provenance =
        new Provenance(
            "2026-01-31T12:00:00Z",
            "abc",
            null,
            false,
            "25",
            List.of(),
            Map.of("processor", "a processor", "caches", "L1 32 KiB, L2 1024 KiB"),
            512);
    new RunFolder(selfTest)
        .writeJson(Run.FILE, new Run("self-test", "", provenance, true, 1, List.of()));
    assertThat(Readme.part("gate", home.resolve("bench")))
        .isEqualTo(
            """

            |  | gates with a false alarm | false alarms | +2 % | +3 % | +5 % | +10 % |
            |---|---|---|---|---|---|---|
            | [quick gate, a processor (L1 32 KiB) quiet](results/reference/gate/self-test/report.md) | 0 of 2 [0, 84] % | 1 of 8 [2, 47] % |

            """);
  }

  @Test
  void thePagesAreWhatTheResultsGive() throws IOException {
    Path home = Path.of("..");
    Path root = home.resolve(Results.reference(Runs.BENCH));
    for (Map.Entry<Path, String> page :
        GeneratedPages.fill(home, part -> Readme.part(part, root)).entrySet()) {
      assertThat(Files.readString(page.getKey()))
          .as("%s; to write it again: ./unroll report", page.getKey())
          .isEqualTo(page.getValue());
    }
  }

  private static CeilingRow ceilings(String moment, int threads, double gigaflops) {
    return new CeilingRow(
        moment,
        512,
        threads,
        gigaflops,
        Map.of("L1", 800.0, "L2", 400.0, "memory", 100.0),
        Map.of("L1", 32768L, "L2", 1L << 20, "memory", Long.MAX_VALUE),
        1.0,
        10.0);
  }

  private static Map<String, Object> part(String cell, String part, double micros) {
    return benchmark(
        "Parts",
        Map.of("cell", cell, "part", part, "steps", "100", "batch", "1", "hidden", "128"),
        micros);
  }

  private static Map<String, Object> overTime(String way, int threads, double micros) {
    return overTime(way, 1024, threads, micros);
  }

  private static Map<String, Object> overTime(String way, int steps, int threads, double micros) {
    Map<String, String> params =
        Map.of(
            "way",
            way,
            "steps",
            Integer.toString(steps),
            "hidden",
            "64",
            "threads",
            Integer.toString(threads));
    return benchmark("OverTime", params, micros);
  }

  private static Map<String, Object> epoch(int steps, double millis) {
    return benchmark(
        "Epoch",
        Map.of(
            "cell",
            "rnn_tanh",
            "steps",
            Integer.toString(steps),
            "hidden",
            "128",
            "windows",
            "1000"),
        millis);
  }

  private static Map<String, Object> result(
      String benchmark,
      String cell,
      String mode,
      int steps,
      int batch,
      Map<String, String> more,
      double micros) {
    Map<String, String> params = new HashMap<>(more);
    params.putAll(
        Map.of(
            "cell",
            cell,
            "mode",
            mode,
            "steps",
            Integer.toString(steps),
            "batch",
            Integer.toString(batch),
            "hidden",
            "128"));
    return benchmark(benchmark, params, micros);
  }

  private static Map<String, Object> benchmark(
      String benchmark, Map<String, String> params, double time) {
    return Map.of(
        "benchmark",
        "dev.unroll.bench.benchmark." + benchmark + ".call",
        "params",
        params,
        "primaryMetric",
        Map.of("scoreUnit", "us/op", "rawData", List.of(List.of(time, time, time))));
  }
}
