package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Trial;
import dev.unroll.train.Peers;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What the harness lends a running trial: its settings, what varies, random numbers, progress, and
 * a place for timings.
 */
public final class TrialContext {
  private final Settings settings;
  private final Trial trial;
  private final Path directory;
  private final Listener progress;
  private final int threads;
  private final Peers peers;
  private final Checkpoints checkpoints;
  private final Map<String, Double> timings = new TreeMap<>();

  /** Hears how far a trial is. */
  @FunctionalInterface
  public interface Listener {
    /** The trial is at {@code fraction} of its work; {@code message} may be empty. */
    void at(double fraction, String message);
  }

  /** A context of a run in {@code directory} whose progress goes to {@code progress}. */
  public TrialContext(Settings settings, Trial trial, Path directory, Listener progress) {
    this(settings, trial, directory, progress, 1, Peers.none(), Checkpoints.none());
  }

  /** A context of a trial that may use several threads, and processes that run it too. */
  public TrialContext(
      Settings settings,
      Trial trial,
      Path directory,
      Listener progress,
      int threads,
      Peers peers,
      Checkpoints checkpoints) {
    this.settings = settings;
    this.trial = trial;
    this.directory = directory;
    this.progress = progress;
    this.threads = threads;
    this.peers = peers;
    this.checkpoints = checkpoints;
  }

  /** Threads that the trial may use; they change no figure of it. */
  public int threads() {
    return threads;
  }

  /** The processes that share the trial; they change no figure of it. */
  public Peers peers() {
    return peers;
  }

  /** Where those processes can go on when one of them is lost. */
  public Checkpoints checkpoints() {
    return checkpoints;
  }

  /** The value of a setting. */
  public <T> T get(Setting<T> setting) {
    return settings.get(setting);
  }

  /** Every setting. */
  public Settings settings() {
    return settings;
  }

  /** Whether this trial lies on an axis. */
  public boolean has(String key) {
    return trial.variant().containsKey(key);
  }

  /** Whether the trial only helps to choose a setting, so that what its score needs is enough. */
  public boolean isTuning() {
    return Tuning.isOf(trial);
  }

  /** The text that this trial has on an axis. */
  public String text(String key) {
    return trial.text(key);
  }

  /** The whole number that this trial has on an axis. */
  public int number(String key) {
    return trial.number(key);
  }

  /** The number that this trial has on an axis. */
  public double real(String key) {
    return Double.parseDouble(trial.text(key));
  }

  /**
   * A stream of random numbers of its own for each purpose, so that drawing more for one does not
   * shift another; the same seed and purpose give the same stream in every trial.
   */
  public SplittableRandom random(String purpose) {
    // Mixed once more, because SplittableRandom merely counts on from its seed, so that seeds at
    // certain distances would give the same numbers a little later. hashCode of a String is
    // specified: the stream is the same on every JDK.
    long mixed = new SplittableRandom(trial.seed()).nextLong() ^ purpose.hashCode();
    return new SplittableRandom(new SplittableRandom(mixed).nextLong());
  }

  /** Tells how far the trial is, from 0 to 1. */
  public void progress(double fraction) {
    progress.at(fraction, "");
  }

  /** Tells how far the trial is, from 0 to 1, and in few words how it goes. */
  public void progress(double fraction, String message) {
    progress.at(fraction, message);
  }

  /** The seed of the trial. */
  public long seed() {
    return trial.seed();
  }

  /** A file of the trial's own in the run's folder, such as a checkpoint. */
  public Path file(String ending) {
    return directory.resolve(trial.label().replace(' ', '-') + ending);
  }

  /** Notes a time or speed; it goes to the provenance, not to the metrics. */
  public void timing(String name, double value) {
    timings.put(name, value);
  }

  /** What was timed. */
  public Map<String, Double> timings() {
    return Map.copyOf(timings);
  }
}
