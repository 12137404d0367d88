package dev.unroll.bench.report;

import dev.unroll.bench.result.Runs;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.GeneratedPages;
import dev.unroll.report.page.ResultsIndex;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code report}: writes reports again from the files of runs. */
@Command(
    name = "report",
    description = {
      "Writes all reports again, and the benchmarks' part of the README.",
      "The report of each RUN (without RUN, of all runs) is made from its files; so are"
          + " results/bench.html, results/history.html, results/runs.html, the list of all runs,"
          + " and, from results/reference, the README."
    },
    footer = {"", "Example:", "  report 2026-01-31-120000-quick"},
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  private static final List<Path> ROOTS = Results.both(Runs.BENCH);

  @Parameters(arity = "0..*", paramLabel = "RUN", description = "Folders of runs.")
  private List<String> runs = new ArrayList<>();

  /** Made by picocli. */
  public ReportCommand() {}

  @Override
  public Integer call() throws IOException {
    if (runs.isEmpty()) {
      writeAll();
    } else {
      for (String run : runs) {
        System.out.println(Report.write(Runs.find(run, ROOTS)));
      }
      writePages();
    }
    System.out.println(ResultsIndex.write(Results.ALL, FrontPage.RUNS, FrontPage.links()));
    GeneratedPages.write(Results.HOME, ReportCommand::part);
    return 0;
  }

  /** Writes the reports of all runs, the user's own and the committed ones, and their pages. */
  public static void writeAll() throws IOException {
    for (Path root : ROOTS) {
      for (RunFolder folder : Runs.all(root)) {
        System.out.println(Report.write(folder));
      }
    }
    writePages();
  }

  private static void writePages() throws IOException {
    for (Path root : Results.both(Runs.GATE)) {
      RunFolder.allWith(RunReport.MARKDOWN, root).forEach(RunReport::page);
    }
    Times times = Times.of(Results.ALL, ROOTS);
    BenchPage.write(Results.ALL, times);
    HistoryPage.write(Results.ALL, times, Results.both(Runs.GATE));
  }

  /** A part of a page, from the committed runs; null if it is none of ours. */
  public static @Nullable String part(String name) {
    return Readme.part(name, Results.reference(Runs.BENCH));
  }
}
