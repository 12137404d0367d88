package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.harness.Settings;
import dev.unroll.report.run.InputException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FootprintTest {
  private static final Settings BASE =
      new Settings()
          .with(Learning.HIDDEN_SIZE, 100)
          .with(Learning.SAMPLES, 10)
          .with(Learning.LENGTHS, 5, 50);

  private static void require(Map<String, String> overrides, long available) {
    Footprint.require("test", BASE.override("test", overrides), available);
  }

  @Test
  void whatFitsPasses() {
    // 4 (4 x 100^2 + 10 x 50 x 100)
    assertThatCode(() -> require(Map.of(), 360_000)).doesNotThrowAnyException();
    assertThatThrownBy(() -> require(Map.of(), 359_999)).hasMessageContaining("at least 0.0 GB");
  }

  @ParameterizedTest
  @CsvSource({"hidden_size,1000000000", "lengths,2147483647", "samples,100000000"})
  void whatNoArrayHoldsIsRefused(String setting, String value) {
    assertThatThrownBy(() -> require(Map.of(setting, value), Long.MAX_VALUE))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("test: these settings need an array of");
  }

  @Test
  void whatMemoryDoesNotHoldIsRefused() {
    assertThatThrownBy(() -> require(Map.of("hidden_size", "10000"), 1_000_000_000))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("at least 1.6 GB of memory, and there are 1.0 GB");
  }
}
