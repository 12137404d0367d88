package dev.unroll.experiments.report;

import dev.unroll.report.page.ResultsIndex;
import dev.unroll.report.run.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the reports from the files under the results folder. */
@Command(
    name = "report",
    description = {
      "Write the report of each finished run under DIR again from its files, the list of all runs",
      "(results/index.html), and the generated parts of the README."
    },
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  private static final Path RESULTS = Path.of("results");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "results/experiments",
      description = "Where the results lie (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--readme",
      paramLabel = "FILE",
      defaultValue = "README.md",
      description =
          "The file whose generated parts are filled, if it exists (default: ${DEFAULT-VALUE}).")
  private Path readme;

  @Override
  public Integer call() throws IOException {
    Report.writeAll(out);
    // Another results folder has a list of its own, and no place in this README.
    boolean usual = out.normalize().equals(RESULTS.resolve("experiments"));
    System.out.println("Written: " + ResultsIndex.write(usual ? RESULTS : out));
    if (usual && Files.exists(readme)) {
      String before = Files.readString(readme);
      String after = Report.fill(before, out, "results/experiments/");
      if (!after.equals(before)) {
        AtomicFile.write(readme, after);
        System.out.println("Filled the generated parts of " + readme);
      }
    }
    return 0;
  }
}
