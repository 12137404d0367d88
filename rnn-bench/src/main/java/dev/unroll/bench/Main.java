package dev.unroll.bench;

import dev.unroll.bench.benchmark.JmhCommand;
import dev.unroll.bench.benchmark.RooflineCommand;
import dev.unroll.bench.benchmark.RunCommand;
import dev.unroll.bench.benchmark.SteadyCommand;
import dev.unroll.bench.gate.GateCommand;
import dev.unroll.bench.peer.BytesCommand;
import dev.unroll.bench.peer.ClassPathCommand;
import dev.unroll.bench.peer.PeersCommand;
import dev.unroll.bench.report.CompareCommand;
import dev.unroll.bench.report.ReportCommand;
import dev.unroll.bench.serve.StreamsCommand;
import dev.unroll.report.command.Program;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program behind {@code mvn -pl rnn-bench exec}; without arguments it does a quick run. */
@Command(
    name = "rnn-bench",
    description = "Measures what recurrent networks cost; alone, a quick run.",
    subcommands = {
      RunCommand.class,
      PeersCommand.class,
      BytesCommand.class,
      StreamsCommand.class,
      GateCommand.class,
      RooflineCommand.class,
      SteadyCommand.class,
      ReportCommand.class,
      CompareCommand.class,
      JmhCommand.class,
      ClassPathCommand.class
    },
    footer = {
      "",
      "For example: ./unroll bench run --full",
      "With Maven:  mvn -q -pl rnn-bench exec -Dargs=\"run --full\"",
      "Without a command it does a quick run.",
      "",
      Program.EXIT_CODES
    },
    mixinStandardHelpOptions = true)
public final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    System.exit(Program.run(commandLine(), args));
  }

  /** The whole command line. */
  public static CommandLine commandLine() {
    CommandLine commandLine = Program.of(new Main());
    Objects.requireNonNull(commandLine.getSubcommands().get("jmh"))
        .setUnmatchedOptionsArePositionalParams(true);
    return commandLine;
  }

  @Override
  public Integer call() {
    return spec.commandLine().execute("run", "--quick");
  }
}
