package dev.unroll.bench.peer;

import dev.unroll.report.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the other libraries are. */
public final class PeerLibraries {
  private PeerLibraries() {}

  /**
   * The class path with the other libraries on it, which is Maven's business: where this process
   * was started without them, Maven fetches and compiles them and has {@link ClassPathCommand}
   * write it down.
   *
   * @throws IllegalStateException if they cannot be had
   */
  public static String classPath() throws IOException, InterruptedException {
    if (Library.PYTORCH.peer().isPresent()) {
      return System.getProperty("java.class.path");
    }
    System.out.println("Maven fetches and compiles the other libraries' part (-Ppeers) ...");
    Path file = Files.createTempFile("unroll", ".classpath");
    try {
      int status =
          new ProcessBuilder(
                  List.of(
                      "mvn",
                      "-q",
                      "-ntp",
                      "-Ppeers",
                      "-pl",
                      "rnn-bench",
                      "exec",
                      "-Dargs=class-path " + file))
              .directory(Results.HOME.toAbsolutePath().toFile())
              .inheritIO()
              .start()
              .waitFor();
      String classPath = Files.readString(file);
      if (status != 0 || classPath.isEmpty()) {
        throw new IllegalStateException(
            "Maven did not get the other libraries (see its messages above): the first time it"
                + " needs the network.");
      }
      return classPath;
    } catch (IOException e) {
      throw new IllegalStateException(
          "Maven cannot be started (%s): put mvn on the PATH, or run this command with -Ppeers."
              .formatted(e.getMessage()),
          e);
    } finally {
      Files.delete(file);
    }
  }
}
