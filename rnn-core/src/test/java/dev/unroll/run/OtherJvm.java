package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a program of the tests in a virtual machine of its own. */
public final class OtherJvm {
  private OtherJvm() {}

  /**
   * Its standard output, line by line, when it ended well.
   *
   * @param log a file for its standard error
   * @param flags of the virtual machine
   */
  public static List<String> lines(Path log, Class<?> program, List<String> flags, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(command + Files.readString(log)).isZero();
    return output.lines().toList();
  }
}
