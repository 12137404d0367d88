package dev.unroll.cluster;

import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.run.Json;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One trial as text: all that an executor is told.
 *
 * @param experiment its name
 * @param quick whether the settings are those of the quick form
 * @param overrides what the user laid over them, by name
 * @param trial what varies, and the seed
 * @param chosen what trials before it have chosen for it
 * @param inputs what tells the files that it reads from others
 * @param driver what the executor has to be like
 */
record Assignment(
    String experiment,
    boolean quick,
    Map<String, String> overrides,
    ObjectNode trial,
    @Nullable Double chosen,
    String inputs,
    Fingerprint driver) {
  /** The text of a trial to run. */
  static String of(Backend.Sweep sweep, Backend.Request request, String inputs) {
    return Json.COMPACT.writeValueAsString(
        new Assignment(
            sweep.experiment().name(),
            sweep.quick(),
            sweep.overrides(),
            request.trial().key(),
            request.chosen(),
            inputs,
            Fingerprint.here()));
  }

  /** The settings of the run, without what was chosen. */
  Settings settings(Experiment named) {
    return named.settings(quick).override(experiment, overrides);
  }

  /** The trial among those that the experiment has. */
  Trial trial(Experiment named, Settings all) {
    return Stream.concat(
            named.tuningTrials(all).stream(),
            named.trials(all, trial.get("seed").asLong()).stream())
        .filter(one -> one.key().toString().equals(trial.toString()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(experiment + " has no trial " + trial));
  }
}
