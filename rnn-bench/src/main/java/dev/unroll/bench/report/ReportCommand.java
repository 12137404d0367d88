package dev.unroll.bench.report;

import dev.unroll.bench.result.RunFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code report}: writes reports again from the files of runs. */
@Command(
    name = "report",
    description = "Writes the report of each RUN again from its files; without RUN, of all runs.",
    footer = {"", "Example:", "  report results/bench/2026-01-31-120000-quick"},
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "RUN", description = "Folders of runs.")
  private List<String> runs = new ArrayList<>();

  /** Made by picocli. */
  public ReportCommand() {}

  @Override
  public Integer call() {
    List<RunFolder> folders =
        runs.isEmpty() ? RunFolder.all() : runs.stream().map(RunFolder::find).toList();
    for (RunFolder folder : folders) {
      System.out.println(Report.write(folder));
    }
    return 0;
  }
}
