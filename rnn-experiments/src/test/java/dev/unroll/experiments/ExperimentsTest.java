package dev.unroll.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentsTest {
  @TempDir private Path root;

  private Path run(String name, String folder, int threads, Map<String, String> overrides)
      throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Runner.Options options =
        new Runner.Options(true, List.of(1L), overrides, threads, root.resolve(folder), false);
    return new Runner(options, nowhere).run(Experiments.named(name));
  }

  static List<Experiment> all() {
    return Experiments.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyExperimentHasANameAQuestionSettingsAndTrials(Experiment experiment) {
    assertThat(experiment.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
    assertThat(experiment.question()).endsWith("?");
    assertThat(experiment.settings(true).json().propertyNames())
        .isEqualTo(experiment.settings(false).json().propertyNames())
        .isNotEmpty();
    for (boolean quick : new boolean[] {false, true}) {
      Settings settings = experiment.settings(quick);
      assertThat(settings.override(experiment.name(), Map.of())).isEqualTo(settings);
      assertThat(experiment.trials(settings, 1)).isNotEmpty();
    }
  }

  @Test
  void experimentNamesAreUniqueAndAnUnknownOneIsRefused() {
    assertThat(Experiments.names()).doesNotHaveDuplicates();
    assertThatThrownBy(() -> Experiments.named("copy-frist"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'copy-frist'")
        .hasMessageContaining("copy-first");
  }

  @Test
  void copyFirstWritesTheSameFilesOnOneAndTwoThreads() throws IOException {
    Map<String, String> tiny =
        Map.of("lengths", "3,4", "hidden_size", "9", "steps", "5", "samples", "7");
    Path one = run("copy-first", "one", 1, tiny);
    Path two = run("copy-first", "two", 2, tiny);
    for (String file : List.of("config.json", "metrics.jsonl", "result.json")) {
      assertThat(Files.readString(two.resolve(file)))
          .isEqualTo(Files.readString(one.resolve(file)));
    }
    Result result = ResultStore.read(one);
    assertThat(result.figures()).hasSize(6);
    assertThat(result.command()).contains("hidden_size=9").contains("lengths=3,4");
  }

  @Test
  void charLmLearnsSavesItsCheckpointAndRefusesATooShortText() throws IOException {
    Path text = Files.writeString(root.resolve("text.txt"), "hello world, ".repeat(200));
    Map<String, String> tiny =
        Map.of(
            "text", text.toString(),
            "cells", "gru",
            "hidden_size", "16",
            "batch_size", "4",
            "seq_length", "16",
            "learning_rate", ".02",
            "steps", "60");
    Path run = run("char-lm", "lm", 1, tiny);
    Result result = ResultStore.read(run);
    assertThat(result.figures().getFirst().mean()).isLessThan(1.2);
    assertThat(run.resolve("cell=gru-seed=1.safetensors")).exists();
    assertThatThrownBy(
            () -> run("char-lm", "lm", 1, Map.of("text", text.toString(), "batch_size", "999")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("give a longer text");
  }
}
