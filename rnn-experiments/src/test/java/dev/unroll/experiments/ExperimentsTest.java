package dev.unroll.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
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
    return run(name, folder, new ThreadPool(threads), overrides);
  }

  private Path run(String name, String folder, ThreadPool pool, Map<String, String> overrides)
      throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Runner.Options options =
        new Runner.Options(true, List.of(1L), overrides, pool, root.resolve(folder), false);
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

  /** Floats cost nothing, fewer bits a little, and what they cost is the same on two threads. */
  @Test
  void roundedWeightsAreHeldAgainstFloats() throws IOException {
    Path text = Files.writeString(root.resolve("text.txt"), "hello world, ".repeat(200));
    Map<String, String> tiny =
        new HashMap<>(Map.of("text", text.toString(), "cells", "lstm,min_gru", "steps", "30"));
    tiny.putAll(Map.of("hidden_size", "16", "samples", "4", "seq_length", "16", "window", "10"));
    tiny.putAll(Map.of("test_samples", "50", "state_steps", "300", "copy_length", "3"));
    Path one = run("rounded-weights", "one", 1, tiny);
    assertThat(Files.readString(run("rounded-weights", "two", 2, tiny).resolve("metrics.jsonl")))
        .isEqualTo(Files.readString(one.resolve("metrics.jsonl")));
    TrialRecord first = first(one);
    for (String difference : List.of("first_difference", "state_difference")) {
      double[] largest = first.numbers(difference);
      assertThat(largest[0]).isZero();
      assertThat(largest[1]).isBetween(1e-5, .05);
      assertThat(largest[2]).isBetween(1e-5, .05);
    }
    double[] bits = first.numbers("bits");
    assertThat(bits).doesNotHaveDuplicates().hasSize(3);
    assertThat(bits[1]).isCloseTo(bits[0], within(.05));
    assertThat(bits[2]).isCloseTo(bits[0], within(.05));
    assertThat(first.numbers("recalled")).hasSize(3);
    assertThat(Files.readString(one.resolve("report.md"))).contains("bits a character");
  }

  private static TrialRecord first(Path run) throws IOException {
    return Json.COMPACT.readValue(
        Files.readAllLines(run.resolve("metrics.jsonl")).getFirst(), TrialRecord.class);
  }

  /** At equal parameters the small cells are larger, and the baselines are there. */
  @Test
  void charLmComparesCellsAtEqualParametersBesideCountingAndCompression() throws IOException {
    Path text = Files.writeString(root.resolve("text.txt"), "hello world, ".repeat(200));
    Map<String, String> tiny =
        new HashMap<>(Map.of("text", text.toString(), "cells", "rnn_tanh,lstm", "steps", "2"));
    tiny.putAll(Map.of("hidden_size", "16", "batch_size", "4", "seq_length", "16"));
    tiny.put("sizes", "hidden,parameters");
    tiny.put("learning_rates", ".01,.1");
    Result result = ResultStore.read(run("char-lm", "equal", 1, tiny));
    List<List<String>> rows = result.tables().getFirst().rows();
    assertThat(rows)
        .extracting(List::getFirst)
        .containsExactly(
            "tanh RNN",
            "LSTM",
            "tanh RNN, enlarged",
            "unigram",
            "Kneser-Ney n-gram",
            "xz after the training part");
    int wanted = Integer.parseInt(rows.get(1).get(2).replace(",", ""));
    int enlarged = Integer.parseInt(rows.get(2).get(2).replace(",", ""));
    assertThat(enlarged).isCloseTo(wanted, within(100));
    assertThat(result.tables().getFirst().title()).contains("text.txt");
    assertThat(result.tables().getLast().rows())
        .extracting(List::getFirst)
        .containsExactly("tanh RNN", "LSTM", "tanh RNN, enlarged");
    assertThat(result.figures()).allMatch(figure -> "text.txt".equals(figure.where().get("text")));
    double[] baselines =
        result.figures().stream()
            .filter(figure -> figure.name().equals("baseline_loss"))
            .mapToDouble(Figure::mean)
            .toArray();
    assertThat(baselines[0]).isBetween(2.0, 2.3); // frequencies of ten characters
    assertThat(baselines[1]).isLessThan(.1); // what follows is certain
    assertThat(baselines[2]).isLessThan(.6);
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
            "learning_rates", ".02",
            "steps", "60");
    Path run = run("char-lm", "lm", 1, tiny);
    Result result = ResultStore.read(run);
    assertThat(result.figures().getFirst().mean()).isLessThan(1.2);
    assertThat(run.resolve("cell=gru-seed=1-best.safetensors")).exists();
    assertThatThrownBy(
            () -> run("char-lm", "lm", 1, Map.of("text", text.toString(), "batch_size", "999")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("give a longer text");
  }

  @Test
  void charLmInShardsLeavesTheSameBytesOnAnyNumberOfThreads() throws IOException {
    Path text = Files.writeString(root.resolve("text.txt"), "hello world, ".repeat(200));
    Map<String, String> tiny =
        new HashMap<>(Map.of("text", text.toString(), "cells", "gru", "hidden_size", "16"));
    tiny.putAll(Map.of("num_layers", "2", "dropout", ".2", "batch_size", "7", "seq_length", "8"));
    tiny.putAll(Map.of("steps", "40", "shard_size", "2"));
    Path one = run("char-lm", "one", new ThreadPool(1), tiny);
    Path three = run("char-lm", "three", new ThreadPool(1, 3), tiny);
    for (String file : List.of("metrics.jsonl", "result.json")) {
      assertThat(Files.readString(three.resolve(file)))
          .as(file)
          .isEqualTo(Files.readString(one.resolve(file)));
    }
    tiny.put("shard_size", "0");
    assertThat(first(run("char-lm", "whole", 1, tiny)).number("training_nats"))
        .isCloseTo(first(one).number("training_nats"), within(1e-3))
        .isNotEqualTo(first(one).number("training_nats"));
  }

  /** The held-out parts have the letters in another order, so that their loss soon rises again. */
  @Test
  void charLmKeepsTheModelThatWasBestOnTheValidationPart() throws IOException {
    Path text =
        Files.writeString(
            root.resolve("text.txt"), "hello world, ".repeat(240) + " ,dlrow olleh".repeat(60));
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "text", text.toString(),
                "cells", "gru",
                "hidden_size", "8",
                "num_layers", "2",
                "batch_size", "4",
                "seq_length", "16",
                "steps", "40",
                "eval_every", "4"));
    settings.putAll(Map.of("dropout", ".2", "schedule", "cosine", "warmup_steps", "4"));
    Path run = run("char-lm", "best", 1, settings);
    TrialRecord record = first(run);
    double[] curve = record.numbers("validation_curve");
    double best = Arrays.stream(curve).min().orElseThrow();
    assertThat(best).isLessThan(curve[curve.length - 1] - .01).isLessThan(curve[0]);
    CharModel kept = CharModel.load(run.resolve("cell=gru-seed=1-best.safetensors"));
    Corpus corpus =
        Corpus.of(Experiments.named("char-lm").settings(true).override("test", settings));
    HeldOutText split = HeldOutText.of(corpus, kept.vocabulary(), .1, 16, 4);
    assertThat(new StreamReader(kept.model(), split.validationStreams(), false).mean())
        .isEqualTo(best);
    assertThat(new StreamReader(kept.model(), split.testStreams(), false).mean())
        .isEqualTo(record.number("held_out_nats"));
    settings.put("patience", "2");
    TrialRecord early = first(run("char-lm", "early", 1, settings));
    assertThat(early.number("held_out_nats")).isEqualTo(record.number("held_out_nats"));
    assertThat(early.number("steps")).isEqualTo(early.number("best_step") + 8).isLessThan(40);
    settings.put("num_layers", "1");
    assertThatThrownBy(() -> run("char-lm", "one", 1, settings))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("dropout acts between layers");
  }
}
