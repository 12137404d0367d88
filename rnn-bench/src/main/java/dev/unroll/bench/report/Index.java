package dev.unroll.bench.report;

import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.type.TypeReference;

/** The list of all runs, newest first: {@code results/index.html}. */
final class Index {
  private Index() {}

  /**
   * Writes the list beside the folder of runs.
   *
   * @param root the folder of runs, {@code results/bench}
   */
  static void write(Path root) {
    StringBuilder text =
        new StringBuilder(
            """
            # Benchmark runs

            | run | date | commit | machine | width | took |
            |---|---|---|---|--:|--:|
            """);
    for (RunFolder folder : RunFolder.all(root)) {
      Provenance p = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
      text.append(
          Text.format(
              "| [%s](%s/%s/report.html) | %s | %s | %s, %s cores | %d | %s |\n",
              p.kind() + (p.complete() ? "" : " (not complete)"),
              root.getFileName(),
              folder.name(),
              p.date().replace('T', ' '),
              p.commit(),
              p.machine().getOrDefault("processor", "unknown"),
              p.machine().getOrDefault("cores", "?"),
              p.vectorBits(),
              p.duration()));
    }
    Path results = root.resolveSibling("index.html");
    if (Files.isRegularFile(root.resolveSibling("experiments").resolve("index.html"))) {
      text.append("\nThe experiments have [a page of their own](experiments/index.html).\n");
    }
    RunFolder.write(results, Page.html(text.toString(), root));
  }
}
