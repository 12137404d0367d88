package dev.unroll.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsTest {
  @TempDir private Path root;

  /** As it happens when the clock is set back, or two programs begin in the same second. */
  @Test
  void aSecondRunAtTheSameTimeHasAFolderOfItsOwn() {
    LocalDateTime time = LocalDateTime.of(2026, 10, 25, 2, 59, 59);
    assertThat(Runs.next(root, "quick", time).name()).isEqualTo("2026-10-25-025959-quick");
    assertThat(Runs.next(root, "quick", time).name()).isEqualTo("2026-10-25-030000-quick");
    assertThat(Runs.next(root, "full", time).name()).isEqualTo("2026-10-25-025959-full");
  }

  @Test
  void aRunWithoutAKindIsRefused() throws IOException {
    Run run = Run.begin("quick", List.of());
    Path file = root.resolve(Run.FILE);
    Files.writeString(file, Json.PRETTY.writeValueAsString(run));
    assertThat(Run.of(new RunFolder(root))).isEqualTo(run);
    Files.writeString(file, Files.readString(file).replace("\"quick\"", "\"\""));
    assertThatThrownBy(() -> Run.of(new RunFolder(root)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the kind is empty");
  }
}
