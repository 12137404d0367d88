package dev.unroll.report.command;

import dev.unroll.report.run.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import tools.jackson.core.JacksonException;

/** A command line that answers whatever is wrong with one sentence and an exit code. */
public final class Program {
  /** What a program's help says of exit codes. */
  public static final String EXIT_CODES =
      "Exit codes: 0 done; 1 something given cannot be used; 2 the command line cannot be"
          + " understood; compare and gate have codes of their own. ./unroll keeps them, and ends"
          + " with 3 where it finds no JDK 25 or cannot build; Maven makes 1 of all but 0 and adds"
          + " lines of its own.";

  private Program() {}

  /** The command line of an annotated class. */
  public static CommandLine of(Object command) {
    CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF); // our one sentence says it
    CommandLine line = new CommandLine(command);
    tellVersion(line, "Unroll " + version());
    return line.setExecutionExceptionHandler((problem, failed, parsed) -> failed(problem, failed))
        .setParameterExceptionHandler((problem, args) -> misunderstood(problem))
        .setExpandAtFiles(false) // a word with an at sign is a word
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static void tellVersion(CommandLine line, String version) {
    line.getCommandSpec().version(version);
    line.getSubcommands().values().forEach(command -> tellVersion(command, version));
  }

  private static String version() {
    Properties known = new Properties();
    try (InputStream file = Program.class.getResourceAsStream("version.properties")) {
      known.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read version.properties", e);
    }
    return known.getProperty("version");
  }

  /** Runs the command that {@code args} name; the exit code. */
  public static int run(CommandLine line, String... args) {
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      say(
          line,
          "The memory of %d MB is too little for this (%s): make sizes, batches or lengths smaller, or give more with the variable JDK_JAVA_OPTIONS=-Xmx..."
              .formatted(Runtime.getRuntime().maxMemory() >> 20, e.getMessage()));
      return line.getCommandSpec().exitCodeOnExecutionException();
    }
  }

  /** The words of a command line from this command's own name on, which run it again. */
  public static List<String> words(CommandSpec command) {
    List<String> all = command.commandLine().getParseResult().originalArgs();
    return all.subList(Math.max(0, all.indexOf(command.name())), all.size());
  }

  private static int failed(Exception problem, CommandLine command) throws Exception {
    Exception cause =
        problem instanceof UncheckedIOException unchecked
            ? Objects.requireNonNull(unchecked.getCause())
            : problem;
    say(
        command,
        switch (cause) {
          case FileSystemException file ->
              "Cannot use %s (%s): check the path, its permissions and the free space."
                  .formatted(
                      file.getFile(),
                      file.getReason() == null
                          ? file.getClass().getSimpleName().replace("Exception", "")
                          : file.getReason());
          case IOException io -> "Reading or writing failed: " + io.getMessage();
          case IllegalArgumentException given -> given.getMessage();
          case IllegalStateException state -> state.getMessage();
          case JacksonException json ->
              "A JSON file does not hold what is expected (%s): restore it, or make the run again."
                  .formatted(json.getOriginalMessage());
          case ArithmeticException large -> tooLarge(large);
          case NegativeArraySizeException large -> tooLarge(large);
          default -> throw problem;
        });
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  private static String tooLarge(Exception problem) {
    return "The sizes given need longer arrays than Java has (%s): make them smaller."
        .formatted(problem.getMessage());
  }

  private static int misunderstood(ParameterException problem) {
    CommandLine command = problem.getCommandLine();
    say(
        command,
        problem instanceof UnmatchedArgumentException unmatched
            ? unknown(unmatched.getUnmatched().getFirst(), command.getCommandSpec())
            : problem.getMessage());
    command.getErr().printf("\"%s --help\" explains.%n", command.getCommandSpec().qualifiedName());
    command.getErr().flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String unknown(String word, CommandSpec command) {
    if (word.startsWith("-")) {
      String name = word.replaceFirst("=.*", "");
      return "There is no option '%s'%s"
          .formatted(
              name, Nearest.hint(name, command.optionsMap().keySet().stream().sorted().toList()));
    }
    if (command.subcommands().isEmpty()) {
      return "%s cannot use '%s'.".formatted(command.name(), word);
    }
    return "There is no command '%s'%s"
        .formatted(
            word,
            Nearest.hint(
                word,
                command.subcommands().entrySet().stream()
                    .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
                    .map(entry -> entry.getKey())
                    .collect(Collectors.toList())));
  }

  private static void say(CommandLine command, @Nullable String sentence) {
    command.getErr().println("Error: " + sentence);
    command.getErr().flush();
  }
}
