package dev.unroll.report.run;

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
public final class Progress implements AutoCloseable {
  private static final int TICKS = 1000;
  private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final PrintStream out;
  private final String name;
  private final double total;
  private final String unit;
  private final int count;
  private final long start = System.nanoTime();
  private final @Nullable ProgressBar bar;
  private final double before;
  private double done;
  private int doneCount;
  private long lastLine = start - LINE_EVERY_NANOS;

  /**
   * Progress that begins now.
   *
   * @param name what is running
   * @param unit what is counted, such as trials
   * @param count how many there are
   * @param doneCount how many were finished before
   * @param total the work of all, in any unit
   * @param before the work that was done before
   */
  public Progress(
      PrintStream out,
      String name,
      String unit,
      int count,
      int doneCount,
      double total,
      double before) {
    this.out = out;
    this.name = name;
    this.unit = unit;
    this.count = count;
    this.doneCount = doneCount;
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

  /** Progress on standard output that begins now, of {@code count} pieces of work alike. */
  public Progress(String name, String unit, int count, int doneCount) {
    this(System.out, name, unit, count, doneCount, count, doneCount);
  }

  @SuppressWarnings("SystemConsoleNull") // with JDK 25's default console it is null in a pipe
  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Some work is done; {@code message} tells how it goes, or is empty. */
  public synchronized void advance(double work, String message) {
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

  /** One is finished with this last work; {@code what} tells its result in few words. */
  public synchronized void finished(double work, String what) {
    done += work;
    doneCount++;
    if (bar != null) {
      bar.stepTo(ticks());
      bar.setExtraMessage(" " + what);
    } else if (System.nanoTime() - lastLine > LINE_EVERY_NANOS / 5 || doneCount == count) {
      line("  " + what);
    }
  }

  private void line(String what) {
    lastLine = System.nanoTime();
    out.printf("%s: %d of %d %s, %s%s%n", name, doneCount, count, unit, timeLeft(), what);
  }

  private String timeLeft() {
    if (doneCount == count) {
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
