package dev.unroll.cli;

import dev.unroll.report.run.ArgumentFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes what this JVM was started with, for {@code java @FILE} to start the program alike. */
public final class LaunchFile {
  private LaunchFile() {}

  /**
   * Writes the file.
   *
   * @param args its name
   */
  public static void main(String[] args) throws IOException {
    List<String> words = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    ArgumentFile.write(Path.of(args[0]), words);
  }
}
