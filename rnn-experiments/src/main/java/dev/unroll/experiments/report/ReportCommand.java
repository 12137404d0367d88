package dev.unroll.experiments.report;

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
      "Make DIR/index.html and DIR/index.md from the finished runs under DIR,",
      "and fill the generated parts of the README from them."
    },
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
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
    Report.writeIndex(out);
    System.out.println("Written: " + out.resolve("index.html") + " and " + out.resolve("index.md"));
    // Another results folder has no place in this README.
    if (Files.exists(readme) && out.normalize().equals(Path.of("results", "experiments"))) {
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
