package dev.unroll.bench.report;

import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import tools.jackson.core.type.TypeReference;

/** The list of all runs, newest first: {@code results/bench/index.html}. */
final class Index {
  private Index() {}

  static void write() {
    StringBuilder text =
        new StringBuilder(
            """
            # Benchmark runs

            | run | date | commit | machine | width | took |
            |---|---|---|---|--:|--:|
            """);
    for (RunFolder folder : RunFolder.all()) {
      Provenance p = folder.readJson(RunFolder.PROVENANCE, new TypeReference<>() {});
      text.append(
          Text.format(
              "| [%s](%s/report.html) | %s | %s | %s, %s cores | %d | %s |\n",
              p.kind() + (p.complete() ? "" : " (not complete)"),
              folder.name(),
              p.date().replace('T', ' '),
              p.commit(),
              p.machine().getOrDefault("processor", "unknown"),
              p.machine().getOrDefault("cores", "?"),
              p.vectorBits(),
              p.duration()));
    }
    RunFolder.write(
        RunFolder.ROOT.resolve("index.html"), Page.html(text.toString(), RunFolder.ROOT));
  }
}
