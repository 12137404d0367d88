package dev.unroll.experiments.harness;

import java.io.Console;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is: a bar with the time left on a terminal, and elsewhere a plain line now and
 * then, which reads well in a log.
 */
final class Progress implements AutoCloseable {
  private static final int TICKS = 1000;
  private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final PrintStream out;
  private final String name;
  private final double total;
  private final int trials;
  private final long start = System.nanoTime();
  private final @Nullable ProgressBar bar;
  private final double before;
  private double done;
  private int doneTrials;
  private long lastLine = start - LINE_EVERY_NANOS;

  /** Progress over {@code trials} trials of {@code total} work, of which some is done before. */
  Progress(PrintStream out, String name, int trials, int doneTrials, double total, double before) {
    this.out = out;
    this.name = name;
    this.trials = trials;
    this.doneTrials = doneTrials;
    this.total = total;
    this.before = before;
    this.done = before;
    this.bar =
        onTerminal()
            ? new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(TICKS)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .build()
            : null;
    if (bar != null) {
      bar.stepTo(ticks());
    }
  }

  @SuppressWarnings("SystemConsoleNull") // with JDK 25's default console it is null in a pipe
  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Some of a trial's work is done; {@code message} tells how it goes, or is empty. */
  synchronized void advance(double work, String message) {
    done += work;
    if (bar != null) {
      bar.stepTo(ticks());
      if (!message.isEmpty()) {
        bar.setExtraMessage(" " + message);
      }
    } else if (System.nanoTime() - lastLine > LINE_EVERY_NANOS) {
      line("  " + message);
    }
  }

  /** A trial is finished; {@code what} tells its result in few words. */
  synchronized void finished(String what) {
    doneTrials++;
    if (bar != null) {
      bar.setExtraMessage(" " + what);
    } else if (System.nanoTime() - lastLine > LINE_EVERY_NANOS / 5 || doneTrials == trials) {
      line("  " + what);
    }
  }

  private void line(String what) {
    lastLine = System.nanoTime();
    out.printf("%s: %d of %d trials, %s%s%n", name, doneTrials, trials, timeLeft(), what);
  }

  private String timeLeft() {
    if (doneTrials == trials) {
      return "done";
    }
    double fraction = (done - before) / (total - before);
    if (fraction <= 0) {
      return "starting";
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    long left = Math.round(elapsed / fraction - elapsed);
    return left >= 120 ? left / 60 + " min left" : left + " s left";
  }

  private long ticks() {
    return Math.min(TICKS, Math.round(TICKS * done / total));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
