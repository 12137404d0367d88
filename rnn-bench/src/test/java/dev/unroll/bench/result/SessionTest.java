package dev.unroll.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  @TempDir private Path path;

  @Test
  void aRunThatGoesOnIsNotCompleteUntilItEnds() {
    RunFolder folder = new RunFolder(path);
    Provenance provenance = Provenance.now(List.of(), 512);
    Run begun = new Run("quick", "the command", provenance, true, 60, List.of("busy"));
    Session session = new Session(folder, begun);
    session.save();
    assertThat(Run.of(folder).complete()).isFalse();
    session.end(List.of("shape 1 failed", "shape 2 failed"));
    Run run = Run.of(folder);
    assertThat(run.complete()).isTrue();
    assertThat(run.seconds()).isGreaterThanOrEqualTo(60);
    assertThat(run.provenance()).isEqualTo(provenance);
    assertThat(run.notes()).contains("busy", "shape 1 failed", "shape 2 failed");
  }
}
