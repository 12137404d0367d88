package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.report.run.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static final Setting<Integer> HIDDEN_SIZE = Setting.count("hidden_size", 1);
  private static final Setting<Double> LEARNING_RATE = Setting.positive("learning_rate");
  private static final Setting<List<Integer>> LENGTHS = Setting.counts("lengths", 2);
  private static final Setting<String> CELL = Setting.text("cell");
  private static final Settings BASE =
      new Settings()
          .with(HIDDEN_SIZE, 64)
          .with(LEARNING_RATE, .01)
          .with(LENGTHS, 5, 10)
          .with(CELL, "lstm")
          .require("lengths must be below hidden_size.", SettingsTest::below);

  private static boolean below(Settings all) {
    return all.get(LENGTHS).stream().allMatch(length -> length < all.get(HIDDEN_SIZE));
  }

  @Test
  void jsonHasEverySettingInOrder() {
    assertThat(BASE.json().toString())
        .isEqualTo(
            "{\"hidden_size\":64,\"learning_rate\":0.01,\"lengths\":[5,10],"
                + "\"cell\":\"lstm\"}");
  }

  @Test
  void jsonLeavesOutAnUnsaidValueOnly() {
    Setting<Double> dropout = Setting.number("dropout").unsaidAt(0.0).require(p -> p < 1, "");
    Settings settings = new Settings().with(HIDDEN_SIZE, 64).with(dropout, 0.0);
    assertThat(settings.json().toString()).isEqualTo("{\"hidden_size\":64}");
    assertThat(settings.override("test", Map.of("dropout", ".5")).json().toString())
        .isEqualTo("{\"hidden_size\":64,\"dropout\":0.5}");
  }

  @Test
  void textsMayBeOnlyThoseThatThereAre() {
    Settings settings = new Settings().with(Setting.texts("tasks", List.of("a", "b")), "a");
    assertThat(settings.override("test", Map.of("tasks", "b,a")).json().toString())
        .isEqualTo("{\"tasks\":[\"b\",\"a\"]}");
    assertThatThrownBy(() -> settings.override("test", Map.of("tasks", "a,c")))
        .isInstanceOf(InputException.class)
        .hasMessage("test: tasks knows no 'c'; there are a, b.");
  }

  @Test
  void overrideReplacesEveryKindOfValue() {
    Settings changed =
        BASE.override(
            "test",
            Map.of(
                "hidden_size", "32",
                "learning_rate", "1e-3",
                "lengths", "7, 8,9",
                "cell", "gru"));
    assertThat(changed)
        .isEqualTo(
            new Settings()
                .with(HIDDEN_SIZE, 32)
                .with(LEARNING_RATE, .001)
                .with(LENGTHS, 7, 8, 9)
                .with(CELL, "gru"));
    assertThat(changed.get(LENGTHS)).containsExactly(7, 8, 9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hiden_size | 32 | has no setting 'hiden_size': did you mean hidden_size?",
        "hidden_size | big | hidden_size takes a whole number",
        "hidden_size | 1.5 | hidden_size takes a whole number",
        "hidden_size | 99999999999 | hidden_size takes a whole number",
        "hidden_size | 1e999999999 | hidden_size takes a whole number",
        "hidden_size | 0 | hidden_size must be at least 1.",
        "learning_rate | fast | learning_rate takes a number",
        "learning_rate | 1e999 | learning_rate takes a number",
        "learning_rate | NaN | learning_rate takes a number",
        "learning_rate | 0 | learning_rate must be positive.",
        "lengths | 5,,6 | lengths takes a whole number",
        "lengths | 5,1 | lengths must be at least 2.",
        "lengths | 64 | lengths must be below hidden_size.",
        "lengths | 5,7,5 | lengths must not have a value twice.",
      })
  void overrideRefusesWithOneSentenceThatNamesTheSetting(String name, String value, String part) {
    assertThatThrownBy(() -> BASE.override("test", Map.of(name, value)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("test")
        .hasMessageContaining(part)
        .hasMessageMatching(".*[.?]");
  }

  @Test
  void anExperimentMayAllowLessThanTheSharedSetting() {
    Setting<Integer> even = HIDDEN_SIZE.require(size -> size % 2 == 0, "must be even.");
    Settings settings = new Settings().with(even, 4);
    assertThat(settings.override("test", Map.of("hidden_size", "6")).get(HIDDEN_SIZE)).isEqualTo(6);
    assertThatThrownBy(() -> settings.override("test", Map.of("hidden_size", "7")))
        .hasMessage("test: hidden_size must be even.");
    assertThatThrownBy(
            () -> settings.with(HIDDEN_SIZE, 8).override("t", Map.of("hidden_size", "7")))
        .hasMessage("t: hidden_size must be even.");
  }
}
