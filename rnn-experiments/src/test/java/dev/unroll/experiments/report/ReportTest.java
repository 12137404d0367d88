package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.experiments.notebook.Notebooks;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir private static Path root;

  @BeforeAll
  static void runOneExperiment() throws IOException {
    Runner.Options options =
        new Runner.Options(false, null, Map.of(), new ThreadPool(2), root, false);
    new Runner(
            options,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .run(Notebooks.ALL.getFirst());
    Report.writeAll(root);
  }

  @Test
  void thePageNeedsOnlyTheChartsBesideIt() throws IOException {
    String page = Files.readString(root.resolve("exact").resolve("report.html"));
    assertThat(page).contains("Verdict:").contains("inside its band");
    assertThat(page)
        .doesNotContain("http://")
        .doesNotContain("<script src")
        .doesNotContain("base64");
    List<String> images =
        Pattern.compile("<img src=\"([^\"]+)\"")
            .matcher(page)
            .results()
            .map(m -> m.group(1))
            .toList();
    assertThat(images)
        .isNotEmpty()
        .allSatisfy(image -> assertThat(root.resolve("exact").resolve(image)).exists());
  }

  @Test
  void theSameFilesGiveTheSameReport() throws IOException {
    Path report = root.resolve("exact").resolve("report.md");
    String text = Files.readString(report);
    Report.writeAll(root);
    assertThat(report).hasContent(text);
    assertThat(text).contains("[result.json](result.json)");
  }

  @Test
  void aPartOfAPageIsMadeFromTheRunsThatThereAre() throws IOException {
    assertThat(Report.part("exact", root, "link/")).contains("](link/exact/report.md)");
    assertThat(Report.part("experiments", root, "link/")).contains("[exact](link/exact/report.md)");
    assertThat(Report.part("unknown", root, "link/")).isNull();
  }

  @Test
  void aRunThatIsNotFinishedIsNamedAndNotJudged(@TempDir Path other) throws IOException {
    Path half = Files.createDirectories(root.resolve("half"));
    Files.writeString(half.resolve("metrics.jsonl"), "{\"trial\":{}}\n{\"trial\":{}}\n");
    assertThat(Report.part("experiments", root, "link/"))
        .contains("not judged: [half](link/half/metrics.jsonl) (2 trials).")
        .doesNotContain("half/report.md");
    Files.move(half, other.resolve("half"));
    assertThat(Report.part("experiments", root, "link/")).doesNotContain("not judged:");
  }

  @Test
  void theUsualRunIsPublishedAndElseTheNewest(@TempDir Path other) throws IOException {
    copy(other.resolve("exact-1"), "2026-11-02");
    Path newer = copy(other.resolve("exact-2"), "2026-11-03");
    assertThat(Report.published(other)).containsExactly(newer);
    Path usual = copy(other.resolve("exact"), "2026-11-01");
    assertThat(Report.published(other)).containsExactly(usual);
  }

  /** The run as if it had begun on another day. */
  private static Path copy(Path to, String day) throws IOException {
    Files.createDirectories(to);
    for (String name : List.of("result.json", "provenance.json")) {
      String text = Files.readString(root.resolve("exact").resolve(name));
      Files.writeString(
          to.resolve(name),
          text.replaceAll("\"date\" : \"\\d{4}-\\d\\d-\\d\\d", "\"date\" : \"" + day));
    }
    return to;
  }

  @Test
  void withoutRunsThereIsNothingToReport(@TempDir Path empty) {
    assertThatThrownBy(() -> Report.writeAll(empty))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no finished run");
  }
}
