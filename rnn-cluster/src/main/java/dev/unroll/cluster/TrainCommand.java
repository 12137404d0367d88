package dev.unroll.cluster;

import dev.unroll.experiments.CharLmCommand;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The training of one model, whose shards the executors of a cluster share. */
@Command(
    name = "char-lm",
    description = {
      "Train one character model on several executors of a Spark cluster together.",
      "The files are those of the same command on one machine, which --shard_size defines."
    })
final class TrainCommand extends CharLmCommand {
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--executors",
      paramLabel = "N",
      required = true,
      description = "Executors that share the training; it waits until there are so many.")
  private int executors;

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description =
          "A folder that all machines see under this name: after the loss of an executor the"
              + " training goes on from what is there (default: it begins again).")
  private @Nullable Path checkpoints;

  @Option(
      names = "--checkpoint_every",
      paramLabel = "N",
      defaultValue = "100",
      description = "Steps from one checkpoint to the next (default: ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  @Override
  protected Backend backend(int shardSize, int threads) throws IOException {
    if (shardSize == 0 || threads != 1) {
      throw new InputException(
          "Executors share the work by shards: give --shard_size, and no --threads, since an"
              + " executor has as many as cores (--conf spark.executor.cores=N).");
    }
    if (executors < 1 || checkpointEvery < 1) {
      throw new InputException("--executors and --checkpoint_every have to be at least 1.");
    }
    SparkConf conf = cluster.conf();
    if (checkpoints != null) {
      conf.set(TrialTask.CHECKPOINTS, checkpoints.toAbsolutePath().toString())
          .set(TrialTask.CHECKPOINT_EVERY, Integer.toString(checkpointEvery));
    }
    return new SparkBackend(conf, executors);
  }
}
