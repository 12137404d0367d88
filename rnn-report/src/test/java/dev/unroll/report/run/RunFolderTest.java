package dev.unroll.report.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir private Path root;

  /** Not even where the disk is so full that nothing comes after it. */
  @Test
  void nothingIsLeftOfWhatIsDiscarded() throws IOException {
    RunFolder run = new RunFolder(root.resolve("run")).make();
    Files.writeString(run.path().resolve("result.json"), "{}");
    Files.createDirectories(root.resolve(".run.discarded.1/charts"));
    run.discard();
    assertThat(root).isEmptyDirectory();
  }
}
