package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.page.GeneratedPages;
import dev.unroll.report.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The generated parts of the README and the committed reports are what the results say. */
class ReadmeTest {
  // Surefire runs in the module's folder.
  private static final Path ROOT = Path.of("..");
  private static final Path RESULTS = ROOT.resolve(Results.reference("experiments"));

  @Test
  void thePagesAgreeWithTheResults() throws IOException {
    for (Map.Entry<Path, String> page :
        GeneratedPages.fill(ROOT, part -> Report.part(part, ROOT)).entrySet()) {
      assertThat(Files.readString(page.getKey()))
          .as("%s is out of date; run: ./unroll report", page.getKey())
          .isEqualTo(page.getValue());
    }
  }

  @Test
  void everyCommittedRunCanBeRead() throws IOException {
    for (Path run : ResultStore.finishedUnder(RESULTS)) {
      assertThat(ResultStore.read(run).figures()).as(run.toString()).isNotEmpty();
    }
  }
}
