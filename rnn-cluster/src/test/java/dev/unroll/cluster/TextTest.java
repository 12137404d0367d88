package dev.unroll.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.Experiments;
import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.run.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** What travels is text, and says the same at the other end. */
class TextTest {
  @TempDir private Path folder;

  private static Reply run(String assignment) {
    Iterator<String> one = CollectionConverters.asScala(List.of(assignment).iterator());
    return Json.COMPACT.readValue(new TrialTask().apply(one), Reply.class);
  }

  private static String assignment(
      Experiment experiment, Map<String, String> overrides, Trial trial) {
    Settings all = experiment.settings(true).override(experiment.name(), overrides);
    return Assignment.of(
        new Backend.Sweep(experiment, true, overrides, all, Path.of("")),
        new Backend.Request(trial, experiment.chosen(all, trial, List.of())),
        experiment.fingerprint(all));
  }

  @Test
  void everyExperimentsTrialsAreFoundAgain() {
    for (Experiment experiment : Experiments.all()) {
      Settings all = experiment.settings(true);
      List<Trial> tuning = experiment.tuningTrials(all);
      Trial trial = (tuning.isEmpty() ? experiment.trials(all, 12) : tuning).getLast();
      Assignment read =
          Json.COMPACT.readValue(assignment(experiment, Map.of(), trial), Assignment.class);
      assertThat(read.settings(experiment)).isEqualTo(all);
      assertThat(read.trial(experiment, all)).isEqualTo(trial);
      assertThat(read.chosen()).isEqualTo(experiment.chosen(all, trial, List.of()));
    }
  }

  @Test
  void aTrialMeasuresTheSameAsText() {
    Experiment experiment = Experiments.named("copy-first");
    Map<String, String> overrides = Map.of("steps", "2", "cells", "gru");
    Settings all = experiment.settings(true).override("copy-first", overrides);
    Trial trial = experiment.trials(all, 3).getLast();
    Attempt here = Attempt.at(experiment, new TrialContext(all, trial, folder, (at, said) -> {}));
    Attempt there = Objects.requireNonNull(run(assignment(experiment, overrides, trial)).attempt());
    assertThat(String.valueOf(there.figures())).isEqualTo(String.valueOf(here.figures()));
  }

  @Test
  void whatATrialThrowsIsOneSentence() {
    Trial trial = Drill.EXPERIMENT.trials(Drill.EXPERIMENT.settings(true), 1).getFirst();
    Reply reply = run(assignment(Drill.EXPERIMENT, Map.of("throws", "1"), trial));
    assertThat(reply.attempt()).isNull();
    assertThat(reply.error()).isEqualTo("java.lang.IllegalStateException: thrown on purpose");
  }

  @Test
  void filesOfATrialComeBack() throws Exception {
    Files.write(folder.resolve("model.bin"), new byte[] {0, -1, 10});
    Reply reply = Reply.of(new Attempt(null, null, Map.of(), null), folder);
    Reply read = Json.COMPACT.readValue(Json.COMPACT.writeValueAsString(reply), Reply.class);
    assertThat(read.files()).containsOnlyKeys("model.bin");
    assertThat(read.files().get("model.bin")).containsExactly(0, -1, 10);
  }

  @Test
  void whatMayChangeBitsIsToldApart() {
    Fingerprint driver = new Fingerprint("code", "25.0.3", 512, "probe");
    assertThat(driver.difference(driver)).isNull();
    assertThat(driver.difference(new Fingerprint("code", "25.0.3", 128, "probe"))).isNull();
    assertThat(driver.difference(new Fingerprint("other", "25.0.3", 512, "probe")))
        .contains("another build");
    assertThat(driver.difference(new Fingerprint("code", "25.0.4", 512, "probe")))
        .contains("has Java 25.0.4 and the driver 25.0.3");
    assertThat(driver.difference(new Fingerprint("code", "25.0.3", 256, "other")))
        .contains("computes other bits")
        .contains("256 bits");
    assertThat(Fingerprint.here().probe()).hasSize(64);
  }
}
