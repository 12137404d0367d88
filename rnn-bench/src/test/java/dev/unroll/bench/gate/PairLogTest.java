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
    List<Pair> before = Synthetic.pairs(2, 1, "x", 1);
    try (PairLog log = new PairLog(file, "this build")) {
      for (Pair pair : before) {
        log.add(pair);
      }
    }
    Files.writeString(file, "{\"subject\":\"thi", StandardOpenOption.APPEND);
    try (PairLog log = new PairLog(file, "this build")) {
      assertThat(log.pairs()).hasSize(2);
      assertThat(Judge.evidence(log.pairs(), X, 0, Clock.WALL).slowdown())
          .usingRecursiveComparison()
          .isEqualTo(Judge.evidence(before, X, 0, Clock.WALL).slowdown());
      log.add(Synthetic.pairs(1, 2, "x", 1).getFirst());
    }
    try (PairLog log = new PairLog(file, "this build")) {
      assertThat(log.pairs()).hasSize(3);
    }
  }

  @Test
  void refusesPairsOfAnotherBuildAndForeignFiles() throws IOException {
    Path file = folder.resolve("samples.jsonl");
    try (PairLog log = new PairLog(file, "this build")) {
      assertThat(log.pairs()).isEmpty();
      log.add(Synthetic.pairs(1, 1, "x", 1).getFirst());
    }
    assertThatThrownBy(() -> new PairLog(file, "that build"))
        .hasMessageContaining("pairs of another build");
    Files.writeString(file, "not JSON\n");
    assertThatThrownBy(() -> new PairLog(file, "this build"))
        .hasMessageContaining("samples.jsonl is damaged in line 1");
  }
}
