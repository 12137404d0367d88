package dev.unroll.cluster;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;

/** Trials that wait for a while, of which some can be made to go wrong; nobody's to run. */
final class Drill {
  private static final Setting<Integer> TRIALS = Setting.count("trials", 1);
  private static final Setting<Integer> MILLIS = Setting.count("millis", 0);

  /** The trials of these numbers, from 1, go wrong; none is 0. */
  private static final Setting<Integer> THROWS = Setting.count("throws", 0);

  private static final Setting<Integer> FILLS_HEAP = Setting.count("fills_heap", 0);
  private static final Setting<Integer> HALTS = Setting.count("halts", 0);

  static final Experiment EXPERIMENT =
      Experiment.of("drill", Drill::trial)
          .settings(
              new Settings()
                  .with(TRIALS, 10)
                  .with(MILLIS, 0)
                  .with(THROWS, 0)
                  .with(FILLS_HEAP, 0)
                  .with(HALTS, 0))
          .seeds(1)
          .over(Axis.range("i", 1, all -> all.get(TRIALS), 1))
          .measure(Measure.of("drawn"));

  private Drill() {}

  private static Measured trial(TrialContext trial) {
    int i = trial.number("i");
    sleep(trial.get(MILLIS));
    if (i == trial.get(THROWS)) {
      throw new IllegalStateException("thrown on purpose");
    }
    if (i == trial.get(FILLS_HEAP)) {
      Object[] all = {};
      while (true) {
        all = new Object[] {all, new long[1 << 20]};
      }
    }
    if (i == trial.get(HALTS)) {
      Runtime.getRuntime().halt(1);
    }
    return new Measured().put("drawn", trial.random("drill" + i).nextDouble());
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
