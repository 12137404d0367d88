package dev.unroll.bench.machine;

import dev.unroll.kernel.Lanes;
import dev.unroll.report.run.ArgumentFile;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A measuring JVM; how every one is started, in one place. */
public final class ForkedJvm implements AutoCloseable {
  /** Without this flag there are no vectors. */
  public static final String VECTORS = "--add-modules=jdk.incubator.vector";

  private static final BlockingQueue<Message> ORDERS = new LinkedBlockingQueue<>();

  private final Path arguments;
  private final Path errors;
  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;

  /**
   * The flags: vectors; a collector that does not depend on the machine; compilation that the
   * program waits for, which cuts the noise between forks; data at a fixed offset in each cache
   * line; large pages where the system has them; and the vector width, if this JVM was given one.
   */
  public static List<String> flags() {
    List<String> flags =
        new ArrayList<>(
            List.of(
                VECTORS,
                "-XX:+UseSerialGC",
                "-Xbatch",
                "-XX:ObjectAlignmentInBytes=64",
                "-Xms1g",
                "-Xmx4g",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    if (System.getProperty("os.name", "").equals("Linux")) {
      // With pages of 4 KB a kernel's speed depends on which ones the system happened to give it:
      // on one machine 78 to 95 GFLOP/s for the same LSTM, with large ones 92 to 95.
      flags.addAll(List.of("-XX:+UseTransparentHugePages", "-XX:+AlwaysPreTouch"));
    }
    String bits = System.getProperty(Lanes.PROPERTY);
    if (bits != null) {
      flags.add("-D" + Lanes.PROPERTY + "=" + bits);
    }
    return flags;
  }

  /**
   * What one measuring JVM is to do.
   *
   * @param classPath its class path
   * @param flags in addition to {@link #flags}
   * @param main its class
   * @param args the class's arguments
   * @param environment variables to set
   * @param launcher words before {@code java}, such as {@code taskset -c 1}
   */
  public record Job(
      String classPath,
      List<String> flags,
      Class<?> main,
      List<String> args,
      Map<String, String> environment,
      List<String> launcher) {
    /** A job that is started as it is. */
    public Job(
        String classPath,
        List<String> flags,
        Class<?> main,
        List<String> args,
        Map<String, String> environment) {
      this(classPath, flags, main, args, environment, List.of());
    }

    /** A job with this process's class path and nothing special. */
    public static Job of(Class<?> main, List<String> args) {
      return new Job(System.getProperty("java.class.path"), List.of(), main, args, Map.of());
    }
  }

  /**
   * Runs a JVM to its end, or to that of this process.
   *
   * @param messages is given each {@link Message} as it comes
   * @throws IllegalStateException if it fails, with the first error that it printed
   */
  public static void run(Job job, Consumer<Message> messages)
      throws IOException, InterruptedException {
    try (ForkedJvm jvm = new ForkedJvm(job)) {
      for (Optional<Message> next = jvm.next(); next.isPresent(); next = jvm.next()) {
        messages.accept(next.get());
      }
    }
  }

  /** Starts a JVM, which then runs beside this one, until it is closed at the latest. */
  public ForkedJvm(Job job) throws IOException {
    List<String> words = new ArrayList<>(flags());
    words.addAll(job.flags());
    words.addAll(List.of("-cp", job.classPath(), ForkedJvm.class.getName()));
    words.add(job.main().getName());
    words.addAll(job.args());
    arguments = Files.createTempFile("unroll", ".args");
    errors = Files.createTempFile("unroll", ".err");
    try {
      process = start(job, words);
    } catch (IOException e) {
      deleteFiles();
      throw e;
    }
    output = process.inputReader(StandardCharsets.UTF_8);
    input = process.outputWriter(StandardCharsets.UTF_8);
  }

  private Process start(Job job, List<String> words) throws IOException {
    // The arguments go through a file: ONNX Runtime crashes where the command line passes 4 KB.
    ArgumentFile.write(arguments, words);
    List<String> command = new ArrayList<>(job.launcher());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(job.environment());
    return builder.start();
  }

  private void deleteFiles() throws IOException {
    Files.deleteIfExists(arguments);
    Files.deleteIfExists(errors);
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /**
   * Waits for its next message.
   *
   * @return none when it has ended
   * @throws IllegalStateException if it failed, with the first error that it printed
   */
  public Optional<Message> next() throws IOException, InterruptedException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Optional<Message> message = Message.of(line);
      if (message.isPresent()) {
        return message;
      }
    }
    int status = process.waitFor();
    if (status != 0) {
      throw new IllegalStateException(
          "A measuring process failed with exit code %d: %s".formatted(status, firstError(errors)));
    }
    return Optional.empty();
  }

  /**
   * Sends an order, which it takes with {@link #order}, and waits for its answer.
   *
   * @throws IllegalStateException if it ends instead
   */
  public Message ask(String tag, Object value) throws IOException, InterruptedException {
    try {
      input.write(Message.line(tag, value));
      input.newLine();
      input.flush();
    } catch (IOException ended) {
      // why, it says itself
    }
    return next()
        .orElseThrow(() -> new IllegalStateException("A measuring process ended too early"));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    output.close();
    deleteFiles();
  }

  /**
   * The measuring JVM: runs a job's class until it or the process that started this one ends.
   *
   * @param args the name of the class, then its arguments
   */
  public static void main(String[] args) throws Throwable {
    endWithParent();
    try {
      Class.forName(args[0])
          .getMethod("main", String[].class)
          .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** In a measuring JVM, waits for the next order of the process that started it. */
  public static Message order() throws InterruptedException {
    return ORDERS.take();
  }

  /**
   * Has this JVM end when the process that started it does, even if that one is killed. Standard
   * input is a pipe that only that process holds, so the system ends it with the process. Waiting
   * for it costs nothing, where {@link ProcessHandle#onExit} looks at a parent every few seconds
   * and takes one that nobody has buried for alive.
   */
  public static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (BufferedReader input =
                  new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                input.lines().flatMap(line -> Message.of(line).stream()).forEach(ORDERS::add);
              } catch (IOException | UncheckedIOException e) {
                // as good as its end
              }
              Runtime.getRuntime().halt(1);
            });
  }

  private static String firstError(Path errors) throws IOException {
    List<String> lines = Files.readAllLines(errors);
    return lines.stream()
        .filter(line -> line.contains("Exception") || line.contains("Error"))
        .map(line -> line.replaceFirst("^Error: ", ""))
        .findFirst()
        .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
  }
}
