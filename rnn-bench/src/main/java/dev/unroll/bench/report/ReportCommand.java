package dev.unroll.bench.report;

import dev.unroll.bench.result.Runs;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code report}: writes reports again from the files of runs. */
@Command(
    name = "report",
    description = {
      "Writes the report of each RUN again from its files (without RUN, of all runs), the list of",
      "all runs (results/index.html), and the benchmarks' part of README.md."
    },
    footer = {"", "Example:", "  report results/bench/2026-01-31-120000-quick"},
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "RUN", description = "Folders of runs.")
  private List<String> runs = new ArrayList<>();

  /** Made by picocli. */
  public ReportCommand() {}

  @Override
  public Integer call() throws IOException {
    List<RunFolder> folders =
        runs.isEmpty() ? Runs.all(Runs.ROOT) : runs.stream().map(Runs::find).toList();
    for (RunFolder folder : folders) {
      System.out.println(Report.write(folder));
    }
    Path readme = Path.of("README.md");
    if (Files.isRegularFile(readme)) {
      AtomicFile.write(readme, Readme.fill(Files.readString(readme), Runs.ROOT));
    }
    return 0;
  }
}
