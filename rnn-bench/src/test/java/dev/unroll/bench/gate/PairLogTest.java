package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairLogTest {
  private static final Gated X = new Gated("x", List.of("gemm"));

  @TempDir private Path folder;

  @Test
  void resumesAndDropsAHalfWrittenPair() throws IOException {
    Path file = folder.resolve("samples.jsonl");
    PairLog log = new PairLog(file, "this build");
    Synthetic.pairs(2, 1, "x", 1).forEach(log::add);
    Files.writeString(file, "{\"candidateFirst\":tr", StandardOpenOption.APPEND);

    PairLog again = new PairLog(file, "this build");
    assertThat(again.pairs()).hasSize(2);
    assertThat(Judge.evidence(again.pairs(), X, 0).slowdown())
        .usingRecursiveComparison()
        .isEqualTo(Judge.evidence(log.pairs(), X, 0).slowdown());
    again.add(Synthetic.pairs(1, 2, "x", 1).getFirst());
    assertThat(new PairLog(file, "this build").pairs()).hasSize(3);
  }

  @Test
  void refusesPairsOfAnotherBuildAndForeignFiles() throws IOException {
    Path file = folder.resolve("samples.jsonl");
    PairLog unused = new PairLog(file, "this build");
    assertThat(unused.pairs()).isEmpty();
    assertThatThrownBy(() -> new PairLog(file, "that build"))
        .hasMessageContaining("pairs of another build");
    Files.writeString(file, "not JSON\n");
    assertThatThrownBy(() -> new PairLog(file, "this build"))
        .hasMessageContaining("is not a file of pairs");
  }
}
