package dev.unroll.bench.machine;

import dev.unroll.kernel.Lanes;
import dev.unroll.report.run.ArgumentFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** How every measuring JVM is started, in one place. */
public final class ForkedJvm {
  /** Without this flag there are no vectors. */
  public static final String VECTORS = "--add-modules=jdk.incubator.vector";

  private static final String PARENT = "unroll.parent";

  private ForkedJvm() {}

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
   * Runs a JVM to its end, which it shares if this process is stopped.
   *
   * @param messages is given each {@link Message} as it comes
   * @throws IllegalStateException if it fails, with the first error that it printed
   */
  public static void run(Job job, Consumer<Message> messages)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(flags());
    words.addAll(job.flags());
    words.add("-D" + PARENT + "=" + ProcessHandle.current().pid());
    words.addAll(List.of("-cp", job.classPath(), job.main().getName()));
    words.addAll(job.args());
    Path arguments = Files.createTempFile("unroll", ".args");
    Path errors = Files.createTempFile("unroll", ".err");
    try {
      // The arguments go through a file: ONNX Runtime crashes where the command line passes 4 KB.
      ArgumentFile.write(arguments, words);
      List<String> command = new ArrayList<>(job.launcher());
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("@" + arguments);
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().putAll(job.environment());
      Process process = builder.start();
      Thread stop = new Thread(process::destroyForcibly);
      Runtime.getRuntime().addShutdownHook(stop);
      try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
        output.lines().flatMap(line -> Message.of(line).stream()).forEach(messages);
      }
      int status = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stop);
      if (status != 0) {
        throw new IllegalStateException(
            "A measuring process failed with exit code %d: %s"
                .formatted(status, firstError(errors)));
      }
    } finally {
      Files.deleteIfExists(arguments);
      Files.deleteIfExists(errors);
    }
  }

  /**
   * Called by a measuring JVM: it ends when the process that started it does, even if that one is
   * killed and can end nobody.
   */
  public static void endWithParent() {
    Long pid = Long.getLong(PARENT);
    if (pid == null) {
      return;
    }
    // By its number: a parent that ends while this JVM starts is its parent no more.
    Optional<ProcessHandle> parent = ProcessHandle.of(pid);
    if (parent.isEmpty()) {
      Runtime.getRuntime().halt(1);
    }
    parent.ifPresent(
        handle ->
            Thread.ofPlatform()
                .daemon()
                .start(
                    () -> {
                      handle.onExit().join();
                      Runtime.getRuntime().halt(1);
                    }));
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
