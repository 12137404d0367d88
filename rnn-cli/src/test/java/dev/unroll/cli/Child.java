package dev.unroll.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A command in a JVM of its own, which may be ended before its time. */
final class Child {
  private static final int LONGEST_SECONDS = 600;

  private final Process process;
  private final Path out;
  private final Path error;

  private Child(Process process, Path out, Path error) {
    this.process = process;
    this.out = out;
    this.error = error;
  }

  /** Starts a command in a JVM like this one, with this option besides. */
  static Child start(String option, List<String> words) throws IOException {
    Path out = Files.createTempFile("unroll", ".out");
    Path error = Files.createTempFile("unroll", ".err");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    // They live for a second.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", option));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(words);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(error.toFile())
            .start();
    return new Child(process, out, error);
  }

  /** Waits until it has said something. */
  void awaitSaid(String sign) throws IOException, InterruptedException {
    while (!Files.readString(out).contains(sign)) {
      if (!process.isAlive()) {
        throw new AssertionError("It ended without saying '" + sign + "': " + said());
      }
      Thread.sleep(20);
    }
  }

  /** Sends it a signal, such as INT. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Kills it with SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Its exit code, once it has ended. */
  int code() throws InterruptedException {
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("It does not end");
    }
    return process.exitValue();
  }

  /** What it said of what went wrong. */
  String said() throws IOException {
    return Files.readAllLines(error).stream()
        .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
        .collect(Collectors.joining("\n"));
  }

  /** Forgets what it printed. */
  void forget() throws IOException {
    Files.delete(out);
    Files.delete(error);
  }
}
