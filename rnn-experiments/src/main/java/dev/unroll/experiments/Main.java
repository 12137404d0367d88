package dev.unroll.experiments;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.report.MapCommand;
import dev.unroll.experiments.report.ReportCommand;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.Json;
import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code mvn -pl rnn-experiments exec}. */
@Command(
    name = "rnn-experiments",
    description = {
      "Experiments on recurrent networks: what notebooks claim, beside what a faithful run"
          + " measures.",
      "For example: ./unroll run copy-first --quick",
      "With Maven:  mvn -q -pl rnn-experiments exec -Dargs=\"run copy-first --quick\"",
      ""
    },
    footer = {"", Program.EXIT_CODES},
    mixinStandardHelpOptions = true,
    subcommands = {
      Main.ListCommand.class,
      RunCommand.class,
      CharLmCommand.class,
      SampleCommand.class,
      VerifyGoldenCommand.class,
      VerifyOnnxCommand.class,
      ReportCommand.class,
      MapCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(Program.run(commandLine(), args));
  }

  /** The whole command line. */
  public static CommandLine commandLine() {
    return Program.of(new Main());
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
    @CommandLine.Option(names = "--json", description = "As JSON: name and question of each.")
    private boolean json;

    /** What is listed of an experiment. */
    private record Listed(String name, String question) {}

    @Override
    public void run() {
      if (json) {
        System.out.println(
            Json.PRETTY.writeValueAsString(
                Experiments.all().stream()
                    .map(one -> new Listed(one.name(), one.question()))
                    .toList()));
      } else {
        list(System.out);
      }
    }
  }
}
