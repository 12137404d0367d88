package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.page.GeneratedParts;
import dev.unroll.report.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The generated parts of the README and the committed reports are what the results say. */
class ReadmeTest {
  // Surefire runs in the module's folder.
  private static final Path ROOT = Path.of("..");
  private static final Path RESULTS = ROOT.resolve(Results.reference("experiments"));

  @Test
  void theReadmeAgreesWithTheResults() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    assertThat(GeneratedParts.of(readme)).containsKey("experiments");
    assertThat(Report.fill(readme, RESULTS, "results/reference/experiments/"))
        .as("README.md is out of date; run: mvn -pl rnn-experiments exec -Dargs=\"report\"")
        .isEqualTo(readme);
  }

  @Test
  void everyCommittedRunCanBeRead() throws IOException {
    for (Path run : ResultStore.finishedUnder(RESULTS)) {
      assertThat(ResultStore.read(run).figures()).as(run.toString()).isNotEmpty();
    }
  }
}
