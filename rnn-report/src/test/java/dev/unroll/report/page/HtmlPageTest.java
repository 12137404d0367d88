package dev.unroll.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser: nothing overflows and every image loads, narrow and wide. */
class HtmlPageTest {
  @TempDir private Path folder;

  private static Optional<Path> chromium() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private String page() throws IOException {
    // One grey pixel stands for a chart; the table is wider than a telephone.
    byte[] pixel =
        Base64.getDecoder()
            .decode(
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");
    Files.write(folder.resolve("chart.png"), pixel);
    String cells = "| a rather long cell of text ".repeat(12) + "|\n";
    String markdown =
        "# Title\n\n![chart](chart.png)\n\n"
            + "word".repeat(80)
            + "\n\n"
            + cells
            + "|---".repeat(12)
            + "|\n"
            + cells;
    return HtmlPage.of(markdown);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 1400})
  void nothingOverflows(int width) throws IOException, InterruptedException {
    look(Files.writeString(folder.resolve("page.html"), page()), width);
  }

  /** Opens {@code page} that wide: its image loads, and nothing overflows. */
  private void look(Path page, int width) throws IOException, InterruptedException {
    assumeTrue(chromium().isPresent(), "no chromium on the PATH: the page is not looked at");
    // The page stands in a frame of that width, because a window has a least width of its own.
    String frame =
        """
        <!doctype html><body><iframe id="f" width="%d" height="800" src="%s"></iframe>
        <script>
        document.getElementById('f').onload = function () {
          const d = this.contentDocument;
          const broken = [...d.images].filter(i => !i.complete || i.naturalWidth === 0).length;
          document.body.textContent = 'width ' + d.documentElement.scrollWidth
            + ' of ' + d.documentElement.clientWidth + ' images ' + d.images.length
            + ' broken ' + broken + '.';
        };
        </script>
        """
            .formatted(width, page.toUri());
    String dom = dump(Files.writeString(folder.resolve("frame.html"), frame));
    int scrolls = number(dom, "width ");
    assertThat(scrolls).as(dom).isPositive().isLessThanOrEqualTo(number(dom, " of "));
    assertThat(dom).contains("images 1 broken 0.");
  }

  private static int number(String text, String after) {
    int start = text.indexOf(after);
    assertThat(start).as(text).isNotNegative();
    String rest = text.substring(start + after.length());
    return Integer.parseInt(rest.split("\\D", 2)[0]);
  }

  private String dump(Path page) throws IOException, InterruptedException {
    Path output = folder.resolve("dom.txt");
    Path log = folder.resolve("log.txt");
    Process browser =
        new ProcessBuilder(
                List.of(
                    chromium().orElseThrow().toString(),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--allow-file-access-from-files",
                    "--virtual-time-budget=5000",
                    "--enable-logging=stderr",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--window-size=1600,1000",
                    "--dump-dom",
                    page.toUri().toString()))
            .redirectOutput(output.toFile())
            .redirectError(log.toFile())
            .start();
    assertThat(browser.waitFor(60, TimeUnit.SECONDS)).as("the browser ends in time").isTrue();
    assertThat(Files.readString(log)).as("the browser's console").doesNotContain("CONSOLE");
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  @Test
  void thePageHasNoScript() throws IOException {
    assertThat(page()).doesNotContain("<script").contains("prefers-color-scheme: dark");
  }
}
