package dev.unroll.bench;

import dev.unroll.bench.benchmark.JmhCommand;
import dev.unroll.bench.benchmark.RooflineCommand;
import dev.unroll.bench.benchmark.RunCommand;
import dev.unroll.bench.benchmark.SteadyCommand;
import dev.unroll.bench.gate.GateCommand;
import dev.unroll.bench.peer.ClassPathCommand;
import dev.unroll.bench.peer.PeersCommand;
import dev.unroll.bench.report.CompareCommand;
import dev.unroll.bench.report.ReportCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code mvn -pl rnn-bench exec}; without arguments it does a quick run. */
@Command(
    name = "rnn-bench",
    description = "Measures what serial time costs and what batches and cores buy back.",
    subcommands = {
      RunCommand.class,
      PeersCommand.class,
      GateCommand.class,
      RooflineCommand.class,
      SteadyCommand.class,
      ReportCommand.class,
      CompareCommand.class,
      JmhCommand.class,
      ClassPathCommand.class
    },
    footer = {"", "mvn -pl rnn-bench exec -Dargs=\"COMMAND --help\" explains each."},
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  /**
   * Runs a command.
   *
   * @param args the words of {@code -Dargs}; none is {@code run --quick}
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args.length == 0 ? new String[] {"run", "--quick"} : args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    Objects.requireNonNull(commandLine.getSubcommands().get("jmh"))
        .setUnmatchedOptionsArePositionalParams(true);
    commandLine.setExecutionExceptionHandler(
        (exception, failed, parsed) -> {
          if (exception instanceof IllegalArgumentException
              || exception instanceof IllegalStateException
              || exception instanceof IOException
              || exception instanceof UncheckedIOException) {
            System.err.println("Error: " + exception.getMessage());
          } else {
            throw exception;
          }
          return failed.getCommandSpec().exitCodeOnExecutionException();
        });
    return commandLine;
  }
}
