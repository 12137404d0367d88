package dev.unroll.report.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ResultsTest {
  @Test
  void onlyPathsBelowTheReferenceAreInIt() {
    Path run = Results.reference("bench").resolve("a");
    assertThat(Results.inReference(run)).isTrue();
    assertThat(Results.inReference(run.toAbsolutePath())).isTrue();
    assertThat(Results.inReference(Results.own("bench").resolve("../../reference/x"))).isTrue();
    assertThat(Results.inReference(Results.own("bench").resolve("a"))).isFalse();
    assertThat(Results.inReference(Path.of("results/reference-2"))).isFalse();
  }
}
