package dev.unroll.experiments.report;

import dev.unroll.report.run.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code map}: what each cell can do, against the time of its steps. */
@Command(
    name = "map",
    description = {
      "Write the map of recurrences: what each cell can do, against its serial time.",
      "It goes to results/map.html, map.md and map.png, made from the runs below"
          + " results/reference."
    },
    mixinStandardHelpOptions = true)
public final class MapCommand implements Callable<Integer> {
  /** Made by picocli. */
  public MapCommand() {}

  @Override
  public Integer call() throws IOException {
    System.out.println("Written: " + write());
    return 0;
  }

  /** Writes the page of the committed runs. */
  static Path write() throws IOException {
    return MapPage.write(Results.ALL, Results.reference("experiments"), Results.reference("bench"));
  }
}
