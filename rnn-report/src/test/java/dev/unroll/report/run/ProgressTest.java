package dev.unroll.report.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long nanos;

  private Progress progress(int count) {
    return new Progress(
        new PrintStream(bytes, true, StandardCharsets.UTF_8),
        "run",
        "trials",
        count,
        0,
        count,
        0,
        false,
        () -> nanos);
  }

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void at(double seconds) {
    nanos = Math.round(1e9 * seconds);
  }

  @Test
  void aSlowStartMakesNoLongEstimate() {
    try (Progress progress = progress(10)) {
      at(2.5);
      progress.advance(0.01, "compiling"); // at this rate the run would take 40 minutes
      for (int trial = 1; trial <= 10; trial++) {
        at(2.5 + trial);
        progress.finished(trial == 1 ? 0.99 : 1, "fast");
      }
    }
    assertThat(lines())
        .containsExactly("run: 0 of 10 trials  compiling", "run: 10 of 10 trials, done  fast");
  }

  @Test
  void thereIsALineAMinuteAndItsEstimateLeavesTheWarmUpOut() {
    try (Progress progress = progress(1000)) {
      for (int second = 1; second <= 125; second++) {
        at(second);
        progress.finished(second <= 3 ? 0 : 1, "");
      }
    }
    assertThat(lines())
        .containsExactly(
            "run: 2 of 1000 trials  ",
            "run: 62 of 1000 trials, 15 min left  ",
            "run: 122 of 1000 trials, 14 min left  ");
  }
}
