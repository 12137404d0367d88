package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
  @TempDir private Path results;
  private RunFolder folder = new RunFolder(Path.of(""));
  private Path page = Path.of("");

  @BeforeEach
  void writeARun() {
    folder = new RunFolder(results.resolve("bench").resolve("2026-01-31-120000-quick"));
    folder.writeJson(
        RunFolder.PROVENANCE,
        Provenance.begin("quick", "the command").end(61, List.of("a note <to read>")));
    folder.writeJson(
        RunFolder.ROOFLINE,
        List.of(ceilings("start", 1, 400), ceilings("end", 1, 400), ceilings("start", 2, 700)));
    folder.writeJson(
        RunFolder.PEERS,
        List.of(
            new Comparison(
                "lstm", "forward", 1, 2, 3, 4, 1, "A rival 1.0", 10, 20, 2, 1.9, 2.1, 0.5)));
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
    folder.writeJson(RunFolder.JMH, jmh);
    page = Report.write(folder);
  }

  @Test
  void markdownHasEveryTableAndItsProvenance() throws IOException {
    assertThat(Files.readString(folder.path().resolve("report.md")))
        .contains("costs 2.00 ± 0.00 µs a step")
        .contains("ceilings would allow it in 49 % of that time")
        .contains(
            "| lstm | forward | 1 | 128 | 2.000 ± 0.000 | 0.983 | 49 % | 5.0 ± 0.0 | 1.0000 | yes"
                + " |")
        .contains("| rnn_tanh | 200 | 790.0 ± 0.0 | 790.0 | 3.95 |")
        .contains("takes 7.9 ± 0.0 times one of windows of 20")
        .contains(
            "| lstm | 1 | 100.0 ± 0.0 | 30 ± 0 % | 30 ± 0 % | 30 ± 0 % | 10 ± 0 % | 60 ± 0 % |"
                + " 400.0 ± 0.0 | 25 ± 0 % | 75 ± 0 % |")
        .contains("| lstm | forward | 1 | 16 | 100.0 | 53.1 | 1.88 | 850.0 ± 0.0 |")
        .contains("| lstm | forward | 64 | 2.00 ± 0.00 | 0 ± 2 % | no limit seen |")
        .contains("| lstm | forward | 103 ± 0 % |")
        .contains("runs 1.75 times as fast on 2 threads as on one")
        .contains("| lstm | forward | 64 | 2 | 1625.0 ± 0.0 | 25.39 |")
        .contains(
            "| minGRU, scan | 64 | 1024 | 200.0 ± 0.0 | 120.0 ± 0.0 | 5.00 ± 0.00 | 8.33 ± 0.00 |")
        .contains(
            "| minGRU, scan | 64 | 1024 | 160.0 | 40.0 | 16 | **50.0** | **50.0** | **50.0** |")
        .contains("| GRU, Newton | 64 | 1024 | 8000.0 | 0.0 | 1024 | **500.0** |")
        .contains("measured, 2 cores: minGRU, scan (8.3 times); predicted, 16 cores: minGRU, scan")
        .contains("**2.00** [1.90, 2.10]")
        .contains("`the command`")
        .contains("1 min 01 s");
  }

  @Test
  void everyChartIsWrittenTwice() throws IOException {
    try (Stream<Path> charts = Files.list(folder.path().resolve("charts"))) {
      assertThat(charts.map(path -> path.getFileName().toString()))
          .contains("roofline.png", "roofline.svg")
          .contains("time-against-length-forward.png", "time-against-length-forward.svg")
          .contains("time-against-batch-training.png", "time-against-batch-training.svg")
          .hasSize(16);
    }
  }

  @Test
  void htmlNeedsNoOtherFile() throws IOException {
    String html = Files.readString(page);
    assertThat(html).contains("src=\"data:image/png;base64,").contains("a note &lt;to read&gt;");
    assertThat(html).doesNotContainPattern("(src|href)=\"(?!data:)");
  }

  @Test
  void theIndexLinksTheRun() throws IOException {
    assertThat(Files.readString(results.resolve("index.html")))
        .contains("href=\"bench/2026-01-31-120000-quick/report.html\"");
  }

  @Test
  void readmeKeepsTheTextOutsideItsMarkers() {
    String readme =
        """
        before
        <!-- begin generated: bench -->
        stale words
        <!-- end generated -->
        after
        <!-- end generated -->
        """;
    assertThat(Readme.fill(readme, folder.root()))
        .startsWith("before\n<!-- begin generated: bench -->\n")
        .endsWith("<!-- end generated -->\nafter\n<!-- end generated -->\n")
        .contains(
            "| lstm | forward | 1.00 ± 0.00 | 0.50 ± 0.00 | 8.50 ± 0.00 | 4.25 ± 0.00 | 32.50 ±"
                + " 0.00 | 16.25 ± 0.00 |")
        .doesNotContain("stale words");
    assertThat(Readme.fill(readme, results.resolve("none"))).isEqualTo(readme);
  }

  @Test
  void readmeHasTheGatesErrorRates(@TempDir Path home) throws IOException {
    Path selfTest = Files.createDirectories(home.resolve("gate").resolve("self-test"));
    Files.writeString(
        selfTest.resolve(RunFolder.SELF_TEST),
        """
        {"sentence": "The quick gate raised $1 false alarms.", "pairs": 7, "underLoad": false}
        """);
    Files.writeString(selfTest.resolve(RunFolder.PROVENANCE), "{}");
    String readme = "a\n<!-- begin generated: gate -->\nstale\n<!-- end generated -->\nb\n";
    assertThat(Readme.fill(readme, home.resolve("bench")))
        .isEqualTo(
            """
            a
            <!-- begin generated: gate -->

            Its own test, one build with slowdowns planted, 7 pairs ([report](results/gate/self-test/report.md)): The quick gate raised $1 false alarms.

            <!-- end generated -->
            b
            """);
  }

  @Test
  void projectsReadmeIsWhatItsResultsGive() throws IOException {
    Path root = Path.of("..");
    String readme = Files.readString(root.resolve("README.md"));
    assertThat(Readme.fill(readme, root.resolve(RunFolder.ROOT)))
        .as("README.md; to write it again: mvn -pl rnn-bench exec -Dargs=report")
        .isEqualTo(readme);
  }

  /** In a real browser: no error in the console, images load, nothing wider than the window. */
  @ParameterizedTest
  @ValueSource(ints = {400, 1400})
  void aBrowserShowsThePageWithoutErrors(int width) throws IOException, InterruptedException {
    Optional<Path> browser =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .flatMap(
                name ->
                    Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .map(path -> Path.of(path, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(browser.isPresent(), "no Chromium on this machine");
    // A window cannot be as narrow as a telephone, a frame can; the page reports from inside.
    Files.writeString(
        results.resolve("framed.html"),
        Files.readString(page)
            + """
            <script>
            addEventListener('load', () => parent.postMessage(
                'wide ' + (document.documentElement.scrollWidth
                    - document.documentElement.clientWidth) + ', images '
                + [...document.images].filter(i => i.naturalWidth > 0).length, '*'))
            </script>
            """);
    Path frame = results.resolve("frame.html");
    Files.writeString(
        frame,
        """
        <script>addEventListener('message', e => document.body.dataset.seen = e.data)</script>
        <body><iframe src="framed.html" width="%d" height="900" style="border: 0"></iframe></body>
        """
            .formatted(width));
    Path errors = results.resolve("console.txt");
    Process process =
        new ProcessBuilder(
                browser.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--user-data-dir=" + results.resolve("profile"),
                "--window-size=1500,1000",
                "--virtual-time-budget=5000",
                "--dump-dom",
                frame.toUri().toString())
            .redirectError(errors.toFile())
            .start();
    String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(dom).contains("data-seen=\"wide 0, images 8\"");
    assertThat(Files.readString(errors)).doesNotContain("CONSOLE");
  }

  private static CeilingRow ceilings(String moment, int threads, double gigaflops) {
    return new CeilingRow(
        moment,
        512,
        threads,
        gigaflops,
        Map.of("L1", 800.0, "memory", 400.0),
        Map.of("L1", 32768L, "memory", Long.MAX_VALUE));
  }

  private static Map<String, Object> part(String cell, String part, double micros) {
    return benchmark(
        "Parts",
        Map.of("cell", cell, "part", part, "steps", "100", "batch", "1", "hidden", "128"),
        micros);
  }

  private static Map<String, Object> overTime(String way, int threads, double micros) {
    return benchmark(
        "OverTime",
        Map.of("way", way, "steps", "1024", "hidden", "64", "threads", Integer.toString(threads)),
        micros);
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
