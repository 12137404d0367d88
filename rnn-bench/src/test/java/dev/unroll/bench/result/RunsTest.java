package dev.unroll.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalDateTime;
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
}
