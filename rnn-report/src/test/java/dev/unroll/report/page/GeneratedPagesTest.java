package dev.unroll.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedPagesTest {
  private static final String PART =
      "before\n<!-- begin generated: a -->\nstale\n<!-- end generated -->\nafter\n";

  @TempDir private Path home;

  @Test
  void partsAreFilledAndLinksFollowThePage() throws IOException {
    Path readme = Files.writeString(home.resolve("README.md"), PART);
    Path page = Files.createDirectories(home.resolve("results")).resolve("bench.md");
    Files.writeString(page, PART);
    GeneratedPages.write(home, name -> "[" + name + "](results/reference/x)\n");
    assertThat(readme).content().isEqualTo(filled("[a](results/reference/x)\n"));
    assertThat(page).content().isEqualTo(filled("[a](reference/x)\n"));
    GeneratedPages.write(home, name -> null);
    assertThat(page).content().isEqualTo(filled("[a](reference/x)\n"));
  }

  private static String filled(String body) {
    return PART.replace("stale\n", body);
  }
}
