package dev.unroll.cluster;

import dev.unroll.experiments.RunCommand;
import dev.unroll.experiments.harness.Backend;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What the experiments' own command runs, on a cluster. */
@Command(
    name = "run",
    description = {
      "Run experiments on a Spark cluster.",
      "The files are those of a run on one machine, which may also begin or continue it."
    })
final class SweepCommand extends RunCommand {
  @Mixin private ClusterOptions cluster;

  @Override
  protected Backend backend() throws IOException {
    return new SparkBackend(cluster.conf());
  }
}
