package dev.unroll.bench.gate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * JMH in a process of its own, whose child would outlive it and this one: whatever ends this one
 * ends all three.
 */
final class JmhProcess implements AutoCloseable {
  /** The status of a Java that a signal has ended is this and the signal's number, 1 to 15. */
  private static final int SIGNAL = 128;

  private static final int SECONDS_TO_TIDY_UP = 5;

  private final Thread hook = new Thread(this::stop);
  private @Nullable Process process;
  private boolean stopped;

  /**
   * How it ended.
   *
   * @param status its exit code
   * @param text what it said
   */
  record Ended(int status, String text) {}

  /** Starts it. */
  JmhProcess(List<String> command) throws IOException {
    Runtime.getRuntime().addShutdownHook(hook);
    start(command);
  }

  private synchronized void start(List<String> command) throws IOException {
    if (!stopped) { // else nobody would end what begins here
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
    }
  }

  private synchronized void stop() {
    stopped = true;
    end();
  }

  private synchronized @Nullable Process process() {
    return process;
  }

  /**
   * Waits for its end.
   *
   * @throws IllegalStateException if a signal ended it: what it measured is not to be judged
   */
  Ended ended() throws IOException, InterruptedException {
    Process running = process();
    if (running != null) {
      String text = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = running.waitFor();
      if (status <= SIGNAL || status > SIGNAL + 15) {
        return new Ended(status, text);
      }
    }
    throw new IllegalStateException("stopped by a signal while JMH ran: nothing was judged");
  }

  private synchronized void end() {
    if (process == null) {
      return;
    }
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy(); // so that it removes its files
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      if (!process.waitFor(SECONDS_TO_TIDY_UP, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook is at work already.
    }
  }
}
