package dev.unroll.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Checkpoints;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Trial;
import dev.unroll.io.Safetensors;
import dev.unroll.train.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
  private static final int STEPS = 60;

  @TempDir private Path root;

  /** A training whose text begins again and whose evaluations lie between the checkpoints. */
  private Attempt train(
      int shardSize, String folder, Checkpoints checkpoints, TrialContext.Listener listener)
      throws IOException {
    Path text = Files.writeString(root.resolve("text.txt"), "hello world, ".repeat(200));
    Map<String, String> tiny =
        new HashMap<>(Map.of("text", text.toString(), "cells", "lstm", "hidden_size", "8"));
    tiny.putAll(Map.of("num_layers", "2", "dropout", ".2", "batch_size", "7", "seq_length", "8"));
    tiny.putAll(Map.of("steps", "" + STEPS, "eval_every", "7", "schedule", "cosine"));
    tiny.put("shard_size", "" + shardSize);
    Experiment experiment = Experiments.named("char-lm");
    Settings all = experiment.settings(true).override("char-lm", tiny);
    Trial trial = experiment.trials(all, 1).getFirst();
    return Attempt.at(
        experiment,
        new TrialContext(
            experiment.settings(all, experiment.chosen(all, trial, List.of())),
            trial,
            Files.createDirectories(root.resolve(folder)),
            listener,
            1,
            Peers.none(),
            checkpoints));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aTrainingThatWasLostGoesOnWithTheSameBits(int shardSize) throws IOException {
    Attempt whole = train(shardSize, "whole", Checkpoints.none(), (at, said) -> {});
    Checkpoints checkpoints = new Checkpoints(root.resolve("kept"), "lm", 10);
    assertThatThrownBy(
            () ->
                train(
                    shardSize,
                    "lost",
                    checkpoints,
                    (at, said) -> {
                      if (at > 47.5 / (STEPS + 1)) {
                        throw new IllegalStateException("lost");
                      }
                    }))
        .hasMessage("lost");
    List<Double> seen = new ArrayList<>();
    Attempt resumed = train(shardSize, "resumed", checkpoints, (at, said) -> seen.add(at));
    assertThat(seen.getFirst()).isEqualTo(41.0 / (STEPS + 1));
    assertThat(resumed.figures()).isEqualTo(whole.figures());
    String model = "cell=lstm-seed=1-best.safetensors";
    assertThat(root.resolve("resumed").resolve(model))
        .hasSameBinaryContentAs(root.resolve("whole").resolve(model));
  }

  @Test
  void theLastTwoStayAndTheNewestCounts() throws IOException {
    Checkpoints some = new Checkpoints(root.resolve("kept"), "lm", 5);
    Checkpoints others = new Checkpoints(root.resolve("kept"), "lm2", 5);
    assertThat(some.newest(Peers.none())).isEmpty();
    others.write(100, new Safetensors(Map.of(), Map.of("step", "100")));
    for (int step = 1; step <= 15; step++) {
      if (some.isDue(step)) {
        some.write(step, new Safetensors(Map.of(), Map.of("step", "" + step)));
      }
    }
    assertThat(root.resolve("kept"))
        .isDirectoryNotContaining("glob:**lm-5.*")
        .isDirectoryContaining("glob:**lm-10.*");
    assertThat(some.newest(Peers.none()).orElseThrow().metadata()).containsEntry("step", "15");
    assertThat(Checkpoints.none().isDue(5)).isFalse();
    some.clear();
    assertThat(root.resolve("kept"))
        .isDirectoryNotContaining("glob:**lm-*")
        .isDirectoryContaining("glob:**lm2-100.*");
  }
}
