package dev.unroll.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WithoutWarningTest {
  private static final String LINE = "WARNING: Using incubator modules: jdk.incubator.vector\n";

  private static String through(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out =
        WithoutWarning.of(new PrintStream(bytes, true, StandardCharsets.UTF_8))) {
      out.print(text);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void onlyThatLineIsDropped() {
    assertThat(through("a\n" + LINE + LINE + "WARNING: Using a\n\nWARN" + LINE + "µ"))
        .isEqualTo("a\nWARNING: Using a\n\nWARN" + LINE + "µ");
    assertThat(through("WARNING: Using incubator")).isEqualTo("WARNING: Using incubator");
  }

  @Test
  void aLineThatHasOnlyBegunIsShownAtOnce() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WithoutWarning.of(new PrintStream(bytes, true, StandardCharsets.UTF_8)).print("Iteration 1: ");
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("Iteration 1: ");
  }
}
