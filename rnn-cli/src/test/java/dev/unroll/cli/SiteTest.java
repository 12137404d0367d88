package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unroll.report.page.HtmlPage;
import dev.unroll.report.page.Resources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.text.StringEscapeUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The pages that {@code report} makes of the committed runs, in a real browser. */
@DisabledOnOs(OS.WINDOWS)
class SiteTest {
  private static final Path RUNS = Path.of("../results/reference");

  @TempDir private static Path home;

  private static Optional<Path> chromium() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @BeforeAll
  static void report() throws Exception {
    try (Stream<Path> files = Files.walk(RUNS)) {
      for (Path file : files.filter(one -> !one.toString().endsWith(".html")).toList()) {
        Path copy = home.resolve("results/reference").resolve(RUNS.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    Path launch = home.resolve("unroll.args");
    LaunchFile.main(new String[] {launch.toString()});
    ProcessBuilder report =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + launch,
                "report")
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("report.log").toFile());
    report.environment().put("UNROLL_HOME", home.toString());
    Process process = report.start();
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(home.resolve("report.log"))).isZero();
  }

  private static List<String> pages() throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve("results"))) {
      return files
          .map(file -> home.relativize(file).toString())
          .filter(name -> name.endsWith(".html"))
          .sorted()
          .toList();
    }
  }

  @Test
  void theFrontPageHasFiveFindingsAndEveryRunItsPage() throws IOException {
    assertThat(pages())
        .contains(
            "results/index.html",
            "results/experiments.html",
            "results/bench.html",
            "results/history.html");
    assertThat(home.resolve("results/index.html"))
        .content()
        .contains(
            "Beside other libraries",
            "What serial time costs",
            "What gates buy",
            "What learning costs",
            "How often the gate errs");
  }

  @Test
  void nothingIsWrongWithAnyPage() throws Exception {
    List<String> pages = pages();
    String dom = look(pages, false);
    assertThat(told(dom, "faults")).isEqualTo("END: seen " + pages.size());
    List<String> broken =
        told(dom, "links")
            .lines()
            .distinct()
            .filter(link -> link.startsWith("file:"))
            .filter(link -> !Files.exists(Path.of(URI.create(link.replaceFirst("#.*", "")))))
            .toList();
    assertThat(broken).as("links to nothing").isEmpty();
  }

  @Test
  void allOfItCanBeReadInTheDark() throws Exception {
    List<String> pages =
        List.of(
            "results/index.html",
            "results/experiments.html",
            "results/bench.html",
            "results/reference/experiments/horizon/report.html");
    String dom = look(pages, true, "--blink-settings=preferredColorScheme=0");
    assertThat(told(dom, "faults")).isEqualTo("END: seen " + pages.size());
  }

  private static String told(String dom, String id) {
    var found = Pattern.compile("<pre id=\"" + id + "\">(.*?)</pre>", Pattern.DOTALL).matcher(dom);
    assertThat(found.find()).as(dom).isTrue();
    return StringEscapeUtils.unescapeHtml4(found.group(1)).strip();
  }

  /** Opens the pages one after another; the faults are in what it leaves. */
  private static String look(List<String> pages, boolean dark, String... flags) throws Exception {
    assumeTrue(chromium().isPresent(), "no chromium on the PATH: the pages are not looked at");
    Path check =
        Files.writeString(
            home.resolve("check.html"),
            "<!doctype html><meta charset=utf-8><body><script type=\"application/json\" id=pages>"
                + HtmlPage.json(Map.of("pages", pages, "dark", dark))
                + "</script><script>"
                + Resources.text(SiteTest.class, "/check.js")
                + "</script>");
    Path dom = home.resolve("dom.txt");
    Path log = home.resolve("log.txt");
    Process browser =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of(
                            chromium().orElseThrow().toString(),
                            "--headless",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--allow-file-access-from-files",
                            "--virtual-time-budget=600000",
                            "--enable-logging=stderr",
                            "--user-data-dir=" + home.resolve("profile"),
                            "--window-size=1600,1000",
                            "--dump-dom"),
                        Stream.concat(Stream.of(flags), Stream.of(check.toUri().toString())))
                    .toList())
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    try {
      assertThat(browser.waitFor(120, TimeUnit.SECONDS)).as("the browser ends in time").isTrue();
    } finally {
      browser.destroyForcibly();
    }
    assertThat(
            Files.readString(log)
                .lines()
                .filter(line -> line.contains("CONSOLE"))
                // Those pages are opened without scripts on purpose.
                .filter(line -> !line.contains("Blocked script execution")))
        .as("the browser's console")
        .isEmpty();
    return Files.readString(dom);
  }
}
