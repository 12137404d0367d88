package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.command.Program;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Runs commands and holds them to their promise: done, or one sentence and its exit code. */
final class Commands {
  private Commands() {}

  /** A command's exit code, and what it said of what went wrong. */
  record Answer(int code, String said) {}

  /** The exit code; what the command prints is thrown away. */
  static int run(Supplier<CommandLine> line, List<String> words) {
    return ask(line, words).code();
  }

  /** Runs it; what it prints besides is thrown away. */
  static Answer ask(Supplier<CommandLine> line, List<String> words) {
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    int code;
    try {
      System.setOut(new PrintStream(OutputStream.nullOutputStream()));
      System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
      CommandLine command = line.get();
      // One that was made or used before writes to the streams of then.
      if (command.getExecutionStrategy() instanceof CommandLine.RunLast) {
        command.setExecutionStrategy(new CommandLine.RunLast());
      }
      command.setOut(new PrintWriter(Writer.nullWriter()));
      command.setErr(new PrintWriter(error, true, StandardCharsets.UTF_8));
      code = Program.run(command, words.toArray(String[]::new));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    String said = error.toString(StandardCharsets.UTF_8);
    assertThat(said).as("%s", words).doesNotContain("\tat ");
    assertThat(code).as("%s: %s", words, said).isBetween(0, 3);
    if (code == 0) {
      assertThat(said).as("%s", words).isEmpty();
    } else if (!words.contains("compare") || said.startsWith("Error")) { // else it is a verdict
      assertThat(said).as("%s", words).matches("(?s)Error: \\S.* .*\\S\\s*");
    }
    return new Answer(code, said);
  }
}
