package dev.unroll.experiments;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.report.ReportCommand;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code mvn -pl rnn-experiments exec}. */
@Command(
    name = "rnn-experiments",
    description = {
      "Experiments on recurrent networks: what notebooks claim, beside what a faithful run"
          + " measures.",
      "Arguments go into -Dargs, for example: mvn -pl rnn-experiments exec -Dargs=\"run copy-first"
          + " --quick\"",
      ""
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      Main.ListCommand.class,
      RunCommand.class,
      CharLmCommand.class,
      SampleCommand.class,
      VerifyGoldenCommand.class,
      VerifyOnnxCommand.class,
      ReportCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  /**
   * Runs one command and exits with its code: 0, 1 when something the user gave cannot be used, 2
   * when the command line cannot be understood.
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The whole command line. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::explain)
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static int explain(Exception problem, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    Exception cause = problem;
    if (problem instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      cause = unchecked.getCause();
    }
    String sentence =
        switch (cause) {
          case InputException input -> input.getMessage();
          case FileSystemException file ->
              "Cannot use "
                  + file.getFile()
                  + " ("
                  + (file.getReason() == null
                      ? file.getClass().getSimpleName().replace("Exception", "")
                      : file.getReason())
                  + "): check the path, its permissions and the free space.";
          case IOException io -> "Reading or writing failed: " + io.getMessage();
          default -> throw problem;
        };
    command.getErr().println(sentence);
    command.getErr().flush();
    return 1;
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
    System.out.println();
    list(System.out);
  }

  private static void list(PrintStream out) {
    out.println("Experiments:");
    for (Experiment experiment : Experiments.all()) {
      out.printf("  %-22s %s%n", experiment.name(), experiment.question());
    }
  }

  /** Lists the experiments. */
  @Command(
      name = "list",
      description = "List the experiments, a line each.",
      mixinStandardHelpOptions = true)
  static final class ListCommand implements Runnable {
    @Override
    public void run() {
      list(System.out);
    }
  }
}
