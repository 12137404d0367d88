package dev.unroll.cli;

import dev.unroll.report.command.Program;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.GeneratedPages;
import dev.unroll.report.page.ResultsIndex;
import dev.unroll.report.run.Results;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The program behind {@code ./unroll}: the commands of both programs as one set. Where both have
 * one of a name, it is that of the experiments; the groups {@code bench} and {@code experiments}
 * have those of one program each.
 */
@Command(
    name = "unroll",
    description = {
      "Recurrent networks on the Java Vector API: what they cost and what they learn.",
      "",
      "'run' runs experiments. 'bench' alone measures this machine in under three minutes; 'bench"
          + " COMMAND' is any command of the benchmarks, such as 'bench run --full'.",
      ""
    },
    footer = {"", Program.EXIT_CODES},
    mixinStandardHelpOptions = true)
public final class Main implements Runnable {
  private static final String REPORT = "report";

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] args) throws IOException {
    int code = Program.run(commandLine(List.of(args)), args);
    endFilter();
    System.exit(code);
  }

  /**
   * The command line.
   *
   * @param words those that will be given to it: a group they do not name is only a line of help,
   *     because to make all of its commands takes a tenth of a second
   */
  static CommandLine commandLine(List<String> words) {
    CommandLine all = Program.of(new Main());
    all.addSubcommand(REPORT, new ReportCommand());
    addMissing(all, dev.unroll.experiments.Main.commandLine());
    addMissing(all, dev.unroll.bench.Main.commandLine());
    addGroup(all, words, "bench", dev.unroll.bench.Main::commandLine);
    addGroup(all, words, "experiments", dev.unroll.experiments.Main::commandLine);
    return all;
  }

  private static void addGroup(
      CommandLine all, List<String> words, String name, Supplier<CommandLine> program) {
    CommandSpec line = CommandSpec.create();
    line.usageMessage().description("All commands of rnn-" + name + ".");
    all.addSubcommand(
        name, words.contains(name) ? program.get().setCommandName(name) : new CommandLine(line));
  }

  private static void addMissing(CommandLine all, CommandLine program) {
    program
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!all.getSubcommands().containsKey(name)) {
                all.addSubcommand(name, command);
              }
            });
  }

  /**
   * The script has a child of ours copy what we write to standard error; it ends when it has
   * written all of it, and so may we.
   */
  private static void endFilter() throws IOException {
    System.err.flush();
    new FileOutputStream(FileDescriptor.err).close();
    ProcessHandle.current()
        .children()
        .forEach(child -> child.onExit().completeOnTimeout(child, 1, TimeUnit.SECONDS).join());
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  /** The reports of both programs. */
  @Command(
      name = REPORT,
      description = {
        "Write all reports again, the generated parts of the README, and the front page,"
            + " results/index.html.",
        "Besides it is 'experiments report' and 'bench report', which have options of their own,"
            + " in one."
      },
      mixinStandardHelpOptions = true)
  private static final class ReportCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      front(); // the pages of runs link to it where it is
      dev.unroll.experiments.report.ReportCommand.writeAll();
      dev.unroll.bench.report.ReportCommand.writeAll();
      // Once for both: whoever stops it or reads meanwhile finds the old pages or the new ones.
      System.out.println(ResultsIndex.write(Results.ALL, FrontPage.RUNS, FrontPage.links()));
      GeneratedPages.write(
          Results.HOME,
          part -> {
            String text = dev.unroll.experiments.report.Report.part(part, Results.HOME);
            return text == null ? dev.unroll.bench.report.ReportCommand.part(part) : text;
          });
      System.out.println("Written: " + front());
      return 0;
    }

    /** The front page, of what the runs hold by now. */
    private static Path front() throws IOException {
      Path bench = Results.reference("bench");
      List<FrontPage.Finding> findings =
          new ArrayList<>(dev.unroll.bench.report.Findings.speed(Results.ALL, bench));
      findings.addAll(
          dev.unroll.experiments.report.Findings.of(Results.ALL, Results.reference("experiments")));
      findings.addAll(
          dev.unroll.bench.report.Findings.gate(Results.ALL, Results.reference("gate")));
      return FrontPage.write(Results.ALL, findings);
    }
  }
}
