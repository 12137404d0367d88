package dev.unroll.bench.report;

import dev.unroll.bench.result.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

  @Option(
      names = "--readme",
      paramLabel = "FILE",
      description = "Fill the part 'bench' of this file from RUN, exactly one.")
  private @Nullable Path readme;

  /** Made by picocli. */
  public ReportCommand() {}

  @Override
  public Integer call() {
    List<RunFolder> folders =
        runs.isEmpty() ? RunFolder.all() : runs.stream().map(RunFolder::find).toList();
    if (readme != null && folders.size() != 1) {
      throw new IllegalArgumentException(
          "--readme shows one run, but there are %d: name the one".formatted(folders.size()));
    }
    for (RunFolder folder : folders) {
      System.out.println(Report.write(folder));
    }
    if (readme != null) {
      Readme.fill(readme, folders.getFirst());
      System.out.println(readme);
    }
    return 0;
  }
}
