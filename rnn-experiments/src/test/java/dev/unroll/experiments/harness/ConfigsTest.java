package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.report.run.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigsTest {
  private static final Settings BASE = new Settings(64, .01, List.of(5, 10), "lstm", true);

  record Settings(
      int hiddenSize, double learningRate, List<Integer> lengths, String cell, boolean bias) {
    Settings {
      Configs.require(hiddenSize > 0, "hidden_size must be at least 1.");
    }
  }

  @Test
  void everySettingIsWrittenOutAndCanBeOverridden() {
    assertThat(Configs.json(BASE).toString())
        .isEqualTo(
            "{\"hidden_size\":64,\"learning_rate\":0.01,\"lengths\":[5,10],"
                + "\"cell\":\"lstm\",\"bias\":true}");
    assertThat(
            Configs.override(
                "test",
                BASE,
                Map.of(
                    "hidden_size", "32",
                    "learning_rate", "1e-3",
                    "lengths", "7, 8,9",
                    "cell", "gru",
                    "bias", "false")))
        .isEqualTo(new Settings(32, .001, List.of(7, 8, 9), "gru", false));
  }

  @Test
  void whatDoesNotFitIsNamedInOneSentence() {
    assertMessage("hiden_size", "32", "has no setting 'hiden_size'");
    assertMessage("hidden_size", "big", "hidden_size takes a whole number");
    assertMessage("hidden_size", "1.5", "hidden_size takes a whole number");
    assertMessage("hidden_size", "99999999999", "hidden_size");
    assertMessage("hidden_size", "0", "hidden_size must be at least 1.");
    assertMessage("learning_rate", "fast", "learning_rate takes a number");
    assertMessage("lengths", "5,,6", "lengths takes a whole number");
    assertMessage("bias", "yes", "bias takes true or false");
  }

  private static void assertMessage(String key, String value, String part) {
    assertThatThrownBy(() -> Configs.override("test", BASE, Map.of(key, value)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("test")
        .hasMessageContaining(part)
        .hasMessageMatching("(?s).*\\.")
        .hasMessageNotContaining("\n");
  }
}
