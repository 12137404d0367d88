package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Checkpoints;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Digest;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Provenance;
import dev.unroll.train.Peers;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * Runs a trial on an executor, from text to text; nothing that a trial does leaves it. The tasks of
 * a barrier stage share one trial.
 */
final class TrialTask extends AbstractFunction1<Iterator<String>, String> implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The property that names the folder of checkpoints. */
  static final String CHECKPOINTS = "spark.unroll.checkpoints";

  /** The property that says after how many steps there is one. */
  static final String CHECKPOINT_EVERY = "spark.unroll.checkpointEvery";

  private static final int NAME_LENGTH = 16;

  /** What files told of themselves, by experiment and settings: they are read once. */
  private static final Map<String, String> INPUTS = new ConcurrentHashMap<>();

  @Override
  public String apply(Iterator<String> assignments) {
    Reply reply;
    try {
      Assignment assignment = Json.COMPACT.readValue(assignments.next(), Assignment.class);
      if (!(TaskContext.get() instanceof BarrierTaskContext task)) {
        reply = run(assignment, refusal(assignment), 1, Peers.none(), Checkpoints.none());
      } else if (task.partitionId() == 0) {
        reply = together(assignment, task);
      } else {
        together(assignment, task);
        return "";
      }
    } catch (PeerLostException lost) {
      throw lost; // then the driver begins again with all of them
    } catch (Throwable problem) { // also memory that is exhausted: the next trial has it again
      reply = Reply.error(problem);
    }
    return Json.COMPACT.writeValueAsString(reply);
  }

  /** What one of the tasks that share a trial answers; all of them compute the same. */
  private static Reply together(Assignment assignment, BarrierTaskContext task) throws IOException {
    try (NettyPeers peers = new NettyPeers(task)) {
      Checkpoints checkpoints = checkpoints(assignment);
      Reply reply =
          run(assignment, peers.connect(refusal(assignment)), task.cpus(), peers, checkpoints);
      peers.leave();
      if (task.partitionId() == 0 && reply.attempt() != null) {
        checkpoints.clear();
      }
      return reply;
    }
  }

  /** Those of this assignment: what tells its checkpoints from others is all that it says. */
  private static Checkpoints checkpoints(Assignment assignment) {
    SparkConf conf = SparkEnv.get().conf();
    if (!conf.contains(CHECKPOINTS)) {
      return Checkpoints.none();
    }
    String name = Digest.sha256(Json.COMPACT.writeValueAsString(assignment));
    return new Checkpoints(
        Path.of(conf.get(CHECKPOINTS)),
        assignment.experiment() + "-" + name.substring(0, NAME_LENGTH),
        conf.getInt(CHECKPOINT_EVERY, 0));
  }

  /** Why this executor may not run the trial. */
  private static Optional<String> refusal(Assignment assignment) throws IOException {
    String difference = assignment.driver().difference(Fingerprint.here());
    if (difference == null) {
      Experiment experiment = Catalogue.experiment(assignment.experiment());
      difference = unlikeInputs(assignment, experiment, assignment.settings(experiment));
    }
    String host = InetAddress.getLocalHost().getHostName();
    return Optional.ofNullable(difference)
        .map(why -> "Executor %s on %s %s".formatted(SparkEnv.get().executorId(), host, why));
  }

  private static Reply run(
      Assignment assignment,
      Optional<String> refusal,
      int threads,
      Peers peers,
      Checkpoints checkpoints)
      throws IOException {
    if (refusal.isPresent()) {
      return Reply.refused(refusal.get());
    }
    Experiment experiment = Catalogue.experiment(assignment.experiment());
    Settings all = assignment.settings(experiment);
    Path directory = Files.createTempDirectory("unroll-trial");
    try {
      TrialContext context =
          new TrialContext(
              experiment.settings(all, assignment.chosen()),
              assignment.trial(experiment, all),
              directory,
              (fraction, message) -> {},
              threads,
              peers,
              checkpoints);
      String machine = "%s, vectors of %d bits".formatted(Provenance.processor(), Lanes.BITS);
      return Reply.of(Attempt.at(experiment, context).on(machine), directory);
    } finally {
      delete(directory);
    }
  }

  private static @Nullable String unlikeInputs(
      Assignment assignment, Experiment experiment, Settings all) {
    try {
      String inputs =
          INPUTS.computeIfAbsent(experiment.name() + all, key -> experiment.fingerprint(all));
      return inputs.equals(assignment.inputs())
          ? null
          : "reads other files than the driver does: copy the driver's to the same path there";
    } catch (RuntimeException unreadable) {
      return "cannot read what the driver reads: " + unreadable.getMessage();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
