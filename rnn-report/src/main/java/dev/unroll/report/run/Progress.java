package dev.unroll.report.run;

import java.io.Console;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is: a bar with the time left on a terminal, and elsewhere a plain line soon and
 * then one a minute, which reads well in a log.
 */
public final class Progress implements AutoCloseable {
  private static final int TICKS = 1000;
  private static final double FIRST_LINE_SECONDS = 2;
  private static final double LINE_EVERY_SECONDS = 60;

  /** Code is still being compiled then: what is done by then tells nothing of what follows. */
  private static final double WARM_UP_SECONDS = 3;

  /** No time left is said before. */
  private static final double FIRST_ESTIMATE_SECONDS = 10;

  private final PrintStream out;
  private final String name;
  private final double total;
  private final String unit;
  private final int count;
  private final LongSupplier nanoTime;
  private final long start;
  private final @Nullable ProgressBar bar;
  private double done;
  private int doneCount;
  private double nextLine = FIRST_LINE_SECONDS;
  private double warmDone;
  private double warmSeconds;

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
    this(out, name, unit, count, doneCount, total, before, onTerminal(), System::nanoTime);
  }

  Progress(
      PrintStream out,
      String name,
      String unit,
      int count,
      int doneCount,
      double total,
      double before,
      boolean terminal,
      LongSupplier nanoTime) {
    this.out = out;
    this.name = name;
    this.unit = unit;
    this.count = count;
    this.doneCount = doneCount;
    this.total = total;
    this.done = before;
    this.warmDone = before;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(TICKS)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .setEtaFunction(state -> left())
                .build()
            : null;
    if (bar != null) {
      bar.stepTo(Math.round(TICKS * done / total));
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

  /**
   * Says in a program's first second what it will do.
   *
   * @param what it does and how much of it
   * @param duration about how long, in words
   * @param where the results will be
   */
  public static void announce(PrintStream out, String what, String duration, Path where) {
    out.printf("%s; %s. Results: %s%n", what, duration, where);
  }

  /** Some work is done; {@code message} tells how it goes, or is empty. */
  public synchronized void advance(double work, String message) {
    told(work, message, false);
  }

  /** One is finished with this last work; {@code what} tells its result in few words. */
  public synchronized void finished(double work, String what) {
    doneCount++;
    told(work, what, doneCount == count);
  }

  private void told(double work, String message, boolean last) {
    done += work;
    double seconds = seconds();
    if (seconds <= WARM_UP_SECONDS) {
      warmDone = done;
      warmSeconds = seconds;
    }
    if (bar != null) {
      bar.stepTo(Math.min(TICKS, Math.round(TICKS * done / total)));
      if (!message.isEmpty()) {
        bar.setExtraMessage(" " + message);
      }
    } else if (seconds >= nextLine || last) {
      nextLine = seconds + LINE_EVERY_SECONDS;
      out.printf(
          "%s: %d of %d %s%s  %s%n",
          name,
          doneCount,
          count,
          unit,
          last ? ", done" : left().map(left -> ", " + words(left) + " left").orElse(""),
          message);
    }
  }

  private double seconds() {
    return (nanoTime.getAsLong() - start) / 1e9;
  }

  /** The time left, once there is something to tell it from. */
  private synchronized Optional<Duration> left() {
    double seconds = seconds();
    return seconds < FIRST_ESTIMATE_SECONDS || done <= warmDone
        ? Optional.empty()
        : Optional.of(
            Duration.ofMillis(
                Math.round(1e3 * (seconds - warmSeconds) * (total - done) / (done - warmDone))));
  }

  private static String words(Duration left) {
    return left.toSeconds() >= 120 ? left.toMinutes() + " min" : left.toSeconds() + " s";
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
