package dev.unroll.experiments.report;

import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.page.FrontPage;
import dev.unroll.report.page.GeneratedPages;
import dev.unroll.report.page.ResultsIndex;
import dev.unroll.report.run.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the reports from the files under the results folder. */
@Command(
    name = "report",
    description = {
      "Write all reports again, and the generated parts of the README.",
      "The report of each finished run is made from its files; so are results/runs.html,"
          + " the list of all runs, and, from results/reference, results/experiments.html and the"
          + " README, and results/map.html, as 'map' does."
    },
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  private static final String KIND = "experiments";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The folder of other runs; it gets a list of its own, and the README nothing.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    if (out != null) {
      Report.writeAll(out);
      System.out.println("Written: " + ResultsIndex.write(out, FrontPage.FILE, Map.of()));
      return 0;
    }
    writeAll();
    System.out.println(
        "Written: " + ResultsIndex.write(Results.ALL, FrontPage.RUNS, FrontPage.links()));
    GeneratedPages.write(Results.HOME, part -> Report.part(part, Results.HOME));
    return 0;
  }

  /**
   * Writes the report of each finished run, the user's own and the committed ones, and their page.
   */
  public static void writeAll() throws IOException {
    for (Path root : Results.both(KIND)) {
      if (!ResultStore.finishedUnder(root).isEmpty()) {
        Report.writeAll(root);
      }
    }
    ExperimentsPage.write(Results.ALL, Report.published(Results.reference(KIND)));
    MapCommand.write();
  }
}
