package dev.unroll.bench.peer;

import dev.unroll.bench.result.RunFolder;
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
  public Integer call() {
    RunFolder.write(file, System.getProperty("java.class.path"));
    return 0;
  }
}
