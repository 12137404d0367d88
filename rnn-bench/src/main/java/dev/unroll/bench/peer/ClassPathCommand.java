package dev.unroll.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code class-path}: how {@code peers} learns what Maven's profile put on the class path. */
@Command(
    name = "class-path",
    hidden = true,
    description = "Writes this process's class path to a file.")
public final class ClassPathCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The file to write.")
  private Path file = Path.of("");

  /** Made by picocli. */
  public ClassPathCommand() {}

  @Override
  public Integer call() throws IOException {
    Files.writeString(file, System.getProperty("java.class.path"));
    return 0;
  }
}
