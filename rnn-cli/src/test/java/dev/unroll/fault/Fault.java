package dev.unroll.fault;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with the files below a folder, and at which moment. Moments are counted from 0:
 * one before each call that changes a file, and one when half of a write is done. Between two of
 * them no file changes, so that whatever happens at all moments is whatever can happen.
 */
public final class Fault {
  /** What a program prints that is {@linkplain Kind#PAUSED paused}. */
  public static final String PAUSED = "paused at the moment asked for";

  /** The property that gives a JVM a fault from its start. */
  private static final String PROPERTY = "unroll.fault";

  private static final AtomicReference<@Nullable Fault> CURRENT = new AtomicReference<>();

  static {
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      int first = given.indexOf(':');
      int second = given.indexOf(':', first + 1);
      CURRENT.set(
          new Fault(
              Kind.valueOf(given.substring(0, first)),
              Long.parseLong(given.substring(first + 1, second)),
              given.substring(second + 1),
              Fault::nobodyLooks));
    }
  }

  /** What goes wrong. */
  public enum Kind {
    /** Nothing: moments are only counted. */
    NONE,
    /** The JVM halts as if it were killed. */
    HALTED,
    /** No call changes a file any more: what a kill leaves, without the end of the JVM. */
    FROZEN,
    /** The disk is full from then on; only moments at which a file grows count. */
    FULL,
    /** The file that is to change then may not be changed any more. */
    DENIED,
    /** From then on, no file can be changed. */
    READ_ONLY,
    /** The program says so and goes no further. */
    PAUSED
  }

  /** Passes everything that catches exceptions, as a kill would. */
  public static final class Frozen extends Error {
    private static final long serialVersionUID = 1L;

    private Frozen() {
      super("frozen");
    }
  }

  /**
   * How many moments there were.
   *
   * @param all before every change of a file
   * @param growing before those that take space on the disk
   */
  public record Moments(long all, long growing) {}

  /** Something that is tried under a fault. */
  public interface Work {
    /** Does it. */
    void run() throws Exception;
  }

  private final Kind kind;
  private final long at;
  private final String root;
  private final Runnable watcher;
  private long moments;
  private long growing;
  private @Nullable String denied;

  private Fault(Kind kind, long at, String root, Runnable watcher) {
    this.kind = kind;
    this.at = at;
    this.root = root;
    this.watcher = watcher;
  }

  /**
   * Does something while a fault waits.
   *
   * @param root the folder below which it happens
   * @param watcher called at each moment, as a reader who looks into the folder then
   * @return how many moments there were
   */
  public static Moments during(Kind kind, long at, Path root, Runnable watcher, Work work)
      throws Exception {
    if (!(root instanceof FaultyPath)) {
      throw new IllegalStateException(
          "This test needs -Djava.nio.file.spi.DefaultFileSystemProvider="
              + FaultyFiles.class.getName()
              + ", as rnn-cli/pom.xml gives it.");
    }
    Fault fault = new Fault(kind, at, root.toAbsolutePath().toString(), watcher);
    CURRENT.set(fault);
    try {
      work.run();
    } finally {
      CURRENT.set(null);
    }
    return new Moments(fault.moments, fault.growing);
  }

  private static void nobodyLooks() {}

  /** The option that gives another JVM a fault. */
  public static String option(Kind kind, long at, Path root) {
    return "-D%s=%s:%d:%s".formatted(PROPERTY, kind, at, root.toAbsolutePath());
  }

  /**
   * A file is about to change.
   *
   * @param grows whether that takes space on the disk
   */
  static void moment(Path file, boolean grows) throws IOException {
    Fault fault = CURRENT.get();
    if (fault != null) {
      String path = file.toAbsolutePath().toString();
      if (path.startsWith(fault.root)) {
        fault.moment(path, grows);
      }
    }
  }

  private synchronized void moment(String path, boolean grows) throws IOException {
    watcher.run();
    boolean now = moments == at;
    boolean since = moments++ >= at;
    if (grows) {
      growing++;
    }
    switch (kind) {
      case NONE -> {}
      case HALTED -> {
        if (now) {
          Runtime.getRuntime().halt(137);
        }
      }
      case FROZEN -> {
        if (since) {
          throw new Frozen();
        }
      }
      case FULL -> {
        if (grows && growing > at) {
          throw new FileSystemException(path, null, "No space left on device");
        }
      }
      case DENIED -> {
        if (now) {
          denied = path;
        }
        if (path.equals(denied)) {
          throw new AccessDeniedException(path);
        }
      }
      case READ_ONLY -> {
        if (since) {
          throw new FileSystemException(path, null, "Read-only file system");
        }
      }
      case PAUSED -> {
        if (now) {
          pause();
        }
      }
    }
  }

  @SuppressWarnings("SystemOut") // a test reads it
  private static void pause() {
    System.out.println(PAUSED);
    while (true) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException goesOn) {
        // only the end of the JVM ends it
      }
    }
  }
}
