package dev.unroll.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsIndexTest {
  @TempDir private Path results;

  @Test
  void everyReportIsLinkedUnderItsFolder() {
    RunReport.write(folder("bench", "a"), "# Quick run\n\nA step takes 2 µs | not 3.\n");
    folder("gate", "b").write("report.md", "# Gate\n");
    folder("gate", "d")
        .write("report.md", "# d\n\n**Question.** Does it?\n\n**What happened.** It learned.\n");
    folder("gate", "unfinished").write("run.json", "{}");
    folder("runs", "bench", "c").write("report.md", "# Mine\n");
    assertThat(ResultsIndex.write(results, "runs.html", Map.of("Findings", "index.html")))
        .content()
        .contains(
            "<a href=\"index.html\">Findings</a>",
            "<h2>bench</h2>",
            "<h2>gate</h2>",
            "<h2>runs/bench</h2>")
        .contains("href=\"bench/a/report.html\"", "2 µs | not 3.")
        .contains("<td>It learned.</td>")
        .contains("href=\"gate/b/report.md\"", "href=\"runs/bench/c/report.md\"")
        .doesNotContain("unfinished", "<h2>Runs</h2>");
    assertThat(ResultsIndex.write(results.resolve("gate"), "index.html", Map.of()))
        .content()
        .contains("<h2>Runs</h2>", "href=\"b/report.md\"");
  }

  private RunFolder folder(String... names) {
    return new RunFolder(results.resolve(Path.of("", names)));
  }
}
