package dev.unroll.cluster;

import dev.unroll.report.command.Program;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code mvn -Pcluster -pl rnn-cluster exec}, and of the jar for clusters. */
@Command(
    name = "rnn-cluster",
    description = {
      "Experiments on recurrent networks, their trials spread over a Spark cluster.",
      "For example: mvn -q -Pcluster -pl rnn-cluster exec -Dargs=\"run horizon --on"
          + " local-cluster[2,1,1024]\"",
      ""
    },
    footer = {"", Program.EXIT_CODES},
    mixinStandardHelpOptions = true,
    subcommands = {
      SweepCommand.class,
      TrainCommand.class,
      OverheadCommand.class,
      ScalingCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(Program.run(Program.of(new Main()), args));
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }
}
