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
        List.of(
            new CeilingRow(
                "start",
                512,
                1,
                100,
                Map.of("L1", 200.0, "memory", 20.0),
                Map.of("L1", 32768L, "memory", Long.MAX_VALUE))));
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
          for (int batch : List.of(1, 64)) {
            double time = 100.0 * batch / Integer.parseInt(threads);
            jmh.add(
                result(
                    "BatchAndThreads", cell, mode, 100, batch, Map.of("threads", threads), time));
          }
        }
      }
    }
    folder.writeJson(RunFolder.JMH, jmh);
    page = Report.write(folder);
  }

  @Test
  void theMarkdownHasTheFiguresAndWhereTheyComeFrom() throws IOException {
    assertThat(Files.readString(folder.path().resolve("report.md")))
        .contains("costs 2.00 ± 0.00 µs a step")
        .contains("| lstm | forward | 1 | 128 | 2.000 ± 0.000 | 5.0 ± 0.0 | 1.0000 | yes |")
        .contains("| lstm | forward | 64 | 2 | 3200.0 ± 0.0 | 50.00 |")
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
          .hasSize(10);
    }
  }

  @Test
  void thePageNeedsNoOtherFile() throws IOException {
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
  void theReadmeKeepsWhatIsNotItsOwn() {
    String readme =
        """
        before
        <!-- begin generated: bench -->
        old
        <!-- end generated -->
        after
        <!-- end generated -->
        """;
    assertThat(Readme.fill(readme, folder.root()))
        .startsWith("before\n<!-- begin generated: bench -->\n")
        .endsWith("<!-- end generated -->\nafter\n<!-- end generated -->\n")
        .contains("| lstm | forward | 1.00 ± 0.00 | 0.50 ± 0.00 | 64.00 ± 0.00 | 32.00 ± 0.00 |")
        .doesNotContain("old");
    assertThat(Readme.fill(readme, results.resolve("none"))).isEqualTo(readme);
  }

  @Test
  void theProjectsReadmeIsMadeFromItsResults() throws IOException {
    Path root = Path.of("..");
    String readme = Files.readString(root.resolve("README.md"));
    assertThat(Readme.fill(readme, root.resolve(RunFolder.ROOT)))
        .as("README.md; to write it again: mvn -pl rnn-bench exec -Dargs=report")
        .isEqualTo(readme);
  }

  /** In a real browser: no error in the console, images load, nothing wider than the window. */
  @ParameterizedTest
  @ValueSource(ints = {400, 1400})
  void aBrowserShowsItAll(int width) throws IOException, InterruptedException {
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
    assertThat(dom).contains("data-seen=\"wide 0, images 5\"");
    assertThat(Files.readString(errors)).doesNotContain("CONSOLE");
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
    return Map.of(
        "benchmark",
        "dev.unroll.bench.benchmark." + benchmark + ".call",
        "params",
        params,
        "primaryMetric",
        Map.of("scoreUnit", "us/op", "rawData", List.of(List.of(micros, micros, micros))));
  }
}
